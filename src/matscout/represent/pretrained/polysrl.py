"""Vector of a composition, trained to match all of its known structures; states how ambiguous the formula is."""

from __future__ import annotations

from matscout.represent.pretrained.composition_network import CompositionNetwork


class PolySRL(CompositionNetwork):
    """PolySRL (doi:10.48550/arXiv.2312.13289), for use: trained on 36,683 crystals, without labels.

    To measure how good it is, take ``polysrl-strict``; for weights of your own ``composition-network=RUN/artefact``.
    """

    shipped = "polysrl"

"""Vector of a composition from a network that you trained yourself, and the network's uncertainty."""

from __future__ import annotations

from typing import ClassVar

from matscout.represent.trained_composition_network import TrainedCompositionNetwork


class CompositionNetwork(TrainedCompositionNetwork):
    """The encoder of compositions of any artefact: ``composition-network=RUN/artefact``.

    ``matscout pretrain polysrl data.structures=FILE -o RUN`` makes such weights (doi:10.48550/arXiv.2312.13289), and so
    do ``infomax_3d``, ``graphcl`` and ``composition_donor``. A material with an element of which the encoder knows
    nothing is left out with the reason.

    Parameters
    ----------
    weights
        Folder of the artefact; None for weights that come with matscout, where a subclass names some.
    """

    made_by: ClassVar[str] = "polysrl data.structures=FILE -o RUN"

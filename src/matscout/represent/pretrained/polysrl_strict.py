"""As polysrl, trained without any formula of matscout's benchmarks, for honest measurements (needs torch)."""

from __future__ import annotations

from matscout.represent.pretrained.composition_network import CompositionNetwork


class PolySRLStrict(CompositionNetwork):
    """No formula of an evaluation task of this project was seen, matched on atomic fractions."""

    shipped = "polysrl-strict"

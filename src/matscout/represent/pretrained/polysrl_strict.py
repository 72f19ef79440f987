"""As polysrl, trained without a fifth of its formulas and without those of six tasks; for measuring only."""

from __future__ import annotations

from matscout.represent.pretrained.composition_network import CompositionNetwork


class PolySRLStrict(CompositionNetwork):
    """Formulas of fold 0 of ``mp_structures`` were not seen, nor those of six tasks, matched on atomic fractions.

    The tasks: experimental gaps, metal or not, metallic glasses, refractive indices, exfoliation energies and
    thermoelectrics (ESTM). Formulas of other tasks may have been seen: :meth:`seen` tells.
    """

    shipped = "polysrl-strict"

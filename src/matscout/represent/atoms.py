"""What the descriptors of DScribe have in common: crystals as its atoms, and the elements that it is asked about."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.data.elements import SYMBOLS
from matscout.represent.structure_representation import StructureRepresentation

HEAVIEST = 94
"""Plutonium: beyond it there is no vector."""


class AtomsRepresentation(StructureRepresentation):
    """A descriptor of ordered crystals of the elements up to plutonium."""

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = False
    packages: ClassVar[tuple[str, ...]] = ("dscribe", "ase")
    extra: ClassVar[str] = "descriptors"

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        reasons = super()._reasons(crystals)
        owners = crystals.owners[crystals.site_of_species]
        for entry in np.flatnonzero(crystals.atomic_numbers > HEAVIEST):
            reasons[owners[entry]] = reasons[owners[entry]] or (
                f"{self.name} is not defined for {SYMBOLS[crystals.atomic_numbers[entry] - 1]}",
                f"remove materials with elements heavier than {SYMBOLS[HEAVIEST - 1]}",
            )
        return reasons

"""Crystals as ASE has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.crystal.crystals import Crystals

if TYPE_CHECKING:
    from ase import Atoms


def ase_atoms(crystals: Crystals, row: int) -> Atoms:
    """One ordered crystal as ASE has it."""
    from ase import Atoms

    sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
    return Atoms(
        numbers=crystals.atomic_numbers[sites],
        scaled_positions=crystals.fractional[sites],
        cell=crystals.lattices[row],
        pbc=crystals.pbc[row],
    )

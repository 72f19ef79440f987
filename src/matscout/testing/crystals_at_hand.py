"""Crystals for tests of what is trained on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures

if TYPE_CHECKING:
    from matscout.represent.crystal_batches import CrystalBatch
    from matscout.represent.crystal_store import CrystalStore

FLUORITE = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.5), ["Ca", "F"], [[0, 0, 0], [0.25, 0.25, 0.25]])
"""Calcium fluoride."""


def random_structures(count: int, seed: int = 0) -> list[Structure]:
    """Low symmetry, 2 to 8 sites, every pair at least 1 Å apart."""
    rng = np.random.default_rng(seed)
    made: list[Structure] = []
    while len(made) < count:
        lattice = Lattice.from_parameters(*rng.uniform(4, 7, 3), *rng.uniform(70, 110, 3))
        symbols = rng.choice(["Li", "O", "Si", "Fe", "Sr", "Cl"], rng.integers(2, 9))
        structure = Structure(lattice, symbols, rng.random((len(symbols), 3)))
        if structure.is_valid(1.0) and len(set(symbols)) > 1:
            made.append(structure)
    return made


def store_of(
    structures: list[Structure], labels: NDArray[np.float32] | None = None, *, merged: bool = True
) -> CrystalStore:
    """With their nearest 12 neighbours."""
    from matscout.represent.crystal_store import CrystalStore

    crystals = Crystals.from_structures(Structures.from_pymatgen(structures))
    return CrystalStore.from_crystals(crystals, "nearest", 12, labels, merged=merged)


def batch_of(structures: list[Structure], labels: NDArray[np.float32] | None = None) -> CrystalBatch:
    """One batch of all."""
    return store_of(structures, labels).batch(np.arange(len(structures)))

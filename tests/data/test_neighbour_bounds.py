"""Bounds of the neighbour search, against the pairs that are there."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.data.neighbour_bounds import MOST_PAIRS, pairs_to_expect, searchable_cutoff
from matscout.data.structure_checks import check
from matscout.data.structures import Structures

pytestmark = pytest.mark.small


@pytest.mark.parametrize(
    "lengths", [(900, 900, 0.12), (480, 480, 2.9), (1000, 1000, 4), (1000, 240, 2.5), (2.5, 1000, 240)]
)
def test_thin_cells_can_be_searched(lengths: tuple[float, float, float]) -> None:
    """vesin alone ends the process here; the pairs of one atom are those with its own images."""
    structures = Structures.from_pymatgen([Structure(Lattice.orthorhombic(*lengths), ["Pb"], [[0, 0, 0]])])
    cutoff = 1.5
    pairs = pairs_within(Crystals.from_structures(structures), cutoff)
    assert len(pairs.distances) == sum(2 * int(cutoff / length) for length in lengths)
    assert (pairs.distances <= cutoff).all()
    assert searchable_cutoff(structures.lattices[0], cutoff) > cutoff
    check(structures)


def test_cells_of_crystals_are_searched_as_asked() -> None:
    for length in (3.0, 30.0, 100.0):
        assert searchable_cutoff(np.eye(3) * length, 1.5) == 1.5
    assert searchable_cutoff(np.eye(3) * 500.0, 1.5) == 1.5, "thick in all directions"


def test_atoms_on_one_spot_are_refused_before_they_are_searched() -> None:
    for lattice, n in ((np.eye(3) * 50.0, 5000), (np.eye(3) * 0.5, 2000)):
        spots = np.zeros((n, 3))
        assert pairs_to_expect(spots, lattice, 1.5) > MOST_PAIRS
        crowd = Structures(lattice[None], np.array([0, n]), np.full(n, 1, dtype=np.uint8), spots, np.full(n, 1e-4))
        (fault,) = check(crowd)
        assert fault is not None and fault.fatal


def test_dense_crystals_are_far_from_the_bound() -> None:
    rng = np.random.default_rng(0)
    spread = rng.random((9900, 3))
    # Solid hydrogen under pressure has no more than 1 atom in each Å^3.
    assert pairs_to_expect(spread, np.eye(3) * 9900 ** (1 / 3), 1.5) < MOST_PAIRS / 10

"""Slabs and molecules in boxes: their own symmetry, and the cell they came in where that has vacuum enough."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.boxes import in_boxes
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.space_groups import space_group
from matscout.data.structure_objects import VACUUM
from matscout.data.structures import Structures
from matscout.represent.describing.describe import describe

OPEN = (True, True, False)


def molybdenite(height: float, pbc: tuple[bool, bool, bool] = OPEN) -> Structure:
    """One layer in the middle of a cell of this height, Å."""
    lattice = Lattice(Lattice.hexagonal(3.18, height).matrix, pbc=pbc)
    places = [[0, 0, 0.5], [1 / 3, 2 / 3, 0.5 + 1.56 / height], [1 / 3, 2 / 3, 0.5 - 1.56 / height]]
    return Structure(lattice, ["Mo", "S", "S"], places)


def cubic_layers(count: int, pbc: tuple[bool, bool, bool] = OPEN) -> Structure:
    """Layers of a simple cubic crystal in a cell that leaves no vacuum."""
    places = [[0, 0, place / count] for place in range(count)]
    return Structure(Lattice(np.diag([3.0, 3.0, 3.0 * count]), pbc=pbc), ["Po"] * count, places)


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


@pytest.mark.parametrize("height", [3.4, 13.0, 18.0, 60.0])
def test_the_symmetry_of_a_layer_does_not_depend_on_its_vacuum(height):
    """That of 1H-MoS2, whose layer group is p-6m2."""
    assert space_group(crystals(molybdenite(height)), 0).symbol == "P-6m2"


def test_layers_that_could_be_a_crystal_are_none():
    assert space_group(crystals(cubic_layers(3, (True, True, True))), 0).symbol == "Pm-3m"
    slab = space_group(crystals(cubic_layers(3)), 0)
    assert slab.symbol == "P4/mmm"
    assert slab.unique_sites == 2


def test_cells_with_enough_vacuum_stay_and_others_get_it():
    roomy, tight, periodic = (
        crystals(molybdenite(20.0)),
        crystals(cubic_layers(3)),
        crystals(molybdenite(20, (1, 1, 1))),
    )
    for one in (roomy, periodic):
        np.testing.assert_array_equal(in_boxes(one).lattices, one.lattices)
        assert in_boxes(one).periodic.all()
    boxed = in_boxes(tight)
    assert boxed.lattices[0][2, 2] == pytest.approx(6.0 + VACUUM)
    np.testing.assert_allclose(boxed.positions, tight.positions, atol=1e-9)
    np.testing.assert_array_equal(pairs_within(boxed, 9.0).distances, pairs_within(tight, 9.0).distances)


@pytest.mark.parametrize("pbc", [(True, False, False), (False, False, False)])
def test_chains_and_molecules_see_no_images(pbc):
    rng = np.random.default_rng(3)
    one = Structure(Lattice(rng.normal(size=(3, 3)) + 4 * np.eye(3), pbc=pbc), ["C"] * 4, rng.random((4, 3)))
    given = crystals(one)
    np.testing.assert_allclose(
        np.sort(pairs_within(in_boxes(given), 9.0).distances), np.sort(pairs_within(given, 9.0).distances), atol=1e-9
    )


def test_a_slab_is_described_as_the_layer_with_its_vacuum():
    words = [describe(Structures.from_pymatgen([molybdenite(20.0, pbc)]))[0] for pbc in (OPEN, (True, True, True))]
    assert words[0] == words[1]
    assert "P-6m2" in words[0]

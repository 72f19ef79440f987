import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals, parts_by_sites
from matscout.data.structures import Structures


@pytest.fixture
def crystals() -> Crystals:
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    alloy = Structure(Lattice.cubic(3.0), [{"Cu": 0.75, "Au": 0.2}, {"O": 1.0}], [[0.5, 0.5, 0.5], [0, 0, 0]])
    return Crystals.from_structures(Structures.from_pymatgen([salt, alloy]))


def test_species_at_one_place_share_a_site_and_sites_keep_their_order(crystals):
    assert crystals.offsets.tolist() == [0, 8, 10]
    assert crystals.atomic_numbers.tolist() == [11] * 4 + [17] * 4 + [29, 79, 8]
    assert crystals.site_of_species.tolist() == [*range(8), 8, 8, 9]
    assert crystals.ordered.tolist() == [True, False]
    np.testing.assert_allclose(crystals.occupied, [1.0] * 8 + [0.95, 1.0])


def test_geometry(crystals):
    np.testing.assert_allclose(crystals.volumes, [5.64**3, 27.0])
    np.testing.assert_allclose(crystals.positions[8], [1.5, 1.5, 1.5])
    assert crystals.owners.tolist() == [0] * 8 + [1] * 2


def test_a_site_has_the_mean_of_what_is_on_it(crystals):
    means = crystals.site_means(np.arange(1.0, 119.0))
    np.testing.assert_allclose(means[7:], [17.0, (0.75 * 29 + 0.2 * 79) / 0.95, 8.0])


def test_no_crystals():
    empty = Crystals.from_structures(Structures.from_pymatgen([]))
    assert len(empty) == 0
    assert empty.ordered.shape == (0,)


def test_some_of_the_crystals_in_any_order_one_of_them_twice(crystals):
    some = crystals[np.array([1, 0, 1])]
    assert some.offsets.tolist() == [0, 2, 10, 12]
    assert some.atomic_numbers.tolist() == [29, 79, 8, *[11] * 4, *[17] * 4, 29, 79, 8]
    assert some.site_of_species.tolist() == [0, 0, 1, *range(2, 10), 10, 10, 11]
    np.testing.assert_array_equal(some.occupancies[:3], some.occupancies[-3:])
    np.testing.assert_array_equal(some.fractional[:2], some.fractional[-2:])
    np.testing.assert_array_equal(some.lattices, crystals.lattices[[1, 0, 1]])
    assert len(crystals[np.zeros(0, dtype=np.int64)]) == 0


@pytest.mark.parametrize(
    ("at_once", "expected"), [(1000, [[0, 1, 2, 3]]), (10, [[0], [1, 2], [3]]), (1, [[0], [1], [2], [3]])]
)
def test_parts_hold_all_crystals_in_order_and_few_sites(crystals, at_once, expected):
    """Eight, two, eight and two sites."""
    several = crystals[np.array([0, 1, 0, 1])]
    assert [rows.tolist() for rows in parts_by_sites(np.diff(several.offsets), at_once)] == expected
    parts = several.in_parts(at_once)
    assert [len(part) for part in parts] == [len(rows) for rows in expected]
    np.testing.assert_array_equal(np.concatenate([part.lattices for part in parts]), several.lattices)
    assert several[np.zeros(0, dtype=np.int64)].in_parts(at_once) == []

"""Prototypes: equal whatever the elements, the cell and the origin; told apart as AFLOW's library does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.prototypes import MIRRORED, anonymous_formula, prototype_label
from matscout.crystal.space_groups import space_group
from matscout.data.structures import Structures


def label(structure: Structure) -> str:
    group = space_group(Crystals.from_structures(Structures.from_pymatgen([structure])), 0)
    assert group is not None
    return prototype_label(group)


def rock_salt(one: str = "Na", other: str = "Cl", edge: float = 5.6) -> Structure:
    return Structure.from_spacegroup("Fm-3m", Lattice.cubic(edge), [one, other], [[0, 0, 0], [0.5, 0.5, 0.5]])


def test_rock_salt_is_rock_salt() -> None:
    expected = "AB_cF8_225_4m-3m_4m-3m"
    assert label(rock_salt()) == expected
    assert label(rock_salt("Cl", "Na")) == expected
    assert label(rock_salt("Mg", "O", 4.2)) == expected
    assert label(rock_salt().get_primitive_structure()) == expected
    assert label(rock_salt() * (2, 1, 1)) == expected
    moved = rock_salt()
    moved.translate_sites(range(len(moved)), [0.3, 0.1, 0.77])
    assert label(moved) == expected
    turned = rock_salt()
    turned.apply_operation(_rotation())
    assert label(turned) == expected


def _rotation():
    from pymatgen.core.operations import SymmOp

    return SymmOp.from_axis_angle_and_translation([1, 2, 3], 40)


def test_other_structures_have_other_labels() -> None:
    caesium_chloride = Structure.from_spacegroup(
        "Pm-3m", Lattice.cubic(4.1), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    zinc_blende = Structure.from_spacegroup("F-43m", Lattice.cubic(5.4), ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]])
    assert len({label(rock_salt()), label(caesium_chloride), label(zinc_blende)}) == 3


@pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING")
def test_mirror_images_are_one_prototype() -> None:
    right = Structure.from_spacegroup(
        "P3_221", Lattice.hexagonal(4.9134, 5.4052), ["Si", "O"], [[0.4697, 0, 2 / 3], [0.4133, 0.2672, 0.7855]]
    )
    mirrored = Structure(right.lattice, right.species, right.frac_coords * [1, 1, -1])
    groups = {structure.get_space_group_info(angle_tolerance=5.0)[1] for structure in (right, mirrored)}
    assert groups == {152, 154}
    assert label(right) == label(mirrored)


def test_shared_sites_count_as_a_kind_of_their_own() -> None:
    mixed = Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.6), [{"Na": 0.5, "K": 0.5}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    assert label(mixed) == label(rock_salt())


def test_labels_follow_those_of_aflow() -> None:
    """Of 288 prototypes: the space group and formula of AFLOW's label, and one label for what AFLOW labels alike."""
    # It takes ten seconds to import, which every process of the tests would spend.
    from pymatgen.analysis.prototypes._data import AFLOW_PROTOTYPE_LIBRARY

    assert len(AFLOW_PROTOTYPE_LIBRARY) == 288
    groups, ours = 0, {}
    for entry in AFLOW_PROTOTYPE_LIBRARY:
        number = int(entry["tags"]["aflow"].split("_")[2])
        found = label(entry["snl"].structure)
        amounts = sorted(map(round, entry["snl"].structure.composition.values()))
        unit = math.gcd(*amounts)
        assert found.startswith(f"{anonymous_formula(tuple(amount // unit for amount in amounts))}_")
        groups += found.split("_")[2] == str(MIRRORED.get(number, number))
        ours.setdefault(entry["tags"]["aflow"], set()).add(found)
    # Four of their structures have more symmetry than their label, within 0.01 Å.
    assert groups >= 284
    assert sum(len(found) > 1 for found in ours.values()) == 0


def test_more_than_26_kinds_have_names() -> None:
    assert anonymous_formula((1, 2)) == "AB2"
    assert anonymous_formula((1,) * 27).endswith("Z(27)")


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_sites_does_not_matter(seed: int) -> None:
    spinel = Structure.from_spacegroup(
        "Fd-3m", Lattice.cubic(8.1), ["Mg", "Al", "O"], [[0.125] * 3, [0.5] * 3, [0.262] * 3]
    )
    order = np.random.default_rng(seed).permutation(len(spinel))
    assert label(Structure.from_sites([spinel[int(place)] for place in order])) == label(spinel)

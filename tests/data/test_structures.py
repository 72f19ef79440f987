"""Structures: what pymatgen holds goes in and comes out, however sites are shared."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from matscout.data.reactions import Part, Reactions
from matscout.data.structure_arrays import read_structure_arrays, write_structure_arrays
from matscout.data.structure_checks import check
from matscout.data.structure_files import read_structures
from matscout.data.structures import Structures

SPECIES = ["Fe", "Fe2+", "Fe3+", "Mn2+", "Mn4+", "O2-", "O-", "Cl-", "Li", "D", "H+"]
PLACES = [(x, y, z) for x in (0.0, 0.31) for y in (0.0, 0.47) for z in (-0.2, 0.5, 1.1)]


@st.composite
def disordered_structures(draw: st.DrawFn) -> Structure:
    """Up to six sites of up to four species, all or only a part of each filled; some at the same place."""
    lattice = Lattice.from_parameters(
        *(draw(st.floats(3, 9)) for _ in "abc"), *(draw(st.floats(70, 110)) for _ in "abc")
    )
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=6, unique=True))
    sites, positions = [], []
    for place in places:
        kinds = draw(st.lists(st.sampled_from(SPECIES), min_size=1, max_size=4, unique=True))
        weights = np.array([draw(st.integers(1, 9)) for _ in kinds], dtype=np.float64)
        shares = weights / weights.sum() * draw(st.sampled_from([1.0, 1.0, 0.75, 0.1]))
        split = draw(st.booleans())
        pieces = [dict([piece]) for piece in zip(kinds, shares, strict=True)]
        sites += pieces if split else [dict(zip(kinds, shares, strict=True))]
        positions += [place] * (len(pieces) if split else 1)
    return Structure(lattice, sites, positions)


def elements_at(structure: Structure) -> dict[tuple[float, ...], Counter[int]]:
    """Occupancy of each element at each place."""
    found: dict[tuple[float, ...], Counter[int]] = {}
    for site in structure:
        held = found.setdefault(tuple(site.frac_coords), Counter())
        for species, amount in site.species.items():
            held[species.Z] += amount
    return found


@given(st.lists(disordered_structures(), min_size=1, max_size=3))
def test_no_atom_is_lost_on_the_way_through(structures):
    store = Structures.from_pymatgen(structures)
    assert len(store) == len(structures)
    for row, given_one in enumerate(structures):
        found = store.to_pymatgen(row)
        np.testing.assert_array_equal(found.lattice.matrix, given_one.lattice.matrix)
        ours, theirs = elements_at(found), elements_at(given_one)
        assert list(ours) == list(theirs)
        for place, held in theirs.items():
            assert ours[place] == pytest.approx(held)


@given(disordered_structures())
def test_each_element_stands_once_on_a_site(structure):
    store = Structures.from_pymatgen([structure])
    entries = zip(map(tuple, store.fractional_coordinates), store.atomic_numbers, strict=True)
    assert max(Counter(entries).values()) == 1
    np.testing.assert_array_equal(store.merged().occupancies, store.occupancies)


@given(disordered_structures())
def test_arrays_that_list_each_species_are_merged_as_pymatgen_is(structure):
    entries = [(kind.Z, site.frac_coords, amount) for site in structure for kind, amount in site.species.items()]
    apart = Structures(
        structure.lattice.matrix[None],
        np.array([0, len(entries)]),
        np.array([number for number, _, _ in entries], dtype=np.uint8),
        np.array([place for _, place, _ in entries]),
        np.array([amount for _, _, amount in entries]),
    )
    ours, theirs = elements_at(apart.merged().to_pymatgen(0)), elements_at(structure)
    assert {place: pytest.approx(held) for place, held in theirs.items()} == ours


def test_mixed_valence_read_from_a_file_of_arrays(tmp_path):
    lattice, places = np.eye(3)[None] * 4.2, np.array([[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0.5]])
    store = Structures(
        lattice, np.array([0, 3]), np.array([26, 26, 8], dtype=np.uint8), places, np.array([0.33, 0.67, 1])
    )
    path = write_structure_arrays(tmp_path / "a.npz", np.array(["wustite"]), store)
    found = read_structure_arrays(path)[1]
    assert found.atomic_numbers.tolist() == [26, 8]
    assert found.occupancies.tolist() == [1, 1]


def test_mixed_valence_read_from_a_cif():
    rows = "Fe1 Fe2+ 0 0 0 0.33\nFe2 Fe3+ 0 0 0 0.67\nO1 O2- 0.5 0.5 0.5 1\n"
    cell = "".join(f"_cell_length_{axis} 4.2\n" for axis in "abc") + "".join(
        f"_cell_angle_{angle} 90\n" for angle in ("alpha", "beta", "gamma")
    )
    tags = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy")
    loop = "loop_\n" + "".join(f"_atom_site_{tag}\n" for tag in tags)
    read = read_structures([f"data_x\n{cell}_symmetry_space_group_name_H-M 'P 1'\n{loop}{rows}"])
    assert read.structures.to_pymatgen(0).composition.formula == "Fe1 O1"
    assert read.structures.to_pymatgen(0).is_ordered


def test_occupancies_with_rounding_errors_are_scaled():
    place = np.zeros((2, 3))
    store = Structures(
        np.eye(3)[None] * 4, np.array([0, 2]), np.array([26, 27], np.uint8), place, np.array([0.5, 0.53])
    )
    assert store.merged().occupancies.sum() == pytest.approx(1)
    assert store.merged().to_pymatgen(0).composition.num_atoms == pytest.approx(1)


def test_whole_atoms_on_top_of_each_other_stay_a_fault():
    store = Structures.from_pymatgen([Structure(Lattice.cubic(4), ["Fe2+", "Fe3+"], [[0, 0, 0], [0, 0, 0]])])
    (fault,) = check(store)
    assert fault.fatal
    assert fault.reason == "its atoms Fe (1) and Fe (2) are 0 Å apart"


def test_a_range_of_rows_shares_memory():
    store = Structures.from_pymatgen([Structure(Lattice.cubic(3), ["Cu"] * 2, [[0, 0, 0], [0.5] * 3])] * 4)
    part = store[1:3]
    assert part.offsets.tolist() == [0, 2, 4]
    for name, column in vars(part).items():
        assert name == "offsets" or np.shares_memory(column, getattr(store, name))
    reactions = Reactions(
        np.array(["O", "C"]), np.array([0, 1, 2]), np.array([0, 1]), np.array([0, 0]), (Part("all", "reactant"),)
    )
    assert np.shares_memory(reactions[1:].members, reactions.members)

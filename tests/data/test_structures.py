"""Structures: what pymatgen holds goes in and comes out, however sites are shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import ase
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from matscout.data.reactions.column_store import Part, Reactions
from matscout.data.structure_arrays import read_structure_arrays, write_structure_arrays
from matscout.data.structure_checks import check
from matscout.data.structure_files import read_structures
from matscout.data.structures import Structures
from matscout.errors import InputError

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
    for name, column in part.arrays.items():
        assert name == "offsets" or np.shares_memory(column, store.arrays[name])
    reactions = Reactions(
        np.array(["O", "C"]), np.array([0, 1, 2]), np.array([0, 1]), np.array([0, 0]), (Part("all", "reactant"),)
    )
    assert np.shares_memory(reactions[1:].members, reactions.members)


def random_store(seed: int, n: int, names: Sequence[str] = ("forces", "label")) -> Structures:
    """Ordered and disordered structures, some of them slabs, with charges and columns of all shapes."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 4, n)
    entries = int(sizes.sum())
    of_sites = {"forces": rng.normal(size=(entries, 3)), "label": np.array([f"X{place}" for place in range(entries)])}
    return Structures(
        rng.normal(size=(n, 3, 3)) + 4 * np.eye(3),
        np.concatenate([[0], np.cumsum(sizes)]),
        rng.integers(1, 90, entries).astype(np.uint8),
        rng.random((entries, 3)),
        np.ones(entries),
        rng.random((n, 3)) < 0.5,
        rng.integers(-2, 3, n).astype(np.float64),
        {name: of_sites[name] for name in names},
        {"stress": rng.normal(size=(n, 6)), "source": np.array([f"run {row}" for row in range(n)])},
    )


def rows_of(store: Structures) -> list[dict[str, object]]:
    """All that is known of each row, in plain values."""
    rows = []
    for row in range(len(store)):
        entries = slice(store.offsets[row], store.offsets[row + 1])
        whole = (store.lattices, store.pbc, store.charge, *store.columns.values())
        ragged = (store.atomic_numbers, store.fractional_coordinates, store.occupancies, *store.site_columns.values())
        values = [column[row].tolist() for column in whole] + [column[entries].tolist() for column in ragged]
        rows.append(dict(enumerate(values)))
    return rows


@given(st.integers(0, 99), st.data())
def test_everything_known_of_a_structure_stays_with_it(seed, data):
    """Slices, picked rows, joined parts and spread rows, against lists."""
    store = random_store(seed, 6)
    expected = rows_of(store)
    picked = data.draw(st.lists(st.integers(-6, 5), max_size=8))
    cut = data.draw(st.slices(6))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=6, max_size=6)))
    assert rows_of(store[np.array(picked, dtype=np.int64)]) == [expected[row] for row in picked]
    assert rows_of(store[cut]) == expected[cut]
    assert rows_of(store[mask]) == [row for row, chosen in zip(expected, mask, strict=True) if chosen]
    assert rows_of(Structures.joined([store[cut], store[mask]])) == rows_of(store[cut]) + rows_of(store[mask])
    rows = np.flatnonzero(mask)
    spread = store[mask].spread(rows, 6)
    assert rows_of(spread[rows]) == rows_of(store[mask])
    assert spread.present.sum() == (np.diff(store.offsets)[mask] > 0).sum()
    assert (spread.pbc[~mask].all(), spread.charge[~mask].any()) == (True, False)


@given(st.integers(0, 99))
def test_columns_that_a_part_lacks_are_blank(seed):
    one, other = random_store(seed, 4), random_store(seed + 1, 5, names=())
    joined = Structures.joined([one, other])
    here = len(one.atomic_numbers)
    np.testing.assert_array_equal(joined.site_columns["forces"][:here], one.site_columns["forces"])
    assert np.isnan(joined.site_columns["forces"][here:]).all()
    assert set(joined.site_columns["label"][here:].tolist()) <= {""}
    assert rows_of(joined[:4]) == rows_of(one)


@pytest.mark.filterwarnings("ignore:Structure charge")
@given(st.integers(0, 99))
def test_pymatgen_keeps_pbc_charges_and_columns(seed):
    store = random_store(seed, 5)
    store = store[store.present]
    objects = [store.to_pymatgen(row) for row in range(len(store))]
    for row, made in enumerate(objects):
        assert made.lattice.pbc == tuple(store.pbc[row])
        assert made.charge == store.charge[row]
        entries = slice(store.offsets[row], store.offsets[row + 1])
        np.testing.assert_array_equal(made.site_properties["forces"], store.site_columns["forces"][entries])
    assert rows_of(Structures.from_pymatgen(objects)) == rows_of(store)


@given(st.integers(0, 99))
def test_ase_keeps_pbc_charges_and_columns(seed):
    store = random_store(seed, 5)
    store = store[store.present]
    objects = [store.to_ase(row) for row in range(len(store))]
    for row, made in enumerate(objects):
        np.testing.assert_array_equal(made.pbc, store.pbc[row])
        np.testing.assert_allclose(made.get_scaled_positions(wrap=False), store.to_pymatgen(row).frac_coords, atol=1e-9)
    again = Structures.from_ase(objects)
    np.testing.assert_allclose(again.fractional_coordinates, store.fractional_coordinates, atol=1e-9)
    for name in ("lattices", "offsets", "atomic_numbers", "pbc", "charge", "occupancies"):
        np.testing.assert_array_equal(getattr(again, name), getattr(store, name))
    for columns, expected in ((again.site_columns, store.site_columns), (again.columns, store.columns)):
        assert columns.keys() == expected.keys()
        for name in columns:
            np.testing.assert_array_equal(columns[name], expected[name])


def test_what_ase_calculated_is_kept():
    from ase.calculators.singlepoint import SinglePointCalculator

    atoms = ase.Atoms("NaCl", scaled_positions=[[0, 0, 0], [0.5] * 3], cell=[4, 4, 4], pbc=True)
    atoms.calc = SinglePointCalculator(atoms, energy=-3.0, forces=np.ones((2, 3)), stress=np.arange(6.0))
    store = Structures.from_ase([atoms])
    np.testing.assert_array_equal(store.site_columns["forces"], np.ones((2, 3)))
    np.testing.assert_array_equal(store.columns["stress"], [np.arange(6.0)])
    assert store.columns["energy"].tolist() == [-3.0]


@pytest.mark.parametrize("pbc", [(True, True, False), (True, False, False), (False, False, False), (False, True, True)])
def test_missing_vectors_are_made_up_where_nothing_is_periodic(pbc):
    cell = np.where(np.array(pbc)[:, None], np.array([[3.0, 0.4, 0], [0, 3.5, 0.2], [0.1, 0, 4.0]]), 0.0)
    atoms = ase.Atoms("H2O", positions=[[0, 0, 0], [0.5, 7.0, 0.3], [-4.0, 0.2, 1.0]], cell=cell, pbc=pbc)
    store = Structures.from_ase([atoms])
    lattice = store.lattices[0]
    np.testing.assert_array_equal(lattice[np.array(pbc)], cell[np.array(pbc)])
    np.testing.assert_allclose(store.fractional_coordinates @ lattice, atoms.positions, atol=1e-9)
    assert np.linalg.det(lattice) > 0
    made_up = ~np.array(pbc)
    np.testing.assert_allclose(lattice[made_up] @ lattice[~made_up].T, 0.0, atol=1e-9)
    assert (np.ptp(store.fractional_coordinates[:, made_up], axis=0) < 1).all()


def test_ase_has_no_shared_sites():
    store = Structures.from_pymatgen([Structure(Lattice.cubic(4), [{"Fe": 0.5, "Mn": 0.5}], [[0, 0, 0]])])
    with pytest.raises(InputError, match="shared or partly occupied"):
        store.to_ase(0)


@pytest.mark.parametrize("seed", range(5))
def test_files_of_arrays_keep_everything(seed, tmp_path):
    store = random_store(seed, 5)
    path = write_structure_arrays(tmp_path / "a.npz", np.arange(5).astype(np.str_), store)
    assert rows_of(read_structure_arrays(path)[1]) == rows_of(store)


def test_plain_crystals_are_what_they_were():
    """Digests and files of crystals without charge do not know that there is more."""
    plain = Structures.from_pymatgen([Structure(Lattice.cubic(3), ["Cu"], [[0, 0, 0]])])
    names = ["lattices", "offsets", "atomic_numbers", "fractional_coordinates", "occupancies"]
    assert list(plain.arrays) == names
    assert list(Structures(*plain.arrays.values(), pbc=np.ones((1, 3), bool), charge=np.zeros(1)).arrays) == names


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pbc": np.ones((2, 3), dtype=bool)}, "do not fit 1 structures"),
        ({"site_columns": {"forces": np.ones((2, 3))}}, "forces of sites has 2 values, expected 1"),
        ({"columns": {"stress": np.ones(3)}}, "stress of structures has 3 values, expected 1"),
        ({"columns": {"count": np.ones(1, dtype=np.int64)}}, "expected float64 or text"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, object], words: str) -> None:
    plain = Structures.from_pymatgen([Structure(Lattice.cubic(3), ["Cu"], [[0, 0, 0]])])
    with pytest.raises(ValueError, match=words):
        Structures(*plain.arrays.values(), **changed)

"""The column stores: compositions, structures and materials, against plain Python models of what they hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition, Lattice, Structure

import matscout
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.errors import InputError

composition = st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.01, 100), min_size=1, max_size=5)
rows = st.lists(composition, min_size=1, max_size=8)


def dicts(store: Compositions) -> list[dict[str, float]]:
    return [store.to_dict(row) for row in range(len(store))]


@given(rows)
def test_compositions_hold_what_was_put_in(compositions):
    store = Compositions.from_dicts(compositions)
    assert dicts(store) == compositions
    assert store.lengths.tolist() == [len(row) for row in compositions]
    for row in range(len(store)):
        elements = store.elements[store.offsets[row] : store.offsets[row + 1]]
        assert (np.diff(elements.astype(int)) > 0).all()


@given(rows, st.data())
def test_compositions_are_indexed_like_a_list(compositions, data):
    store = Compositions.from_dicts(compositions)
    n = len(compositions)
    picked = data.draw(st.lists(st.integers(-n, n - 1), max_size=10))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    cut = data.draw(st.slices(n))
    assert dicts(store[np.array(picked, dtype=np.int64)]) == [compositions[row] for row in picked]
    assert dicts(store[mask]) == [row for row, chosen in zip(compositions, mask, strict=True) if chosen]
    assert dicts(store[cut]) == compositions[cut]
    assert dicts(store[cut][::-1]) == compositions[cut][::-1]


def test_slices_share_memory():
    store = Compositions.from_dicts([{"Fe": 2, "O": 3}, {"Na": 1, "Cl": 1}, {"C": 1}])
    assert np.shares_memory(store[1:].amounts, store.amounts)


@given(st.lists(rows, min_size=1, max_size=4))
def test_concatenation(parts):
    store = Compositions.concatenate([Compositions.from_dicts(part) for part in parts])
    assert dicts(store) == [row for part in parts for row in part]


@given(rows)
def test_fractions_and_the_dense_matrix(compositions):
    store = Compositions.from_dicts(compositions)
    expected = np.zeros((len(compositions), 118))
    for place, row in enumerate(compositions):
        for symbol, amount in row.items():
            expected[place, ATOMIC_NUMBERS[symbol] - 1] = amount / sum(row.values())
    np.testing.assert_allclose(store.dense(), expected, rtol=1e-12)
    np.testing.assert_allclose(np.bincount(store.rows, weights=store.fractions), 1)


@given(composition, st.floats(0.1, 1000))
def test_keys_ignore_the_size_of_the_formula_unit(amounts, factor):
    multiple = {symbol: amount * factor for symbol, amount in amounts.items()}
    fractions = np.array(list(amounts.values())) / sum(amounts.values())
    on_the_edge = np.abs(fractions * 1e5 % 1 - 0.5) < 1e-6
    one, other = Compositions.from_dicts([amounts, multiple]).keys()
    assert one == other or on_the_edge.any()


def test_keys_tell_small_differences():
    keys = Compositions.from_dicts([{"Bi": 2, "Te": 3}, {"Bi": 2, "Te": 3.001}, {"Bi": 2, "Se": 3}]).keys()
    assert len(set(keys)) == 3


def test_chemical_systems_are_alphabetical():
    store = Compositions.from_dicts([{"O": 3, "Fe": 2}, {"Na": 1, "C": 1, "O": 3}, {"Si": 1}])
    assert store.chemical_systems().tolist() == ["Fe-O", "C-Na-O", "Si"]


def test_no_compositions():
    store = Compositions.from_dicts([])
    assert len(store) == len(store.fractions) == len(store.keys()) == len(store.chemical_systems()) == 0
    assert store.dense().shape == (0, 118)
    assert len(store[:]) == len(store[[]]) == 0
    assert len(Compositions.concatenate([])) == 0


ORDERED = Structure(Lattice.from_parameters(3, 4, 5, 80, 95, 105), ["Ti", "O", "O"], [[0, 0, 0], [0.3] * 3, [0.7] * 3])
DISORDERED = Structure(Lattice.cubic(4), [{"K": 0.3, "Na": 0.6}, {"Cl-": 1}], [[0, 0, 0], [0.5, 0.5, 0.5]])
LARGE = Structure(Lattice.cubic(9), ["Si"] * 5, np.linspace(0, 0.8, 15).reshape(5, 3))
CRYSTALS = [ORDERED, DISORDERED, LARGE]


def assert_same(store: Structures, expected: list[Structure]) -> None:
    assert len(store) == len(expected)
    for row, crystal in enumerate(expected):
        plain = crystal.copy()
        plain.remove_oxidation_states()
        found = store.to_pymatgen(row)
        np.testing.assert_allclose(found.lattice.matrix, plain.lattice.matrix)
        np.testing.assert_allclose(found.frac_coords, plain.frac_coords)
        assert [site.species for site in found] == [site.species for site in plain]


def test_structures_go_in_and_come_out():
    store = Structures.from_pymatgen(CRYSTALS)
    assert_same(store, CRYSTALS)
    assert store.occupancies[3:6].tolist() == pytest.approx([0.6, 0.3, 1]) or store.occupancies[3:6].tolist() == (
        pytest.approx([0.3, 0.6, 1])
    )


@given(st.data())
def test_structures_are_indexed_like_a_list(data):
    store = Structures.from_pymatgen(CRYSTALS)
    picked = data.draw(st.lists(st.integers(-3, 2), max_size=6))
    mask = data.draw(st.lists(st.booleans(), min_size=3, max_size=3))
    cut = data.draw(st.slices(3))
    assert_same(store[np.array(picked, dtype=np.int64)], [CRYSTALS[row] for row in picked])
    assert_same(store[np.array(mask)], [crystal for crystal, chosen in zip(CRYSTALS, mask, strict=True) if chosen])
    assert_same(store[cut], CRYSTALS[cut])


def test_no_structures():
    store = Structures.from_pymatgen([])
    assert store.lattices.shape == (0, 3, 3)
    assert store.fractional_coordinates.shape == (0, 3)
    assert len(store[[]]) == 0


def test_materials_from_formulas():
    materials = Materials.from_formulas(["Fe2O3", "NaN"])
    assert materials.ids.tolist() == ["1", "2"]
    assert [material.formula for material in materials] == ["Fe2O3", "NaN"]
    assert materials.material(-1).composition == Composition("NaN")


def test_materials_from_a_bad_formula():
    with pytest.raises(InputError, match="row 2: 'Xx': unknown element"):
        Materials.from_formulas(["Fe2O3", "Xx", "Yy"])


def test_columns_of_materials_have_one_length():
    compositions = Compositions.from_dicts([{"Fe": 1}, {"Ni": 1}])
    with pytest.raises(ValueError, match="same length"):
        Materials(np.array(["1"]), np.array(["Fe", "Ni"]), compositions)
    with pytest.raises(ValueError, match="same length"):
        Materials(np.array(["1", "2"]), np.array(["Fe", "Ni"]), compositions, context={"T": np.zeros(3)})


def test_slices_of_materials_keep_columns_together():
    materials = Materials(
        np.array(["a", "b", "c"]),
        np.array(["TiO2", "K0.3Na0.6Cl", "Si5"]),
        Compositions.from_dicts([{"Ti": 1, "O": 2}, {"K": 0.3, "Na": 0.6, "Cl": 1}, {"Si": 5}]),
        Structures.from_pymatgen(CRYSTALS),
        {"temperature": np.array([300.0, 400.0, 500.0]), "route": np.array(["film", "bulk", "bulk"])},
    )
    chosen = materials[[2, 0]]
    assert chosen.ids.tolist() == ["c", "a"]
    assert chosen.context["temperature"].tolist() == [500, 300]
    assert chosen.context["route"].tolist() == ["bulk", "film"]
    assert chosen.material(1).composition == Composition("TiO2")
    assert chosen.material(1).structure == ORDERED
    assert chosen.material(0).id == "c"
    assert len(list(materials[:0])) == 0


def test_a_material_without_structure_says_so():
    material = Materials.from_formulas(["Fe2O3"]).material(0)
    with pytest.raises(AttributeError, match="1 has no structure, only the composition Fe2O3"):
        _ = material.structure


def test_a_row_that_is_not_there():
    with pytest.raises(IndexError):
        Materials.from_formulas(["Fe2O3"]).material(1)


def test_one_row_is_a_material_and_several_are_materials() -> None:
    materials = Materials.from_formulas(["GaAs", "ZnO", "NaCl"])
    assert materials[0].formula == "GaAs"
    assert materials[-1].composition.reduced_formula == "NaCl"
    assert materials[np.int64(1)].formula == "ZnO"
    assert materials[1:].formulas.tolist() == ["ZnO", "NaCl"]
    with pytest.raises(IndexError):
        materials[3]


def test_formulas_stand_for_materials_at_the_front_doors() -> None:
    materials = Materials.from_formulas(["GaAs", "ZnO"])
    vectors = matscout.embed(["GaAs", "ZnO"], "magpie").vectors
    np.testing.assert_array_equal(vectors, matscout.embed(materials, "magpie").vectors)
    labels = Dataset(Materials.from_formulas([f"Ga{n}As" for n in range(1, 13)]), {"y": Target("y", np.arange(12.0))})
    model = matscout.fit(labels, model="dummy")
    assert model.predict(["GaAs", "ZnO"], 0.5).predicted.tolist() == model.predict(materials, 0.5).predicted.tolist()
    np.testing.assert_array_equal(matscout.embed("GaAs", "magpie").vectors, vectors[:1])
    with pytest.raises(InputError, match="GaX"):
        matscout.embed(["GaX2"], "magpie")

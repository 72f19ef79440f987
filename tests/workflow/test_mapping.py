"""Maps of data sets: what is on them, what they are coloured by, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pymatgen.core import Composition, Lattice, Structure
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import matscout
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.data.reading import read, read_materials
from matscout.data.structures import Structures
from matscout.errors import InputError, UsageError
from matscout.remarks import codes
from matscout.workflow.mapping import map_materials

FORMULAS = ["LiF", "NaCl", "KBr", "RbI", "CsCl", "MgO", "CaS", "SrSe", "BaTe", "ZnO", "GaN", "GaAs"]


def frame(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"formula": FORMULAS, **columns})


def test_pca_of_magpie_equals_scikit_learn() -> None:
    dataset = read_materials(FORMULAS)
    found = map_materials(dataset, method="pca")
    vectors = matscout.embed(dataset.materials, "magpie").vectors
    vectors = vectors[:, vectors.std(axis=0) > 0]
    expected = PCA(2).fit_transform(StandardScaler().fit_transform(vectors))
    np.testing.assert_allclose(np.abs(found.projection.coordinates), np.abs(expected), atol=1e-7)
    assert found.representation == "magpie"
    assert found.rows.tolist() == list(range(12))


def test_chemistry_is_the_most_electronegative_element() -> None:
    found = map_materials(read_materials(FORMULAS), method="pca")
    shown = [found.colour.classes[int(value)] for value in found.colour.values]
    assert shown == [max(Composition(formula), key=lambda element: element.X).symbol for formula in FORMULAS]
    assert found.colour.name == "most electronegative element"


def test_the_only_target_is_the_colour_with_its_unit() -> None:
    gaps = [13.6, 8.5, None, 6.1, 8.3, 7.8, 5.4, 3.9, 3.1, 3.3, 3.4, 1.4]
    found = map_materials(read(frame(**{"band gap (eV)": gaps})), method="pca")
    assert found.colour.label == "band gap (eV)"
    np.testing.assert_array_equal(found.colour.values, np.array(gaps, dtype=float))
    assert found.table["value"].to_list() == gaps
    np.testing.assert_array_equal(found.table.select("x", "y").to_numpy(), found.projection.coordinates)
    assert found.table.columns == ["id", "formula", "x", "y", "value"]


def test_any_column_of_the_table_can_be_the_colour() -> None:
    kinds = ["a", "b", None, *("c" for _ in range(9))]
    dataset = read(
        frame(**{"gap (eV)": list(range(12)), "T (K)": ["300 K"] * 11 + ["n/a"], "kind": kinds}), target="gap"
    )
    by_kind = map_materials(dataset, method="pca", colour="Kind")
    assert (by_kind.colour.task, by_kind.colour.classes) == ("classification", ("a", "b", "c"))
    assert by_kind.table["value"].to_list() == kinds
    temperature = map_materials(dataset, method="pca", colour="t").colour
    assert temperature.label == "T (K)"
    np.testing.assert_array_equal(temperature.values, [300.0] * 11 + [np.nan])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("code", "12 different texts in 12 rows"),
        ("empty", "is empty; name another column"),
        ("colour", "the columns are formula, code, empty"),
    ],
)
def test_columns_that_are_no_colours_are_refused(column: str, message: str) -> None:
    dataset = read_materials(frame(code=[f"no{letter}" for letter in "abcdefghijkl"], empty=[None] * 12))
    with pytest.raises((InputError, UsageError), match=message):
        map_materials(dataset, method="pca", colour=column)


def test_materials_in_memory_have_no_columns() -> None:
    with pytest.raises(UsageError, match="there is no target 'gap'"):
        map_materials(Dataset(Materials.from_formulas(FORMULAS)), method="pca", colour="gap")


def test_of_large_sets_a_random_part_is_drawn_and_told() -> None:
    dataset = read_materials(FORMULAS)
    first, second, other = (map_materials(dataset, method="pca", most=7, seed=seed) for seed in (1, 1, 2))
    assert len(first) == 7
    assert first.remarks == ("7 of 12 materials, chosen at random, are on the map.",)
    assert codes(first.remarks) == ["drawn-for-the-map"]
    np.testing.assert_array_equal(first.rows, second.rows)
    assert first.rows.tolist() != other.rows.tolist()
    assert first.materials.formulas.tolist() == [FORMULAS[row] for row in first.rows]
    assert first.n_found == 12


def cells(n: int) -> list[Structure]:
    return [Structure(Lattice.cubic(4.2 + 0.1 * step), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]) for step in range(n)]


def test_structures_are_placed_by_their_structure_and_those_without_vector_are_told() -> None:
    crystals = cells(7)
    crystals[2] = Structure(Lattice.cubic(4.2), ["Mg", "O"], [[0, 0, 0], [0.01, 0, 0]])
    materials = Materials.from_formulas(["MgO"] * 7)
    dataset = Dataset(
        Materials(materials.ids, materials.formulas, materials.compositions, Structures.from_pymatgen(crystals)),
        row_numbers=np.arange(11, 18),
    )
    found = map_materials(dataset, method="pca")
    assert found.representation == "structure-basic"
    assert found.rows.tolist() == [0, 1, 3, 4, 5, 6]
    assert [problem.row for problem in found.problems if problem.dropped] == [13]
    assert codes(found.remarks) == ["not-on-the-map"]
    assert found.projection.explained is not None
    assert found.projection.explained[0] > 0.5


def test_polymorphs_need_more_than_their_composition() -> None:
    with pytest.raises(InputError, match=r"all 6 vectors are equal.*another representation"):
        map_materials(read_materials(["MgO"] * 6), method="pca")


def test_fewer_than_five_are_refused() -> None:
    with pytest.raises(InputError, match="at least 5 materials with a vector; got 3"):
        map_materials(read_materials(FORMULAS[:3]))


def test_the_public_function_saves_a_map(tmp_path: Path) -> None:
    found = matscout.map_materials(read_materials(FORMULAS), method="tsne")
    path = found.save(tmp_path / "deep" / "map.svg", width=7.0)
    assert 'width="504pt"' in path.read_text(encoding="utf-8")
    assert pl.read_csv(found.write_table(tmp_path / "map.csv"))["formula"].to_list() == FORMULAS

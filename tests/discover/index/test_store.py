"""An index of materials: what is stored, found, replaced, deleted, and found again in older versions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import lancedb
import numpy as np
import polars as pl
import pytest
from tests.represent.crystals_at_hand import random_structures

from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.data.tables import table_from_columns
from matscout.discover.index import approximate
from matscout.discover.index.approximate import make_approximate
from matscout.discover.index.conditions import whole
from matscout.discover.index.facts import facts, materials_of
from matscout.discover.index.properties import Properties, read_properties
from matscout.discover.index.queries import queries_of, query_of
from matscout.discover.index.rows import IndexRows
from matscout.discover.index.search import SearchOptions, _joined, search, search_each
from matscout.discover.index.store import Found, Index
from matscout.errors import ArtefactError, InputError, UsageError
from matscout.remarks import codes
from matscout.represent.base import Embedding
from matscout.represent.descriptors.magpie import Magpie
from matscout.represent.embedding import embed
from matscout.represent.streaming.parts import parts_of_dataset
from matscout.represent.streaming.run import write_rows
from matscout.represent.streaming.work import Recipe
from matscout.workers import in_this_process

FORMULAS = ["PbTe", "SnTe", "GeTe", "PbSe", "NaCl", "KBr", "Bi2Te3", "Bi2Se3", "SiO2", "Fe2O3", "MgO", "CaTiO3"]
NAMES = ("magpie", "elements=mat2vec")


def named(formulas: list[str]) -> Materials:
    """With ids m1, m2, ..."""
    made = Materials.from_formulas(formulas)
    return Materials(np.array([f"m{one}" for one in made.ids]), made.formulas, made.compositions)


def staged(path: Path, materials: Materials, names: tuple[str, ...] = NAMES) -> IndexRows:
    from matscout.data.dataset import Dataset

    job = IndexRows(tuple(Recipe(name) for name in names), materials.structures is not None)
    parts = parts_of_dataset(Dataset(materials))
    write_rows(parts, job, path, origin={}, runner=in_this_process)
    return job


def properties() -> Properties:
    gaps = ["0.3", "0.2", "0.6", None, *["5"] * 8]
    return read_properties(table_from_columns("t", {"Band gap (eV)": gaps}))


@pytest.fixture
def index(tmp_path: Path) -> Index:
    job = staged(tmp_path / "rows.parquet", named(FORMULAS))
    return Index.create(tmp_path / "x.index", tmp_path / "rows.parquet", job, properties(), "a table")


def cosines(name: str, sought: str) -> np.ndarray:
    """Of all materials to one, from vectors on one scale worked out here."""
    vectors = embed(Materials.from_formulas([*FORMULAS, sought]), name).vectors
    spread = vectors[:-1].std(axis=0)
    scaled = np.where(spread > 1e-9, (vectors - vectors[:-1].mean(axis=0)) / np.where(spread > 1e-9, spread, 1), 0)
    scaled = np.clip(np.nan_to_num(scaled), -3, 3)
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    return scaled[:-1] @ scaled[-1]


def found(index: Index, sought: str = "PbS", **options: object) -> pl.DataFrame:
    query = query_of(sought, Materials.from_formulas([sought]), index)
    return search(index, query, SearchOptions(**{"names": ("magpie",), **options})).table


def test_hits_are_those_of_brute_force(index: Index) -> None:
    expected = cosines("magpie", "PbS")
    hits = found(index, count=12)
    order = np.argsort(-expected)
    assert hits["formula"].to_list() == [FORMULAS[place] for place in order]
    np.testing.assert_allclose(hits["similarity"], expected[order], atol=1e-4)
    assert hits["rank"].to_list() == list(range(1, 13))


def test_conditions_hold_for_every_hit_before_any_is_chosen(index: Index) -> None:
    hits = found(index, count=3, where="band_gap > 1 AND nelements = 2")
    assert len(hits) == 3
    assert (hits["band_gap"] > 1).all()
    assert found(index, where="array_has(elements, 'Te') AND band_gap IS NULL").is_empty()
    assert found(index, where="id = 'm4'")["band_gap"].to_list() == [None]
    assert index.count("band_gap = 5") == 8
    for wrong in ("gap > 1", "band_gap >", "band_gap > 'many'"):
        with pytest.raises(UsageError, match="conditions are SQL over id, formula"):
            found(index, where=wrong)


@pytest.mark.parametrize("options", [{}, {"names": ("magpie",), "where": "nelements = 2"}, {"diversity": 0.5}])
def test_many_queries_at_once_find_what_each_finds_alone(index: Index, options: dict[str, Any]) -> None:
    formulas = ["PbS", "NaI", "GaP", "PbS"]
    queries = queries_of(formulas, Materials.from_formulas(formulas), index)
    how = SearchOptions(5, **options)
    for query, hits in zip(queries, search_each(index, queries, how), strict=True):
        assert hits.sought == query.words
        assert hits.table.equals(search(index, query, how).table)
    assert search_each(index, [], how) == []
    assert index.nearest_of_each("magpie", np.zeros((0, 3), dtype=np.float32), 5) == []


def test_several_representations_are_joined_by_rank(index: Index) -> None:
    hits = found(index, count=12, names=NAMES)
    ranks = {name: np.argsort(np.argsort(-cosines(name, "PbS"))) + 1 for name in NAMES}
    scores = {formula: sum(1 / (60 + ranks[name][place]) for name in NAMES) for place, formula in enumerate(FORMULAS)}
    np.testing.assert_allclose(hits["score"], [scores[formula] for formula in hits["formula"]])
    assert hits["score"].is_sorted(descending=True)
    assert hits["rank by elements=mat2vec"].to_list() == [
        ranks["elements=mat2vec"][FORMULAS.index(one)] for one in hits["formula"]
    ]


def test_different_hits_are_less_alike(index: Index) -> None:
    def likeness(hits: pl.DataFrame) -> float:
        vectors = index.vectors(hits["id"].to_list(), "magpie")
        return float((vectors @ vectors.T).mean())

    assert likeness(found(index, count=4, diversity=0.7)) < likeness(found(index, count=4))


def test_materials_are_added_replaced_and_deleted_and_older_versions_stay(index: Index, tmp_path: Path) -> None:
    more = Materials.from_formulas(["PbS", "InSb"])
    more = Materials(np.array(["m1", "new"]), more.formulas, more.compositions)
    job = staged(tmp_path / "more.parquet", more)
    assert index.add(tmp_path / "more.parquet", job) == 1
    assert len(index) == 13
    assert index.rows("id = 'm1'", ["formula", "band_gap"]).rows() == [("PbS", None)]
    assert found(index)["formula"][0] == "PbS"
    assert index.delete("array_has(elements, 'Te')") == 3
    assert [one.materials for one in index.versions] == [12, 13, 10]
    again = Index.open(index.where)
    assert again.about.sources == ("a table", "in memory")
    assert len(again) == 10
    first = Index.open(index.where, index.versions[0].number)
    assert len(first) == 12
    assert first.rows("id = 'm1'", ["formula"]).item() == "PbTe"
    with pytest.raises(InputError, match="has no version 9; the versions are 1, 2, 3"):
        Index.open(index.where, 9)


def test_rows_of_tables_without_ids_are_never_taken_for_one_another(tmp_path: Path) -> None:
    job = IndexRows((Recipe("magpie"),), False, "gaps.csv")
    for name, formulas in (("a", ["PbTe", "NaCl"]), ("b", ["MgO", "SiO2", "GeTe"])):
        parts = parts_of_dataset(read_materials(formulas))
        write_rows(parts, replace(job, source=name), tmp_path / f"{name}.parquet", origin={}, runner=in_this_process)
    index = Index.create(tmp_path / "x.index", tmp_path / "a.parquet", job)
    assert index.add(tmp_path / "b.parquet", job) == 3
    assert set(index.rows("id IS NOT NULL", ["id"])["id"]) == {"a:1", "a:2", "b:1", "b:2", "b:3"}


def test_marks_in_texts_are_texts(index: Index) -> None:
    assert index.count("formula = 'a;b' OR formula = '--' OR formula = 'it''s (odd'") == 0
    assert index.count("(formula = 'PbTe') OR (formula = 'SnTe')") == 2


@pytest.mark.parametrize(
    "condition",
    [
        "nelements = 2; and band_gap > 1",
        "nelements = 2 banana",
        "nelements = 2; DROP TABLE materials",
        "1 = 1) --",
        "(1 = 1",
        "1 = 1) OR (1 = 1",
        "nelements / 0 > 1",
        "array_has(elements, 3)",
        "cast(formula as int) > 3",
    ],
)
def test_a_condition_is_taken_whole_or_refused(index: Index, condition: str) -> None:
    for use in (
        index.delete,
        index.count,
        lambda told: index.rows(told, ["id"]),
        lambda told: found(index, where=told),
    ):
        with pytest.raises(UsageError, match="conditions are SQL over id, formula"):
            use(condition)
    assert len(index) == 12


def test_a_new_index_in_place_of_an_old_one_begins_anew(index: Index, tmp_path: Path) -> None:
    job = staged(tmp_path / "other.parquet", named(["MgO", "SiO2"]), ("elements=mat2vec",))
    again = Index.create(index.where, tmp_path / "other.parquet", job)
    assert [one.materials for one in again.versions] == [2]
    assert list(again.about.vectors) == ["elements=mat2vec"]
    with pytest.raises(InputError, match="has no version 3"):
        Index.open(index.where, 3)


def test_a_failed_build_leaves_the_old_index(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*told: object) -> None:
        raise OSError("no space left on device")

    job = staged(tmp_path / "other.parquet", named(["MgO", "SiO2"]))
    monkeypatch.setattr("matscout.discover.index.store._write_about", full)
    with pytest.raises(InputError, match=r"cannot be written to .*no space left on device"):
        Index.create(index.where, tmp_path / "other.parquet", job)
    assert len(Index.open(index.where)) == 12


def test_nothing_to_index_is_refused(tmp_path: Path) -> None:
    job = staged(tmp_path / "rows.parquet", named(["Og", "Ts"]), ("magpie",))
    with pytest.raises(InputError, match="nothing in here can be indexed: no material has a vector"):
        Index.create(tmp_path / "x.index", tmp_path / "rows.parquet", job, source="here")
    assert not (tmp_path / "x.index").exists()


def test_vectors_of_other_weights_are_not_mixed(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    job = IndexRows(tuple(Recipe(name) for name in NAMES), False)
    index.require_alike(job)
    index.require_alike(replace(job, recipes=tuple(replace(one, code="newer") for one in job.recipes)))
    changed = index.about.vectors["elements=mat2vec"]
    index.about.vectors["elements=mat2vec"] = replace(
        changed, standard=replace(changed.standard, mean=-changed.standard.mean)
    )
    with pytest.raises(UsageError, match="vectors by elements=mat2vec now differ"):
        index.require_alike(job)
    with pytest.raises(UsageError, match="contains formulas without structures"):
        index.require_alike(replace(job, has_structures=True))


def test_what_is_no_index_and_what_a_newer_matscout_wrote_is_refused(index: Index, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not an index; build one: matscout index build"):
        Index.open(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    newer = index.about.dumps().replace('"format": 1', '"format": 2')
    for text, words in ((newer, "which is newer than the installed version: update matscout"), ("{}", "is damaged")):
        with pytest.raises(ArtefactError, match=words):
            type(index.about).loads(text, "x.index")


def test_a_material_without_a_vector_has_a_reason_and_one_with_some_is_kept(tmp_path: Path) -> None:
    job = staged(tmp_path / "rows.parquet", Materials.from_formulas(["Fe2O3", "OgO", "NaCl", "AmO2"]))
    index = Index.create(tmp_path / "x.index", tmp_path / "rows.parquet", job)
    kept = index.rows("id IS NOT NULL", ["formula"])["formula"].to_list()
    known = {name: set(embed(Materials.from_formulas(["Fe2O3", "OgO", "NaCl", "AmO2"]), name).rows) for name in NAMES}
    assert len(kept) == len(known["magpie"] | known["elements=mat2vec"])
    assert "NaCl" in kept


def test_structures_come_back_as_they_were(tmp_path: Path) -> None:
    structures = Structures.from_pymatgen(random_structures(6))
    compositions = compositions_of(structures)
    formulas = np.array([format_formula(compositions.to_dict(row)) for row in range(6)])
    materials = Materials(np.array([f"m{row}" for row in range(6)]), formulas, compositions, structures)
    job = staged(tmp_path / "rows.parquet", materials, ("magpie", "density"))
    index = Index.create(tmp_path / "x.index", tmp_path / "rows.parquet", job)
    back = index.materials("id IN ('m4', 'm1')")
    assert back.structures is not None
    for place, name in enumerate(back.ids.tolist()):
        one, other = back.structures[[place]], structures[[int(name[1:])]]
        np.testing.assert_allclose(one.lattices, other.lattices)
        np.testing.assert_array_equal(one.atomic_numbers, other.atomic_numbers)
        np.testing.assert_allclose(one.fractional_coordinates, other.fractional_coordinates, atol=1e-6)
        np.testing.assert_allclose(one.occupancies, other.occupancies)
    assert search(index, query_of("m4", back[[0]], index)).table["similarity"][0] == pytest.approx(1)
    with pytest.raises(InputError, match="has no material 'm9'"):
        index.vectors(["m1", "m9"], "density")


def slab_and_ion(tmp_path: Path) -> IndexRows:
    """The rows of a slab and of a charged crystal."""
    structures = Structures.from_pymatgen(random_structures(2))
    structures = replace(structures, pbc=np.array([[True, True, False], [True] * 3]), charge=np.array([0.0, -1.0]))
    compositions = compositions_of(structures)
    names = np.array(["slab", "ion"])
    return staged(tmp_path / "new.parquet", Materials(names, names, compositions, structures), ("magpie",))


def test_pbc_and_charges_come_back_as_they_were(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "x.index", tmp_path / "new.parquet", slab_and_ion(tmp_path))
    back = index.materials("id IS NOT NULL")
    assert back.structures is not None
    pbc = dict(zip(back.ids, back.structures.pbc.tolist(), strict=True))
    assert pbc == {"slab": [True, True, False], "ion": [True] * 3}
    assert dict(zip(back.ids, back.structures.charge, strict=True)) == {"slab": 0.0, "ion": -1.0}


def test_an_index_without_pbc_and_charges_is_read_and_takes_them_in(tmp_path: Path) -> None:
    """As older versions wrote it."""
    structures = Structures.from_pymatgen(random_structures(3))
    compositions, names = compositions_of(structures), np.array(["a", "b", "c"])
    job = staged(tmp_path / "rows.parquet", Materials(names, names, compositions, structures), ("magpie",))
    Index.create(tmp_path / "x.index", tmp_path / "rows.parquet", job)
    lancedb.connect(tmp_path / "x.index").open_table("materials").drop_columns(["pbc", "charge"])
    old = Index.open(tmp_path / "x.index")
    assert old.materials("id = 'a'").structures.pbc.all()
    added = slab_and_ion(tmp_path)
    assert Index.open(tmp_path / "x.index").add(tmp_path / "new.parquet", added) == 2
    back = Index.open(tmp_path / "x.index").materials("id IN ('a', 'slab')")
    assert dict(zip(back.ids, back.structures.pbc.all(axis=1), strict=True)) == {"a": True, "slab": False}


@pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING")
def test_facts_are_those_of_pymatgen() -> None:
    structures = random_structures(5)
    stored = Structures.from_pymatgen(structures)
    compositions = compositions_of(stored)
    table = facts(Materials(np.array(list("abcde")), np.array(["x"] * 5), compositions, stored))
    for row, structure in enumerate(structures):
        told = table.row(row, named=True)
        assert told["nelements"] == len(structure.composition)
        assert told["elements"] == [element.symbol for element in sorted(structure.composition, key=lambda e: e.Z)]
        assert told["system"] == structure.chemical_system
        assert told["volume_per_atom"] == pytest.approx(structure.volume / structure.num_sites)
        assert (told["space_group_symbol"], told["space_group"]) == structure.get_space_group_info(angle_tolerance=5.0)
    amounts = materials_of(table).compositions
    np.testing.assert_allclose(amounts.fractions, compositions.fractions, atol=1e-5)


def test_an_approximate_search_knows_how_much_it_finds(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    elements = ["Li", "Na", "K", "Mg", "Ca", "Al", "Ga", "Ti", "Fe", "Cu", "Zn", "O", "S", "F", "Cl", "N"]
    formulas = sorted({"".join(f"{x}{rng.integers(1, 9)}" for x in rng.choice(elements, 3, False)) for _ in range(900)})
    job = staged(tmp_path / "rows.parquet", read_materials(formulas).materials, ("magpie",))
    index = Index.create(tmp_path / "x.index", tmp_path / "rows.parquet", job)
    told = make_approximate(index)
    assert set(told) == {"magpie"}
    assert set(told["magpie"]) == {10, 100}
    assert all(0.8 < share <= 1 for share in told["magpie"].values())
    again = Index.open(index.where)
    assert again.about.vectors["magpie"].recall == told["magpie"]
    remarks = search(again, query_of("MgO", Materials.from_formulas(["MgO"]), again)).remarks
    assert codes(remarks) == ["search-is-approximate"]
    exact = search(again, query_of("MgO", Materials.from_formulas(["MgO"]), again), SearchOptions(exact=True))
    assert exact.remarks == ()
    close = search(again, query_of("MgO", Materials.from_formulas(["MgO"]), again)).table
    both = close.join(exact.table, on="id", suffix=" exact")
    assert len(both) > 10
    np.testing.assert_allclose(both["similarity"], both["similarity exact"], atol=1e-6)
    # Conditions have indexes of their own; what is added later is found without.
    indexed = {column for one in again._materials.list_indices() for column in one.columns}
    assert indexed == {"id", "formula", "system", "elements", "nelements", again.about.vectors["magpie"].column}
    where = "array_has(elements, 'Mg') and nelements = 3"
    more = staged(tmp_path / "more.parquet", read_materials(["MgGaO3"]).materials, ("magpie",))
    again.add(tmp_path / "more.parquet", more)
    found = search(again, query_of("MgO", Materials.from_formulas(["MgO"]), again), SearchOptions(900, where=where))
    assert len(found) == again.count(where)
    assert "MgGaO3" in found.table["formula"].to_list()
    assert found.table["elements"].list.contains("Mg").all()
    np.testing.assert_allclose(found.table["similarity"], cosines_of(again, found.table["id"].to_list()), atol=1e-6)


def cosines_of(index: Index, ids: list[str]) -> np.ndarray:
    """To MgO, from the stored vectors."""
    sought = query_of("MgO", Materials.from_formulas(["MgO"]), index).vectors["magpie"].astype(float)
    vectors = index.vectors(ids, "magpie").astype(float)
    return vectors @ sought / np.linalg.norm(vectors, axis=1) / np.linalg.norm(sought)


def test_what_is_equal_by_one_representation_is_ordered_by_the_other() -> None:
    """Of 80 cells of one compound, all equal by composition, the one that is sought comes first."""
    ids = [f"cell {number}" for number in range(80)]
    by_composition = Found(pl.DataFrame({"id": ids[:50]}), np.ones(50))
    by_structure = Found(pl.DataFrame({"id": ids[::-1][:50]}), np.linspace(1.0, 0.5, 50))
    known = {
        "composition": dict.fromkeys(ids, 1.0),
        "structure": dict(zip(ids[::-1], np.linspace(1.0, 0.2, 80).tolist(), strict=True)),
    }
    table = _joined({"composition": by_composition, "structure": by_structure}, known)
    assert table["id"].to_list()[:3] == ["cell 79", "cell 78", "cell 77"]
    assert table.row(0, named=True)["rank by composition"] == 1
    assert table["similarity"].to_list()[:2] == [1.0, 1.0]


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan")])
def test_a_diversity_beyond_its_limits_is_refused(diversity: float) -> None:
    with pytest.raises(UsageError, match="it lies between 0 and 1"):
        SearchOptions(diversity=diversity)


def test_different_hits_by_several_representations_are_still_like_what_is_sought(index: Index) -> None:
    """A little diversity costs a little similarity, not all of it."""
    near = found(index, count=4, names=NAMES)["similarity"].mean()
    other = found(index, count=4, names=NAMES, diversity=0.1)["similarity"].mean()
    assert other > near - 0.2
    assert found(index, count=4, names=NAMES, diversity=0.3, where="formula = 'nothing'").is_empty()


def test_a_large_index_becomes_approximate_also_by_additions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate, "FROM", 300)
    formulas = [f"Na{n}Cl{m}" for n in range(1, 31) for m in range(31, 51)]
    job = IndexRows((Recipe("magpie"),), False, "salts.csv")
    sizes = {"a": formulas[:200], "b": formulas[200:420], "c": formulas[420:430], "d": formulas[430:]}
    for name, some in sizes.items():
        parts = parts_of_dataset(read_materials(some))
        write_rows(parts, replace(job, source=name), tmp_path / f"{name}.parquet", origin={}, runner=in_this_process)
    index = Index.create(tmp_path / "x.index", tmp_path / "a.parquet", job, finish=approximate.keep_approximate)
    assert index.unindexed("magpie") is None
    index.add(tmp_path / "b.parquet", job)
    approximate.keep_approximate(index)
    assert index.unindexed("magpie") == 0
    assert {*index.about.vectors["magpie"].recall} == {10, 100}
    for name, outside in (("c", 10 / 430), ("d", 0.0)):
        index.add(tmp_path / f"{name}.parquet", job)
        approximate.keep_approximate(index)
        assert index.unindexed("magpie") == pytest.approx(outside)


def test_a_build_that_fails_at_its_end_leaves_no_half_index(tmp_path: Path) -> None:
    job = IndexRows((Recipe("magpie"),), False, "gaps.csv")
    parts = parts_of_dataset(read_materials(["PbTe", "NaCl"]))
    write_rows(parts, job, tmp_path / "a.parquet", origin={}, runner=in_this_process)

    def interrupt(index: Index) -> None:
        assert len(index) == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Index.create(tmp_path / "x.index", tmp_path / "a.parquet", job, finish=interrupt)
    assert not (tmp_path / "x.index").exists()


def test_a_query_by_other_weights_is_refused(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    again = Index.open(index.where)
    right = Magpie.represent

    def noisy(self: Magpie, materials: Materials) -> Embedding:
        told = right(self, materials)
        return replace(told, vectors=told.vectors * np.random.default_rng(0).normal(size=told.vectors.shape))

    monkeypatch.setattr(Magpie, "represent", noisy)
    with pytest.raises(UsageError, match="weights have changed; build the index again"):
        query_of("PbTe", Materials.from_formulas(["PbTe"]), again)
    monkeypatch.setattr(Magpie, "represent", lambda self, materials: _shorter(right(self, materials)))
    with pytest.raises(UsageError, match="magpie now makes vectors of 5 components"):
        query_of("PbTe", Materials.from_formulas(["PbTe"]), again)


def _shorter(told: Embedding) -> Embedding:
    return replace(told, vectors=told.vectors[:, :5], columns=told.columns[:5])


def test_an_emptied_index_can_be_filled_again(index: Index, tmp_path: Path) -> None:
    job = IndexRows(tuple(Recipe(name) for name in index.about.vectors), False, "gaps.csv")
    parts = parts_of_dataset(read_materials(["PbTe", "NaCl"]))
    write_rows(parts, job, tmp_path / "a.parquet", origin={}, runner=in_this_process)
    index.delete("id IS NOT NULL")
    assert index.add(tmp_path / "a.parquet", job) == 2


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("array_length(array_repeat(id, 1000000000)) > 0", "it calls array_repeat"),
        ("length(lpad(id, 2000000000, 'x')) > 0", "it calls lpad"),
        ("length(repeat  (id, 1000000000)) > 0", "it calls repeat"),
        ("length(repeat\t\n(id, 1000000000)) > 0", "it calls repeat"),
        ('length("repeat"(id, 1000000000)) > 0', "a name in quotes"),
        ("length(`repeat` (id, 1000000000)) > 0", "a name in quotes"),
        ("array_length(range(0, 1000000000)) > 0", "it calls range"),
        ("+".join(["1"] * 2000) + " > 0", "more than 500 operators"),
        ("(" * 200 + "1" + ")" * 200 + " > 0", "brackets nested"),
    ],
)
def test_conditions_that_may_take_any_memory_are_refused(condition: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        whole(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "nelements <= 3 and array_has(elements, 'Te')",
        "formula in ('PbTe', 'Bi2Te3 (x)')",
        '"gap (eV)" > 1 and "(x)" in (1, 2) or (`gap` > 3)',
        "abs(gap - 1.3) < 0.2 or not (gap is null)",
    ],
)
def test_conditions_of_users_are_taken(condition: str) -> None:
    assert whole(condition) == f"({condition})"

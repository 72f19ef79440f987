"""Vectors of a whole source: those of a single call, whatever stopped the run in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.data.reading import read_materials
from matscout.data.structure_tables import structure_table
from matscout.represent.descriptors.density import Density
from matscout.represent.embedding import embed, make_representation
from matscout.represent.streaming.parts import Parts, parts_of_dataset
from matscout.represent.streaming.run import Runner, Written, write_rows
from matscout.represent.streaming.structure_parts import parts_of_structures, parts_of_table
from matscout.represent.streaming.work import Recipe, VectorJob, represented
from matscout.store import Store
from matscout.workers import Lost, in_processes, in_this_process

RECIPE = Recipe("density")
ORIGIN = {"source": "somewhere"}
N = 23
IN_A_PART = 5


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Rock salt in cells of different size; the fourth has its atoms on top of each other."""
    coordinates = np.tile([[0, 0, 0], [0.5, 0.5, 0.5]], (N, 1))
    coordinates[7] = [0.01, 0, 0]
    np.savez(
        tmp_path / "all.npz",
        lattice=np.eye(3) * (3.0 + np.arange(N)[:, None, None] / 10),
        n_sites=np.full(N, 2),
        atomic_number=np.tile([11, 17], N),
        frac_coords=coordinates,
    )
    return tmp_path / "all.npz"


def made(source: Path, out: Path, *, recipe: Recipe = RECIPE, runner: Runner = in_this_process) -> Written:
    return write_rows(parts_of_structures(source, IN_A_PART), VectorJob(recipe), out, origin=ORIGIN, runner=runner)


def vectors(path: Path) -> np.ndarray:
    return pl.read_parquet(path).drop("id", "formula").to_numpy()


def stopping_after(n: int):
    """A runner that is stopped like by Ctrl-C when it has done n parts."""

    def runner(function, tasks, **settings) -> Iterator:
        for done, task in enumerate(tasks):
            if done == n:
                raise KeyboardInterrupt
            yield function(task)

    return runner


def test_vectors_are_those_of_a_single_call(source, tmp_path):
    written = made(source, tmp_path / "v.parquet")
    whole = parts_of_structures(source, IN_A_PART).parts
    materials = [part.read().materials for part in whole]
    expected = np.concatenate([embed(some, "density").vectors for some in materials])
    np.testing.assert_array_equal(vectors(written.path), expected)
    table = pl.read_parquet(written.path)
    assert table["id"].to_list() == [str(row) for row in range(1, N + 1) if row != 4]
    assert set(table["formula"]) == {"NaCl"}
    assert (written.materials, written.rows, written.taken_over) == (N, N - 1, 0)
    (problem,) = written.problems
    assert problem.row == 4
    assert "Å apart" in problem.reason
    assert not (tmp_path / "v.parquet.parts").exists()


def test_a_stopped_run_goes_on_and_computes_nothing_twice(source, tmp_path):
    out = tmp_path / "v.parquet"
    with pytest.raises(KeyboardInterrupt):
        made(source, out, runner=stopping_after(3))
    assert not out.exists()
    worked: list[int] = []

    def counting(function, tasks, **settings) -> Iterator:
        for task in tasks:
            worked.append(len(task.part))
            yield function(task)

    written = made(source, out, runner=counting)
    assert worked == [5, 3]
    assert written.taken_over == 15
    in_one_go = made(source, tmp_path / "w.parquet")
    assert pl.read_parquet(out).equals(pl.read_parquet(in_one_go.path))
    assert written.problems == in_one_go.problems


def test_parts_of_another_run_are_not_taken_over(source, tmp_path):
    out = tmp_path / "v.parquet"
    with pytest.raises(KeyboardInterrupt):
        made(source, out, runner=stopping_after(1))
    for recipe, origin in ((replace(RECIPE, name="structure-basic"), ORIGIN), (RECIPE, {"source": "elsewhere"})):
        written = write_rows(
            parts_of_structures(source, IN_A_PART), VectorJob(recipe), out, origin=origin, runner=in_this_process
        )
        assert (written.rows, written.taken_over) == (N - 1, 0)
        assert vectors(out).shape[1] == make_representation(recipe.name).dim
    assert made(source, out).taken_over == 5
    assert not (tmp_path / "v.parquet.parts").exists()


def test_a_damaged_part_is_made_again(source, tmp_path):
    out = tmp_path / "v.parquet"
    with pytest.raises(KeyboardInterrupt):
        made(source, out, runner=stopping_after(3))
    first = Store(tmp_path / "v.parquet.parts").entries()[0].path / "rows.parquet"
    first.write_bytes(first.read_bytes()[:-10])
    assert made(source, out).taken_over == 10
    assert pl.read_parquet(out).equals(pl.read_parquet(made(source, tmp_path / "w.parquet").path))


def test_several_processes_write_the_same(source, tmp_path):
    several = made(source, tmp_path / "v.parquet", runner=in_processes)
    one = made(source, tmp_path / "w.parquet")
    assert pl.read_parquet(several.path).equals(pl.read_parquet(one.path))


def test_what_is_lost_costs_only_itself(source, tmp_path):
    def losing(function, tasks, **settings) -> Iterator:
        """Loses every part with the seventh structure."""
        for task in tasks:
            ids = task.part.read().materials.ids
            yield Lost(task, "it took more than 1 s") if "7" in ids else function(task)

    written = made(source, tmp_path / "v.parquet", runner=losing)
    assert pl.read_parquet(written.path)["id"].to_list() == [str(row) for row in range(1, N + 1) if row not in (4, 7)]
    assert [(problem.row, problem.value) for problem in written.problems] == [(4, "4"), (7, "7")]
    assert "it cannot be represented: it took more than 1 s" in written.problems[1].reason


def test_known_vectors_are_taken_from_the_cache(source, tmp_path, monkeypatch):
    recipe = replace(RECIPE, code="this", store=Store(tmp_path / "store"))
    first = made(source, tmp_path / "v.parquet", recipe=recipe)
    read = next(iter(parts_of_structures(source, IN_A_PART).parts)).read()
    asked: list[int] = []
    monkeypatch.setattr(Density, "represent", lambda self, materials: asked.append(len(materials)))
    known = represented(read.materials, recipe)
    assert asked == []
    np.testing.assert_array_equal(known.vectors, vectors(first.path)[:4])
    with pytest.raises(AttributeError):
        represented(read.materials, replace(recipe, code="other"))
    assert asked == [4]


@pytest.mark.parametrize("runner", [in_this_process, pytest.param(in_processes, marks=pytest.mark.slow)])
def test_materials_in_memory_give_the_same(runner, tmp_path):
    dataset = read_materials(["Fe2O3", "GaAs", "PbTe", "NaCl", "SiC", "TiO2", "LiF"])
    written = write_rows(
        parts_of_dataset(dataset, IN_A_PART),
        VectorJob(Recipe("magpie")),
        tmp_path / "v.parquet",
        origin=ORIGIN,
        runner=runner,
    )
    np.testing.assert_array_equal(vectors(written.path), embed(dataset.materials, "magpie").vectors)


def test_an_empty_source_gives_an_empty_table(tmp_path):
    nothing = Parts([], 0)
    written = write_rows(nothing, VectorJob(RECIPE), tmp_path / "v.parquet", origin=ORIGIN, runner=in_this_process)
    table = pl.read_parquet(written.path)
    assert len(table) == 0
    assert table.columns[:2] == ["id", "formula"]


def test_a_name_is_taken_once(source, tmp_path):
    with np.load(source) as stored:
        np.savez(tmp_path / "named.npz", **stored, material_id=np.array(["a", "b", "a", *map(str, range(N - 3))]))
    written = made(tmp_path / "named.npz", tmp_path / "v.parquet")
    assert pl.read_parquet(written.path)["id"].to_list()[:3] == ["a", "b", "1"]
    assert [(problem.row, problem.value) for problem in written.problems] == [(3, "a"), (4, "0")]
    assert "the name 'a' is taken by entry 1" in written.problems[0].reason
    (tmp_path / "cells").mkdir()
    poscar = "title\n1.0\n3 0 0\n0 3 0\n0 0 3\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
    for name in ("a.poscar", "a.vasp", "b.vasp"):
        (tmp_path / "cells" / name).write_text(poscar, encoding="utf-8")
    (tmp_path / "cells" / "plot.png").write_bytes(b"PNG")
    written = made(tmp_path / "cells", tmp_path / "w.parquet")
    assert pl.read_parquet(written.path)["id"].to_list() == ["a.poscar", "a.vasp", "b"]
    (remark,) = written.problems
    assert (remark.value, remark.dropped) == ("cells", False)
    assert "1 picture" in remark.reason


def test_a_cache_that_fails_costs_no_run(source, tmp_path, monkeypatch):
    def full(self, vectors):
        raise OSError("no space left on device")

    monkeypatch.setattr("matscout.represent.streaming.cache.VectorCache.put", full)
    recipe = replace(RECIPE, store=Store(tmp_path / "store"))
    assert made(source, tmp_path / "v.parquet", recipe=recipe).rows == N - 1


@pytest.fixture(params=["csv", "parquet"])
def table(request: pytest.FixtureRequest, source: Path, tmp_path: Path) -> Path:
    """The same structures as POSCAR texts in a table, with a row that holds none, one of other elements than its
    formula, and in a CSV file a ragged one.
    """
    arrays = np.load(source)
    texts = [
        "NaCl\n1.0\n" + "\n".join(" ".join(map(str, row)) for row in lattice) + "\nNa Cl\n1 1\ndirect\n" + sites
        for lattice, sites in zip(
            arrays["lattice"],
            ["\n".join(" ".join(map(str, row)) for row in pair) for pair in arrays["frac_coords"].reshape(N, 2, 3)],
            strict=True,
        )
    ]
    texts[11] = "no structure\nat all"
    written = pl.DataFrame(
        {
            "sample": [f"s{row}" for row in range(N)],
            "poscar": texts,
            "formula": ["NaCl", "KCl", None, *["NaCl"] * (N - 3)],
        }
    )
    if request.param == "parquet":
        written.write_parquet(tmp_path / "t.parquet")
        return tmp_path / "t.parquet"
    lines = written.write_csv()
    (tmp_path / "t.csv").write_text(lines.replace("s6,", "\na,b,c,d\ns6,"), encoding="utf-8")
    return tmp_path / "t.csv"


def of_table(path: Path, out: Path, runner: Runner = in_this_process) -> Written:
    return write_rows(
        parts_of_table(structure_table(path), IN_A_PART), VectorJob(RECIPE), out, origin=ORIGIN, runner=runner
    )


def test_a_table_in_parts_is_the_whole_table(table, tmp_path):
    in_parts = of_table(table, tmp_path / "v.parquet")
    dataset = read_materials(table)
    whole = write_rows(
        parts_of_dataset(dataset, IN_A_PART),
        VectorJob(RECIPE),
        tmp_path / "w.parquet",
        origin=ORIGIN,
        runner=in_this_process,
    )
    assert pl.read_parquet(in_parts.path).equals(pl.read_parquet(whole.path))
    assert in_parts.problems == tuple(sorted([*dataset.problems, *whole.problems], key=lambda problem: problem.row))
    assert in_parts.materials == dataset.provenance.n_rows == N + (table.suffix == ".csv")
    assert in_parts.rows == N - 3


def test_a_stopped_table_goes_on(table, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        of_table(table, tmp_path / "v.parquet", stopping_after(2))
    written = of_table(table, tmp_path / "v.parquet")
    assert written.taken_over >= 10
    in_one_go = of_table(table, tmp_path / "w.parquet", in_processes)
    assert pl.read_parquet(written.path).equals(pl.read_parquet(in_one_go.path))
    assert written.problems == in_one_go.problems


def test_a_row_that_is_lost_costs_only_itself(table, tmp_path):
    def losing(function, tasks, **settings) -> Iterator:
        """Loses every part with the row s7."""
        for task in tasks:
            ids = task.part.read().materials.ids
            yield Lost(task, "it took more than 1 s") if "s7" in ids else function(task)

    lost, others = of_table(table, tmp_path / "v.parquet", losing), of_table(table, tmp_path / "w.parquet")
    expected = pl.read_parquet(others.path).filter(pl.col("id") != "s7")
    assert pl.read_parquet(lost.path).equals(expected)
    (added,) = set(lost.problems) - set(others.problems)
    numbers = dict(zip(read_materials(table).materials.ids, read_materials(table).row_numbers.tolist(), strict=True))
    assert (added.row, added.value) == (numbers["s7"], "NaCl")
    assert lost.materials == others.materials

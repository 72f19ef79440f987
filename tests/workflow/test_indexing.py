"""``matscout index`` and ``matscout search`` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter
from tests.represent.crystals_at_hand import random_structures

from matscout.app.cli import run
from matscout.data.reading import read_materials
from matscout.discover.index.named import _is_text
from matscout.discover.index.store import Index
from matscout.errors import UsageError
from matscout.workflow.indexing import build_index, default_names, search_index

TABLE = """id,formula,Band gap (eV),route
a,PbTe,0.3,melt
b,SnTe,0.2,
c,GeTe,0.6,film
d,PbSe,0.27,melt
e,NaCl,8.5,
f,Bi2Te3,0.15,melt
g,XxO2,1,melt
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def index(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    where = str(tmp_path / "t.index")
    assert run(["index", "build", str(table), "-o", where, "--with", "magpie", "--with", "elements=mat2vec"]) == 0
    said = capsys.readouterr()
    assert "index of 6 materials by magpie, elements=mat2vec" in said.out
    assert "'XxO2': unknown element 'Xx'" in said.err
    return where


def test_a_table_is_built_searched_added_to_and_looked_at(
    index: str, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not list(tmp_path.glob("*.rows.parquet"))
    out = tmp_path / "hits.csv"
    asked = ["--like", "PbS", "--where", "nelements <= 3 and band_gap > 0.2", "-k", "3", "-o", str(out)]
    assert run(["search", index, *asked]) == 0
    hits = pl.read_csv(out)
    assert set(hits["formula"]) <= {"PbTe", "GeTe", "PbSe", "NaCl"}
    assert len(hits) == 3
    assert {"score", "rank by magpie", "rank by elements=mat2vec", "why", "route"} <= set(hits.columns)
    more = tmp_path / "more.csv"
    more.write_text("id,formula,Band gap (eV)\na,PbTe,0.31\nh,InSb,0.17\n", encoding="utf-8")
    assert run(["index", "add", index, str(more)]) == 0
    assert "1 materials added, 1 replaced" in capsys.readouterr().out
    assert run(["index", "delete", index, "--where", "id = 'e'"]) == 0
    assert run(["index", "info", index]) == 0
    told = capsys.readouterr().out
    for words in ("6 materials with formulas", "band_gap", "Band gap (eV)", "elements=mat2vec", "t.csv;", "more.csv"):
        assert words in told
    assert run(["search", index, "--like", "e", "--version", "1", "--with", "magpie", "-k", "1"]) == 0
    assert "NaCl" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (["--like", "not a thing"], 2, "'not a thing' is neither the id of a material in"),
        (["--like", "PbTe", "--where", "gap > 1"], 2, "No field named gap"),
        (
            ["--like", "PbTe", "--with", "elements=oliynyk"],
            2,
            "has no vector by 'elements=oliynyk' in this index, only by magpie",
        ),
        (
            ["--like", "OgTs", "--with", "magpie"],
            2,
            "has no vector by 'magpie' in this index, only by elements=mat2vec",
        ),
        (["--like", "PbTe", "--version", "7"], 1, "has no version 7; the versions are 1"),
    ],
)
def test_wrong_searches_end_in_a_sentence(
    index: str, capsys: pytest.CaptureFixture[str], asked: list[str], code: int, words: str
) -> None:
    assert run(["search", index, *asked]) == code
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ("Skutterudite", True),
        ("thermoelectric", True),
        ("what is like PbTe.Se", True),
        ("layered chalcogenide with octahedral Ti", True),
        ("PbTee", False),
        ("Nacl", False),
        ("my crystal.cif", False),
        ("PbTe2x", False),
    ],
)
def test_words_are_told_from_mistyped_formulas_and_files(like: str, expected: bool) -> None:
    assert _is_text(like) == expected


def test_what_was_read_already_is_indexed_too(index: str, table: Path, tmp_path: Path) -> None:
    read_already = build_index(read_materials(table), tmp_path / "b.index", ["magpie", "elements=mat2vec"])
    assert (
        read_already.rows("id IS NOT NULL", ["id", "formula", "band_gap"])
        .sort("id")
        .equals(Index.open(index).rows("id IS NOT NULL", ["id", "formula", "band_gap"]).sort("id"))
    )
    listed = build_index(["PbTe", "SnTe", "GeTe"], tmp_path / "c.index", ["magpie"])
    assert search_index(listed, "PbTe").table["formula"].to_list()[0] == "PbTe"


def test_each_material_of_a_file_is_sought(index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked, out = tmp_path / "asked.csv", tmp_path / "hits.csv"
    asked.write_text("id,formula\nfirst,PbS\nsecond,KCl\nthird,Zz\n", encoding="utf-8")
    assert (
        run(
            ["search", index, "--like", str(asked), "-k", "4", "--where", "band_gap < 9", "-o", str(out), "--overwrite"]
        )
        == 0
    )
    said = capsys.readouterr()
    assert "searching for each of 2 materials" in said.err
    assert "'Zz'" in said.err
    assert "NaCl (e, " in said.out
    hits = pl.read_csv(out)
    for name, formula in (("first", "PbS"), ("second", "KCl")):
        assert (
            run(
                [
                    "search",
                    index,
                    "--like",
                    formula,
                    "-k",
                    "4",
                    "--where",
                    "band_gap < 9",
                    "-o",
                    str(out),
                    "--overwrite",
                ]
            )
            == 0
        )
        assert hits.filter(sought=name).drop("sought").equals(pl.read_csv(out))


def test_a_file_of_materials_that_have_no_vector_names_one(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asked.csv").write_text("id,formula\nfirst,PbS\nsecond,Og\nthird,OgTs\n", encoding="utf-8")
    alone = str(tmp_path / "alone.index")
    assert run(["index", "build", str(tmp_path / "t.csv"), "-o", alone, "--with", "magpie"]) == 0
    assert run(["search", alone, "--like", str(tmp_path / "asked.csv")]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "the material second in" in said
    assert "has no vector of this index (magpie: " in said
    assert "(and 1 more have none)" in said


def test_a_file_of_several_materials_is_no_query_for_a_recommendation(index: str, table: Path) -> None:
    table.write_text(TABLE.replace("g,XxO2,1,melt\n", ""), encoding="utf-8")
    with pytest.raises(UsageError, match="holds 6 materials; give a file with one material"):
        search_index(index, str(table))
    # Of two, one of which cannot be read, the other is not taken for what was meant.
    table.write_text("id,formula\na,PbTe\nb,Zz\n", encoding="utf-8")
    with pytest.raises(UsageError, match="holds 2 materials; give a file with one material"):
        search_index(index, str(table))


def test_an_id_goes_before_a_formula_and_nothing_empty_is_sought(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.csv").write_text("id,formula\nS1,GaAs\nP11,NaCl\nx,SiC\ny,MgO\n", encoding="utf-8")
    where = str(tmp_path / "s.index")
    assert run(["index", "build", str(tmp_path / "s.csv"), "-o", where, "--with", "magpie"]) == 0
    out = tmp_path / "hits.csv"
    assert run(["search", where, "--like", "S1", "-k", "1", "-o", str(out)]) == 0
    assert pl.read_csv(out)["formula"].to_list() == ["GaAs"]
    assert "searching for the material S1 of the index (GaAs)" in capsys.readouterr().err
    assert run(["search", where, "--like", " "]) == 2
    assert run(["search", where, "--like", "PbTee"]) == 2
    assert run(["search", where, "--like", "S1", "-o", str(tmp_path / "hits.docx")]) == 2
    # What an earlier search found does not stay.
    assert run(["search", where, "--like", "S1", "--where", "nelements > 9", "-o", str(out), "--overwrite"]) == 0
    assert pl.read_csv(out).is_empty()


def test_a_column_that_a_search_has_too_is_kept_under_another_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.csv").write_text(
        "formula,rank,why,score,similarity\nPbTe,3,a,1,0.5\nSnTe,2,b,2,0.4\nMgO,1,c,3,0.1\n", encoding="utf-8"
    )
    where, out = str(tmp_path / "r.index"), str(tmp_path / "hits.csv")
    assert (
        run(["index", "build", str(tmp_path / "r.csv"), "-o", where, "--with", "magpie", "--with", "elements=mat2vec"])
        == 0
    )
    assert run(["search", where, "--like", "PbTe", "-o", out]) == 0
    hits = pl.read_csv(out)
    assert hits["rank"].to_list() == [1, 2, 3]
    assert hits.filter(formula="PbTe")["rank_2"].item() == 3


def test_too_many_bad_structures_are_refused_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cells").mkdir()
    for row, structure in enumerate(random_structures(2)):
        CifWriter(structure).write_file(tmp_path / "cells" / f"s{row}.cif")
    for row in range(3):
        (tmp_path / "cells" / f"b{row}.cif").write_text("data_broken\n", encoding="utf-8")
    where = tmp_path / "s.index"
    assert run(["index", "build", str(tmp_path / "cells"), "-o", str(where), "--with", "density"]) == 1
    assert "3 of 5 materials have no vector, more than the 20% allowed" in capsys.readouterr().err
    assert not where.exists()
    asked = ["index", "build", str(tmp_path / "cells"), "-o", str(where), "--with", "density", "--max-bad", "0.7"]
    assert run(asked) == 0
    (listed,) = tmp_path.glob("s.index.*.problems.csv")
    assert len(pl.read_csv(listed)) == 3


def test_a_structure_finds_itself_in_the_cell_of_the_index(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    for name, edge in (("Cu", 3.6), ("Al", 4.05), ("Ni", 3.5)):
        structure = Structure.from_spacegroup("Fm-3m", Lattice.cubic(edge), [name], [[0, 0, 0]])
        CifWriter(structure).write_file(tmp_path / "cells" / f"{name}.cif")
    where, out = str(tmp_path / "c.index"), str(tmp_path / "hits.csv")
    asked = ["--with", "sine-matrix", "--with", "lattice", "--cell", "primitive"]
    assert run(["index", "build", str(tmp_path / "cells"), "-o", where, *asked]) == 0
    like = str(tmp_path / "cells" / "Cu.cif")
    assert run(["search", where, "--like", like, "--with", "lattice", "-o", out]) == 0
    first = pl.read_csv(out).row(0, named=True)
    assert (first["id"], round(first["similarity"], 4)) == ("Cu", 1.0)


def test_an_index_is_not_written_over_other_files(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["index", "build", str(table), "-o", str(table.parent)]) == 2
    assert "contains other files, which would be lost" in capsys.readouterr().err
    where = table.parent / "t.index"
    assert run(["index", "build", str(table), "-o", str(where), "--with", "magpie"]) == 0
    (where / "notes.txt").write_text("mine", encoding="utf-8")
    assert run(["index", "build", str(table), "-o", str(where), "--with", "magpie"]) == 2
    assert "add --overwrite to replace it" in " ".join(capsys.readouterr().err.split())
    assert run(["index", "build", str(table), "-o", str(where), "--with", "magpie", "--overwrite"]) == 2
    assert "holds notes.txt besides an index; it would be lost" in " ".join(capsys.readouterr().err.split())


def test_structures_are_found_by_a_file_and_by_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    structures = random_structures(8)
    (tmp_path / "cells").mkdir()
    for row, structure in enumerate(structures):
        CifWriter(structure).write_file(tmp_path / "cells" / f"s{row}.cif")
    where = str(tmp_path / "s.index")
    names = ["--with", "magpie", "--with", "density"]
    assert run(["index", "build", str(tmp_path / "cells"), "-o", where, *names]) == 0
    like = str(tmp_path / "cells" / "s3.cif")
    out = str(tmp_path / "hits.csv")
    assert run(["search", where, "--like", like, "-k", "2", "-o", out]) == 0
    first = pl.read_csv(out).row(0, named=True)
    assert first["id"] == "s3"
    assert "the same prototype" in first["why"]
    assert (
        run(["search", where, "--like", structures[3].composition.reduced_formula, "-k", "1", "-o", out, "--overwrite"])
        == 0
    )
    assert "rank by density" not in pl.read_csv(out).columns
    assert run(["search", where, "--like", "s3", "-k", "2", "-o", out, "--overwrite"]) == 0
    assert pl.read_csv(out)["id"][0] == "s3"


def test_representations_of_structures_need_some(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["index", "build", str(table), "-o", str(tmp_path / "x"), "--with", "density"]) == 2
    assert "density needs structures" in capsys.readouterr().err
    assert default_names(has_structures=False) == ("composition-donor/vector",)
    assert default_names(has_structures=True)[1] == "crystal-properties"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of a server on this machine that speaks like S3."""
    boto3 = pytest.importorskip("boto3")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    told = {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": address,
        "AWS_ALLOW_HTTP": "true",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=address, region_name="us-east-1").create_bucket(Bucket="materials")
    yield "s3://materials"
    server.stop()


@pytest.mark.filterwarnings("ignore")
def test_object_storage_holds_the_same_index(
    bucket: str, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = f"{bucket}/t.index"
    assert run(["index", "build", str(table), "-o", where, "--with", "magpie"]) == 0
    assert run(["index", "build", str(table), "-o", str(tmp_path / "t.index"), "--with", "magpie"]) == 0
    hits = []
    for place in (where, str(tmp_path / "t.index")):
        assert run(["search", place, "--like", "PbS", "-o", str(tmp_path / "hits.csv"), "--overwrite"]) == 0
        hits.append(pl.read_csv(tmp_path / "hits.csv"))
    assert hits[0].equals(hits[1])
    assert run(["index", "add", where, str(table)]) == 0
    assert len(Index.open(where).versions) == 2
    assert run(["search", f"{bucket}/other", "--like", "PbS"]) == 1
    assert "is not an index" in capsys.readouterr().err
    assert json.loads(Index.open(where).about.dumps())["sources"] == [str(table.resolve())] * 2


def test_an_index_of_texts_is_asked_in_english(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("transformers", reason="an extra: pip install 'matscout[text]'")
    where, out = str(tmp_path / "t.index"), str(tmp_path / "hits.csv")
    assert run(["index", "build", str(table), "-o", where, "--with", "composition-text"]) == 0
    assert run(["search", where, "--like", "common salt, sodium chloride", "-k", "1", "-o", out, "--overwrite"]) == 0
    assert pl.read_csv(out)["formula"].to_list() == ["NaCl"]
    assert run(["search", where, "--like", "salt", "-k", "1"]) == 0
    capsys.readouterr()
    for mistyped in ("missing file.cif", "folder/POSCAR", "PbTee"):
        assert run(["search", where, "--like", mistyped]) == 2
        assert "is neither the id of a material" in capsys.readouterr().err


def test_ids_of_a_column_of_numbers_are_kept_and_added_ones_take_their_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [number for number in range(1, 602) if number != 300]
    made = pl.DataFrame({"id": ids, "formula": [f"Na{number}Cl" for number in range(1, 601)]})
    made.write_parquet(tmp_path / "a.parquet")
    where = str(tmp_path / "x.index")
    assert run(["index", "build", str(tmp_path / "a.parquet"), "-o", where, "--with", "magpie"]) == 0
    index = Index.open(where)
    assert set(index.rows("id IS NOT NULL", ["id"])["id"]) == {*map(str, ids)}
    made.head(3).with_columns(formula=pl.Series(["KBr", "KI", "KF"])).write_csv(tmp_path / "b.csv")
    assert run(["index", "add", where, str(tmp_path / "b.csv")]) == 0
    again = Index.open(where)
    assert len(again) == 600
    assert again.rows("id = '2'", ["formula"]).item() == "KI"
    (tmp_path / "c.csv").write_text("id,formula\n7,RbCl\n8,RbBr\n7,RbI\n")
    assert run(["index", "add", where, str(tmp_path / "c.csv")]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "c.csv:ROW, since column 'id' holds '7' in row 2 and in row 4" in told


def test_files_of_one_name_and_numbers_of_rows_are_no_names_of_materials(tmp_path: Path) -> None:
    for folder, formulas in (("a", ["PbTe", "SnTe"]), ("b", ["NaCl", "KBr"])):
        (tmp_path / folder).mkdir()
        pl.DataFrame({"formula": formulas, "rank": [1, 2]}).write_parquet(tmp_path / folder / "m.parquet")
    where = str(tmp_path / "x.index")
    assert run(["index", "build", str(tmp_path / "a" / "m.parquet"), "-o", where, "--with", "magpie"]) == 0
    assert run(["index", "add", where, str(tmp_path / "b" / "m.parquet")]) == 0
    index = Index.open(where)
    assert sorted(index.rows("id IS NOT NULL", ["formula"])["formula"]) == ["KBr", "NaCl", "PbTe", "SnTe"]
    assert "rank_2" in index.kinds


def test_hits_are_not_written_over_what_was_asked(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("formula\nPbTe\nNaCl\n", encoding="utf-8")
    assert run(["search", index, "--like", str(own), "-o", str(own)]) == 2
    assert "is the input and would be overwritten" in capsys.readouterr().err
    assert own.read_text(encoding="utf-8") == "formula\nPbTe\nNaCl\n"
    assert run(["search", index, "--like", "layered " * 60]) == 2

"""``matscout recommend`` as it is typed, and recall in Python."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter
from tests.workflow.chalcogenides import write_labels, write_shelf

import matscout
from matscout.app.cli import run
from matscout.discover.generators.recall import Recall
from matscout.discover.index.store import Index
from matscout.errors import InputError, UsageError

pytestmark = pytest.mark.usefixtures("few_trees")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """48 compounds of a metal and a chalcogen."""
    folder = tmp_path_factory.mktemp("recommend")
    write_shelf(folder / "known.csv", "twice,Pb2Te2")
    matscout.build_index(folder / "known.csv", folder / "known.index", ["magpie"])
    return str(folder / "known.index")


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path / "labels.csv")


def test_what_is_like_a_known_material_is_ranked_for_a_purpose(
    index: str, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["--like", "PbTe", "--index", index, "--labels", str(labels)]
    asked += ["--goal", "power=max", "--set", "temperature=600", "-k", "12", "--model", "gp", "--batch", "3"]
    assert run(["recommend", *asked, "--fast", "--where", "not array_has(elements, 'O')", "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "12 of the 49 materials of" in said
    assert "were recalled as most similar to PbTe, by magpie." in said
    found = pl.read_csv(out / "shortlist.csv")
    # PbTe stands twice in the index, and is what the user has: it is no find.
    assert len(found) == 12
    assert "Left out, since the candidates should be similar to these, not equal: PbTe, Pb2Te2." in said
    assert not found["formula"].is_in(["PbTe", "Pb2Te2"]).any()
    assert set(found["temperature"]) == {600.0}
    assert not found["formula"].str.contains("O").any()
    origins = dict(found.select("formula", "origin").iter_rows())
    assert "Sn instead of Pb" in origins["SnTe"]
    assert "recalled (like PbTe)" in (out / "report.html").read_text(encoding="utf-8")
    assert f"--index {index}" in (out / "report.html").read_text(encoding="utf-8")


def test_without_a_folder_the_shortlist_is_told(index: str, labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--like", "PbTe", "--like", "GaS", "--index", index, "--labels", str(labels), "--target", "kappa"]
    assert run(["recommend", *asked, "--goal", "min", "--model", "gp", "--fast", "-k", "8", "--require", ""]) == 0
    said = capsys.readouterr().out
    assert "most similar to PbTe, GaS" in said
    assert "the best of each chemical system" in said


def test_recall_joins_what_is_like_each_of_several(index: str) -> None:
    found = Recall(index, ("PbTe", "LiO"), count=8).candidates()
    assert len(found) == 8
    likes = [origin.split(" (")[0] for origin in found.origins.tolist()]
    assert set(likes) == {"like PbTe", "like LiO"}
    assert not {"Pb-Te", "twice", "Li-O"} & set(found.materials.ids.tolist())
    one = Recall(index, "PbTe", count=8).candidates()
    searched = matscout.search_index(Index.open(index), "PbTe", k=10).table["id"].to_list()
    assert set(searched[:2]) == {"Pb-Te", "twice"}
    assert one.materials.ids.tolist() == searched[2:]


def test_other_structures_of_what_is_sought_are_candidates(tmp_path: Path) -> None:
    """NaCl as rock salt (twice, one compressed), as caesium chloride and as zincblende."""
    (tmp_path / "cells").mkdir()
    kinds = {
        "rock-salt": ("Fm-3m", 5.64, [0.5] * 3),
        "compressed": ("Fm-3m", 5.3, [0.5] * 3),
        "caesium-chloride": ("Pm-3m", 3.4, [0.5] * 3),
        "zincblende": ("F-43m", 6.1, [0.25] * 3),
    }
    for name, (group, length, place) in kinds.items():
        cell = Structure.from_spacegroup(group, Lattice.cubic(length), ["Na", "Cl"], [[0] * 3, place])
        CifWriter(cell).write_file(tmp_path / "cells" / f"{name}.cif")
    matscout.build_index(tmp_path / "cells", tmp_path / "cells.index", ["density"])
    found = Recall(tmp_path / "cells.index", "rock-salt").candidates()
    assert set(found.materials.ids.tolist()) == {"caesium-chloride", "zincblende"}
    joined = Recall(tmp_path / "cells.index", ("rock-salt", "zincblende")).candidates()
    assert joined.materials.ids.tolist() == ["caesium-chloride"]
    assert "like the material" in joined.origins[0]
    with pytest.raises(InputError, match="contains only the materials of"):
        Recall(tmp_path / "cells.index", ("compressed", "zincblende", "caesium-chloride")).candidates()


@pytest.mark.parametrize(
    ("recall", "error", "words"),
    [
        ({"like": "PbTe", "where": "nelements > 5"}, InputError, "nothing in .* meets 'nelements > 5'"),
        ({"like": ()}, UsageError, "name at least one material"),
        ({"like": "PbTe", "names": ("elements=mat2vec",)}, UsageError, "has no vector by 'elements=mat2vec'"),
        ({"like": "PbTe", "count": 0}, UsageError, "0 materials were requested"),
        ({"like": "nothing"}, UsageError, "'nothing' is neither the id of a material"),
    ],
)
def test_what_cannot_be_recalled_is_told(index: str, recall: dict[str, object], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        Recall(index, **recall).candidates()  # type: ignore[arg-type]


def test_a_wrong_query_is_told_before_the_labels_are_read(
    index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--labels", str(tmp_path / "none.csv"), "--goal", "max"]
    assert run(["recommend", "--like", "PbTee", "--index", index, *asked]) == 2
    assert "'PbTee' is neither the id of a material" in capsys.readouterr().err
    assert run(["recommend", "--like", "PbTe", "--index", str(tmp_path), *asked]) == 1
    assert "is not an index; build one" in capsys.readouterr().err

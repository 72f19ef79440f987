"""Generated crystals: what is drawn, kept, counted and written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.data.reading import read_materials
from matscout.errors import InputError, UsageError
from matscout.generate.crystal_generators.random import RandomCrystals
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.generate.kept_crystals import KeptCrystals, read_drawn, write_drawn
from matscout.workflow.generating import Generated


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[Generated, Path]:
    folder = tmp_path_factory.mktemp("generated") / "out"
    return matscout.generate_crystals("LiFeO2 with 4 atoms", 5, out=folder), folder


def test_files_hold_what_was_generated(result: tuple[Generated, Path]) -> None:
    generated, folder = result
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.md", "cifs", "gallery.html", "made.json", "metrics.json", "structures.parquet"
    ]  # fmt: skip
    read = read_materials(folder / "cifs").materials
    assert read.compositions.keys().tolist() == generated.materials.compositions.keys().tolist()
    assert len(read) == 5
    table = pl.read_parquet(folder / "structures.parquet")
    assert table["rejected for"].to_list() == [""] * 5
    assert table["formula"].to_list() == ["LiFeO2"] * 5
    about = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert about["met"] == about["drawn"] == 5
    assert about["wishes"] == "formula LiFeO2; atoms 4 to 4"
    assert about["met by construction"] == ["atoms", "formula"]
    assert "| j | V.U.N. |" in (folder / "card.md").read_text(encoding="utf-8")
    page = (folder / "gallery.html").read_text(encoding="utf-8")
    assert page.count("<img") == 5
    assert "http" not in page.replace("data:image", "")
    assert not folder.with_name("out.parts").exists()


def test_symmetric_files_are_the_crystals_that_were_drawn(result: tuple[Generated, Path]) -> None:
    from pymatgen.analysis.structure_matcher import StructureMatcher

    generated, folder = result
    read = read_materials(folder / "cifs").materials.structures
    assert read is not None
    assert generated.materials.structures is not None
    for row in range(5):
        assert StructureMatcher().fit(read.to_pymatgen(row), generated.materials.structures.to_pymatgen(row))


def test_rejected_crystals_are_written_with_the_reason(result: tuple[Generated, Path]) -> None:
    folder = result[1] / "cifs"
    wishes = CrystalWishes(formula="LiFeO2", space_groups=("triclinic", "monoclinic", "orthorhombic"))
    try:
        generated = matscout.generate_crystals(wishes, 1, with_=f"folder={folder}")
    except InputError as error:
        assert "space_groups rejects all" in str(error)
        return
    assert {*generated.to_frame()["rejected for"].to_list()} <= {"", "space_groups"}


def test_batches_that_are_kept_are_not_drawn_again(tmp_path: Path) -> None:
    wishes = CrystalWishes(formula="NaCl", atoms=(2, 2))
    first = KeptCrystals(RandomCrystals(), tmp_path)
    drawn = [*first.sample(wishes, 300, seed=1)]
    again = KeptCrystals(RandomCrystals(), tmp_path)
    read = [*again.sample(wishes, 300, seed=1)]
    assert (first.taken_over, again.taken_over) == (0, 512)
    for one, other in zip(drawn, read, strict=True):
        assert np.array_equal(one.structures.fractional_coordinates, other.structures.fractional_coordinates)
        assert one.origins.tolist() == other.origins.tolist()
        assert one.conditioned == other.conditioned


def test_batches_without_orbits_come_back(tmp_path: Path) -> None:
    from dataclasses import replace

    drawn = replace(next(RandomCrystals().sample(CrystalWishes(formula="NaCl"), 3)), crystals=None)
    write_drawn(drawn, tmp_path / "one.npz")
    assert read_drawn(tmp_path / "one.npz", frozenset()).crystals is None


def test_scores_of_a_folder_count_files_that_cannot_be_read(result: tuple[Generated, Path], tmp_path: Path) -> None:
    for path in (result[1] / "cifs").iterdir():
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "broken.cif").write_text("data_x\n_cell_length_a nothing\n", encoding="utf-8")
    table = matscout.score_crystals(tmp_path, train=result[0].materials)
    assert table.n == 6
    parsable, novel = table.row("parsable").share, table.row("novel").share
    assert parsable is not None
    assert novel is not None
    assert (parsable.count, parsable.n) == (5, 6)
    assert novel.count == 0


def test_what_cannot_be_generated_is_refused() -> None:
    with pytest.raises(UsageError, match="reads a folder: write --with folder=FOLDER"):
        matscout.generate_crystals("NaCl", with_="folder")
    with pytest.raises(UsageError, match="reads no folder"):
        matscout.generate_crystals("NaCl", with_="random=here")
    with pytest.raises(UsageError, match="is not one of the crystal generators"):
        matscout.generate_crystals("NaCl", with_="randomm")
    with pytest.raises(UsageError, match="whole numbers"):
        matscout.generate_crystals("Bi2Te2.7Se0.3")

"""``matscout screen`` as it is typed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.app.chalcogenides import write_labels, write_shelf

import matscout
from matscout.app.cli import run

PLAN = """
labels: {file: labels.csv}
define: {merit: power*temperature/kappa}
set: {temperature: 600}
goal: merit=max
candidates: {file: shelf.csv}
stages:
  - rule: {exclude: [Pb]}
    reason: no lead <here>
  - similarity: {like: SnTe}
    keep: 20
  - model: {name: gp}
    keep: 8
    reason: a first look
rank: {model: gp, fast: true, batch: 2}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_labels(tmp_path / "labels.csv")
    write_shelf(tmp_path / "shelf.csv")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def test_candidates_go_through_a_funnel_to_a_shortlist(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "out"
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "stage 1, rule: 48 -> 44" in said
    assert "stage 3, model: 20 -> 8" in said
    found = pl.read_csv(out / "shortlist.csv")
    assert len(found) == 8
    assert set(found["temperature"]) == {600.0}
    page = (out / "funnel.html").read_text(encoding="utf-8")
    for words in ("48 candidates, 8 ranked", "no lead &lt;here&gt;", "rank 21 of 44, 20 pass (", "exclude: Pb"):
        assert words in page
    assert (out / "funnel.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (out / "funnel.svg").read_text(encoding="utf-8")
    lost = pl.read_csv(out / "lost.csv")
    assert lost["stage"].value_counts().sort("stage")["count"].to_list() == [4, 24, 12]
    assert "sifted (plan.yaml)" in (out / "report.html").read_text(encoding="utf-8")
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(out)]) == 0
    assert "stage 3, model: 20 -> 8 (done before)" in capsys.readouterr().out
    same = matscout.screen(folder / "plan.yaml")
    assert same.ranking.shortlist.table["formula"].to_list() == found["formula"].to_list()


def test_candidates_may_come_from_an_index_or_be_made(folder: Path) -> None:
    matscout.build_index(folder / "shelf.csv", folder / "shelf.index", ["magpie"])
    source = "candidates: {index: shelf.index, like: [SnTe, MgO], count: 30, where: nelements = 2}"
    for line, count in ((source, 30), ("candidates: {elements: [Sn, Ge, Te, Se, S], count: 40}", 40)):
        (folder / "other.yaml").write_text(PLAN.replace("candidates: {file: shelf.csv}", line), encoding="utf-8")
        passed = matscout.screen(folder / "other.yaml").ranking.candidates.passed
        assert passed[0].before == count


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("goal: merit=max", "gaol: merit=max", "has no 'gaol'; did you mean goal"),
        ("goal: merit=max\n", "", "has no section 'goal'; a funnel needs labels, goal and stages"),
        ("file: labels.csv", "fiel: labels.csv", "labels has no 'fiel'; did you mean file"),
        ("rule: {exclude: [Pb]}", "rule: {exclude: [Pb]", "is no YAML"),
        ("keep: 20", "keep: many", "stage 2 keeps 'many'; give a whole number"),
        ("  - rule: {exclude: [Pb]}", "  - reason: none", "stage 1 names no stage"),
        ("file: labels.csv", "file: labeled.csv", "did you mean labels.csv"),
        ("merit=max", "merits=max", "merits"),
        ("model: {name: gp}", "model: {name: pg}", "did you mean gp"),
        ("batch: 2", "badge: 2", "rank has no 'badge'; there are model"),
        ("batch: 2", "batch: two", "batch of rank is 'two'; a whole number is expected"),
        ("fast: true", "level: high", "level of rank is 'high'; a number is expected"),
        ("fast: true", "metric: mse", "metric of rank is 'mse'; it is mae or rmse"),
        ("fast: true", "fast: sometimes", "fast of rank is 'sometimes'; it is true or false"),
        ("{exclude: [Pb]}", "{exclude: Xx}", "'Xx' is not the symbol of an element"),
        ("{exclude: [Pb]}", "[Pb]", "stage 1, rule is ['Pb']; names with values are expected"),
    ],
)
def test_a_wrong_plan_ends_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    assert old in PLAN
    (folder / "plan.yaml").write_text(PLAN.replace(old, new), encoding="utf-8")
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(folder / "out")]) in (1, 2)
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Traceback" not in said
    assert not (folder / "out").exists()


def test_no_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(tmp_path / "none.yaml"), "-o", str(tmp_path / "out")]) == 1
    assert "there is no file or folder" in capsys.readouterr().err

"""What the labels share, through scout, recommend and screen: asked for, said, or left to the user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.app.cli import run
from matscout.app.front import scout
from matscout.data.dataset import Dataset
from matscout.data.reading import read
from matscout.discover.stages.in_domain import InDomain
from matscout.errors import InputError, UsageError
from matscout.workflow.parsing import parse_must
from matscout.workflow.results import Scouting
from matscout.workflow.search import Search, find_field, find_must

pytestmark = pytest.mark.usefixtures("few_trees")

STEP = "holds Li, as 100 % of the labels do"
SAID = "Every label holds Li (28 of 28), so candidates must, too; --must=none allows all."
ANIONS = {"F": 1.0, "Cl": 3.0, "Br": 4.0, "I": 5.0, "S": 6.0, "O": 2.0, "SCl": 6.5, "SBr": 7.0, "SI": 7.5, "OCl": 4.5}


def frame() -> pl.DataFrame:
    """Made-up electrolytes of lithium, better the softer the anion and the more of it."""
    rows = [
        {"formula": f"Li{amount}{anion}", "log conductivity": softness - 0.3 * amount + 0.05 * place}
        for place, (anion, softness) in enumerate(ANIONS.items())
        for amount in (2, 3, 4)
    ]
    return pl.DataFrame(rows[:28])


def labels() -> Dataset:
    return read(frame(), target="log conductivity")


def quick(**settings: object) -> Scouting:
    defaults = {"model": "gp", "fast": True, "n_candidates": 120, "batch": 3}
    return scout(labels(), "max", **(defaults | settings))  # type: ignore[arg-type]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    path = tmp_path / "shelf.csv"
    path.write_text("formula\nSI3Br3\nLi3SBr2\nNa3SI\nLi5SI\nLi6PS5Cl\n", encoding="utf-8")
    return path


def test_generated_candidates_hold_the_lithium_of_all_labels(tmp_path: Path) -> None:
    found = quick(watch=("SI3Br3", "Li5SI"), out=tmp_path / "out")
    assert found.ranking.must.symbols == ("Li",)
    assert found.ranking.shortlist.remarks[0] == SAID
    assert all("Li" in formula for formula in found.ranking.shortlist.table["formula"])
    # Of what was generated, nothing is thrown away for it: only the watched material is.
    assert (found.ranking.shortlist.removed_by == STEP).sum() == 1
    assert str(found.ranking.watched[0]) == f"SI3Br3: filtered out ({STEP})"
    lines = found.summary().splitlines()
    assert lines[1] == f"note: {SAID}"
    assert found.summary().count(SAID) == 1
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "containing Li" in page
    assert SAID in page
    assert STEP in page


def test_those_of_a_file_too_unless_nothing_is_asked(shelf: Path) -> None:
    ranked = set(quick(candidates=shelf).ranking.shortlist.table["formula"])
    assert ranked == {"Li3SBr2", "Li5SI", "Li6PS5Cl"}
    free = quick(candidates=shelf, must=())
    table = free.ranking.shortlist.table
    assert set(table["formula"]) == {"SI3Br3", "Li3SBr2", "Na3SI", "Li5SI", "Li6PS5Cl"}
    told = dict(table.select("formula", "reasons").iter_rows())
    assert "outside the domain (no Li, which every label holds" in told["SI3Br3"]
    assert not dict(table.select("formula", "in_domain").iter_rows())["SI3Br3"]
    assert free.ranking.shortlist.remarks[0].startswith("Every label holds Li (28 of 28): candidates without it may")
    assert "must=()" in free.command


def test_a_list_asks_for_just_these(shelf: Path) -> None:
    found = quick(candidates=shelf, must=("S", "I"))
    assert set(found.ranking.shortlist.table["formula"]) == {"SI3Br3", "Na3SI", "Li5SI"}
    funnel = dict(found.ranking.shortlist.funnel)
    assert (funnel["holds S, as asked"], funnel["holds I, as asked"]) == (5, 3)


def test_doping_is_asked_too_and_the_error_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"holds Li, as 100 % of the labels do.*must=\(\) allows all"):
        find_field(labels(), Search(dope="NaCl:K:0:0.2"))
    assert len(find_field(labels(), Search(dope="NaCl:K:0:0.2", must=())).candidates)


def test_what_the_user_leaves_out_wins() -> None:
    field = find_field(labels(), Search(exclude=("Li",), n_candidates=60))
    assert not field.must.symbols
    assert "but it is excluded" in field.must.remarks[0]
    with pytest.raises(UsageError, match="must= and exclude= both name Li"):
        find_must(labels(), Search(exclude=("Li",), must=("Li",)))
    with pytest.raises(UsageError, match="'Lithium' is not the symbol of an element; did you mean Li"):
        find_must(labels(), Search(must=("Lithium",)))


def test_with_few_labels_nothing_is_asked() -> None:
    few = read(frame().head(19), target="log conductivity")
    assert not find_must(few, Search()).symbols


@pytest.mark.parametrize(
    ("text", "symbols"), [(None, None), ("auto", None), ("none", ()), ("None ", ()), ("Li, O", ("Li", "O"))]
)
def test_the_option_is_read(text: str | None, symbols: tuple[str, ...] | None) -> None:
    assert parse_must(text) == symbols


def test_the_command_line_takes_it(shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame().write_csv(tmp_path / "labels.csv")
    asked = ["scout", str(tmp_path / "labels.csv"), "--goal", "log conductivity=max", "--candidates", str(shelf)]
    assert run([*asked, "--fast", "--must", "none", "-o", str(tmp_path / "out")]) == 0
    assert "SI3Br3" in pl.read_csv(tmp_path / "out" / "shortlist.csv")["formula"].to_list()
    capsys.readouterr()
    assert run([*asked, "--must", "Li", "--exclude", "Li", "-o", str(tmp_path / "other")]) == 2
    assert "--must and --exclude both name Li" in capsys.readouterr().err
    assert run([*asked, "--must", ",", "-o", str(tmp_path / "other")]) == 2
    assert "--must takes none, auto or elements" in capsys.readouterr().err


def test_what_is_recalled_is_asked_too(shelf: Path, tmp_path: Path) -> None:
    matscout.build_index(shelf, tmp_path / "shelf.index", ["magpie"])
    found = quick(candidates=matscout.Recall(tmp_path / "shelf.index", "Li3SI", count=5))
    assert (STEP, 3) in found.ranking.shortlist.funnel


PLAN = """
labels: {file: labels.csv, target: log conductivity}
goal: max
candidates: {file: shelf.csv}
stages:
  - similarity: {like: Li3SI, by: magpie}
    keep: 3
rank: {model: gp, fast: true, batch: 0}
"""


def test_a_funnel_spends_no_budget_on_what_is_left_out(shelf: Path, tmp_path: Path) -> None:
    frame().write_csv(tmp_path / "labels.csv")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    found = matscout.screen(tmp_path / "plan.yaml").ranking
    assert found.candidates.stages[0].before == 3
    assert set(found.shortlist.table["formula"]) == {"Li3SBr2", "Li5SI", "Li6PS5Cl"}
    assert f"2 candidates were left out before the first stage: each that is kept {STEP}." in found.candidates.remarks
    (tmp_path / "plan.yaml").write_text(PLAN.replace("batch: 0", "batch: 0, must: none"), encoding="utf-8")
    assert matscout.screen(tmp_path / "plan.yaml").ranking.candidates.stages[0].before == 5


def test_a_funnel_that_combines_other_elements_asks_for_none_of_theirs(tmp_path: Path) -> None:
    frame().write_csv(tmp_path / "labels.csv")
    source = "candidates: {elements: [Na, K, S, Cl], count: 20}"
    plan = PLAN.replace("candidates: {file: shelf.csv}", source)
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    found = matscout.screen(tmp_path / "plan.yaml").ranking
    assert len(found.shortlist) == 3


def test_the_domain_removes_what_the_user_did_not_ask_away() -> None:
    found = quick(must=(), n_candidates=400)
    lacking = np.array(["Li" not in formula for formula in found.ranking.candidates.materials.formulas])
    passed = np.isin(found.ranking.shortlist.removed_by, ["", InDomain.step])
    assert (found.ranking.shortlist.removed_by[lacking & passed] == InDomain.step).all()

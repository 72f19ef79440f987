"""``matscout screen`` as it is typed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ase import build as ase_build
from ase.calculators.lj import LennardJones
from ase.io import write
from tests.workflow.chalcogenides import write_labels, write_shelf

import matscout
from matscout.app.cli import run
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.funnel import Brief, _key
from matscout.generate.base import Candidates
from matscout.store import Store
from matscout.workflow.funnel_plan import FunnelPlan
from matscout.workflow.kind import placed_address

POTENTIAL = "tests.workflow.test_screening:potential"


def potential() -> LennardJones:
    """For every element the same."""
    return LennardJones(sigma=2.8, epsilon=0.1, rc=8.0, smooth=True)


PLAN = """
labels: {file: labels.csv}
set: {temperature: 600}
goal: power=max
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
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(out), "--overwrite"]) == 0
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
    assert "candidates" in (out / "report.html").read_text(encoding="utf-8")
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(out), "--overwrite"]) == 0
    assert "stage 3, model: 20 -> 8 (done before)" in capsys.readouterr().out
    same = matscout.screen(folder / "plan.yaml", store=Store.of_user().folder)
    assert same.ranking.shortlist.table["formula"].to_list() == found["formula"].to_list()


def test_candidates_may_come_from_an_index_or_be_made(folder: Path) -> None:
    matscout.build_index(folder / "shelf.csv", folder / "shelf.index", ["magpie"])
    source = "candidates: {index: shelf.index, like: [SnTe, MgO], count: 30, where: nelements = 2}"
    for line, count in ((source, 30), ("candidates: {elements: [Sn, Ge, Te, Se, S], count: 40}", 40)):
        (folder / "other.yaml").write_text(PLAN.replace("candidates: {file: shelf.csv}", line), encoding="utf-8")
        passed = matscout.screen(folder / "other.yaml").ranking.candidates.stages
        assert passed[0].before == count


def test_crystals_are_relaxed_and_placed_on_a_hull(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """References lie beside the funnel, wherever it is run from; and the workflow that is written runs again."""
    cells = [ase_build.bulk(pair, "rocksalt", a=size) for pair, size in (("SnTe", 6.3), ("GeTe", 6.0), ("PbSe", 4.6))]
    write(folder / "cells.extxyz", cells)
    zeros = [f"{symbol},0" for symbol in ("Sn", "Ge", "Pb", "Te", "Se")]
    (folder / "totals.csv").write_text("\n".join(["formula,energy_per_atom", *zeros]), encoding="utf-8")
    stages = f"""
  - relax: {{with: {POTENTIAL}, steps: 0}}
  - stability: {{references: totals.csv, with: {POTENTIAL}, keep_below: 1}}
"""
    before = PLAN.replace("shelf.csv", "cells.extxyz").partition("\n  - rule")[0]
    (folder / "plan.yaml").write_text(f"{before}{stages}rank: {{model: gp, fast: true}}", encoding="utf-8")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert run(["screen", "../plan.yaml", "-o", "out", "--overwrite"]) == 0
    made = pl.read_csv("out/shortlist.csv")
    assert set(made["formula"]) == {"SnTe", "GeTe"}
    assert made["e_above_hull"].to_list() == [0.0, 0.0]
    assert (made["relaxed_energy"] < 0).all()
    assert (
        "eV/atom above the hull of totals.csv, more than 1" in (folder / "elsewhere" / "out" / "lost.csv").read_text()
    )
    (again,) = Path("out").glob("*.yaml")
    assert run(["run", str(again), "-o", "again"]) == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("goal: power=max", "gaol: merit=max", "has no 'gaol'; did you mean goal"),
        ("goal: power=max\n", "", "plan.yaml needs goal"),
        ("file: labels.csv", "fiel: labels.csv", "labels has no 'fiel'; did you mean file"),
        ("rule: {exclude: [Pb]}", "rule: {exclude: [Pb]", "is not valid YAML"),
        ("keep: 20", "keep: many", "stages.2.keep is 'many'; expected a whole number from 1 or null"),
        ("  - rule: {exclude: [Pb]}", "  - keep: 5", "stages.1 names no stage"),
        ("file: labels.csv", "file: labeled.csv", "did you mean labels.csv"),
        ("power=max", "powers=max", "powers"),
        ("model: {name: gp}", "model: {name: pg}", "did you mean gp"),
        ("batch: 2", "badge: 2", "rank has no 'badge'; choose from model"),
        ("batch: 2", "batch: two", "rank.batch is 'two'; expected a whole number from 0"),
        ("fast: true", "level: high", "rank.level is 'high'; expected a number between 0 and 1"),
        ("fast: true", "metric: mse", "rank.metric is 'mse'; expected mae or rmse"),
        ("fast: true", "fast: sometimes", "rank.fast is 'sometimes'; expected true or false"),
        ("{exclude: [Pb]}", "{exclude: Xx}", "'Xx' is not the symbol of an element"),
        ("{exclude: [Pb]}", "[Pb]", "stages.1.rule is ['Pb']; expected names with values"),
        ("{exclude: [Pb]}", "{exclude: }", "exclude of the stage rule is None; expected a text or a list of texts"),
        ("{exclude: [Pb]}", "{require: 5}", "require of the stage rule is 5; expected a text or a list of texts"),
        ("{like: SnTe}", "{like: NO, by: 5}", "by of the stage similarity is 5; expected a text"),
        ("{name: gp}", "{fast: maybe}", "fast of the stage model is 'maybe'; expected true or false"),
        ("fast: true", "level: 90", "rank.level is 90; expected a number between 0 and 1"),
        (
            "file: labels.csv",
            "file: labels.csv, unit: eV",
            "labels.unit is 'eV'; expected names of columns with units, as in {gap: eV}",
        ),
        ("file: labels.csv", "file: labels.csv, target: 5", "labels.target is 5; expected a text, or a list of texts"),
        ("file: labels.csv", "file: labels.csv, max-bad: 20", "labels.max-bad is 20; expected a number from 0 to 1"),
        ("file: shelf.csv", "file: shelf.csv, elements: [Sn]", "names several sources (file and elements)"),
        ("file: shelf.csv", "like: PbTe", "candidates has 'like', which belongs to 'index'"),
        ("file: shelf.csv", "elements: [Sn, Te], count: 0", "candidates.count is 0; expected a whole number from 1"),
        ("file: shelf.csv", "index: shelf.index", "candidates needs like"),
        (
            "temperature: 600",
            "temperature: [600]",
            "set.temperature is [600]; expected a number, a range such as 300:900",
        ),
        ("rule: {exclude: [Pb]}", "rule: {exclude: [Pb]}\n    rule: {exclude: [Sn]}", "'rule' occurs twice"),
        ("goal: power=max", "goal: ''", "goal is ''; expected a goal such as"),
        ("batch: 2}", "batch: 2, order: !!timestamp 2020-02-30}", "is not valid YAML"),
    ],
)
def test_a_wrong_plan_ends_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    assert old in PLAN
    (folder / "plan.yaml").write_text(PLAN.replace(old, new), encoding="utf-8")
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(folder / "out"), "--overwrite"]) in (1, 2)
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert "Traceback" not in said
    assert not (folder / "out").exists()


def test_a_funnel_without_stages_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = PLAN[: PLAN.index("stages:")] + "stages: []\n"
    (folder / "plan.yaml").write_text(told, encoding="utf-8")
    assert run(["screen", str(folder / "plan.yaml"), "-o", str(folder / "out"), "--overwrite"]) == 2
    assert "stages is []; expected a list of stages" in capsys.readouterr().err


def test_nought_is_a_goal(folder: Path) -> None:
    (folder / "plan.yaml").write_text(PLAN.replace("power=max", "0"), encoding="utf-8")
    assert FunnelPlan.read(folder / "plan.yaml").goals == ("0",)


def labels_of(plan: FunnelPlan) -> Dataset:
    return plan.label_step().read_labels(plan.path.parent / plan.labels.file)


def test_values_are_what_they_look_like(folder: Path) -> None:
    """Ranges are no numbers to base 60, and nitrogen monoxide is no ``false``; laws make their target."""
    told = PLAN.replace("goal: power=max", "goal: [power=1:2, 'merit=max']\ndefine: {merit: power*temperature/kappa}")
    told = told.replace("600", "300:900").replace("like: SnTe", "like: NO")
    (folder / "plan.yaml").write_text(told, encoding="utf-8")
    plan = FunnelPlan.read(folder / "plan.yaml")
    assert plan.goals == ("power=1:2", "merit=max")
    assert plan.settings == {"temperature": "300:900"}
    assert plan.steps[1].settings["like"] == "NO"
    (folder / "run").mkdir()
    (folder / "plan.yaml").write_text(told.replace("{model: gp", "{model: auto-with=crystal-network=run"), "utf-8")
    assert FunnelPlan.read(folder / "plan.yaml").rank.model == "auto-with=crystal-network=run"
    assert placed_address("auto-with=crystal-network=run", folder) == f"auto-with=crystal-network={folder / 'run'}"
    assert set(labels_of(plan).targets) == {"power", "kappa", "merit"}


def test_what_is_sought_is_looked_for_beside_the_plan_and_read_anew(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "plan.yaml").write_text(PLAN.replace("like: SnTe", "like: liked.csv"), encoding="utf-8")
    monkeypatch.chdir(folder.parent)
    first = []
    for formula in ("SnTe", "MgO"):
        (folder / "liked.csv").write_text(f"formula\n{formula}\n", encoding="utf-8")
        assert run(["screen", str(folder / "plan.yaml"), "-o", str(folder / "out"), "--overwrite"]) == 0
        assert "stage 2, similarity: 44 -> 20 (done before)" not in capsys.readouterr().out
        first.append(pl.read_csv(folder / "out" / "lost.csv").filter(pl.col("stage") == 2)["formula"].to_list())
    assert first[0] != first[1]


def test_verdicts_depend_on_all_that_labels_say(folder: Path) -> None:
    plan = FunnelPlan.read(folder / "plan.yaml")
    labels = labels_of(plan)
    candidates = Candidates(Materials.from_formulas(["SnTe", "MgO"]), np.array(["a", "b"], dtype=np.str_))
    step, power = plan.steps[2], labels.targets["power"]
    doubtful = replace(power, errors=np.full(len(labels), 0.1))
    bounded = replace(power, censored=np.ones(len(labels), dtype=np.int8))
    keys = {
        _key(step, step.stage(), candidates, Brief(replace(labels, targets={"power": target}), ()))
        for target in (power, doubtful, bounded, replace(power, unit="W"))
    }
    assert len(keys) == 4


def test_no_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["screen", str(tmp_path / "none.yaml"), "-o", str(tmp_path / "out"), "--overwrite"]) == 1
    assert "there is no file or folder" in capsys.readouterr().err

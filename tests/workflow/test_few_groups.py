"""When groups are too few, against the number of groups that intervals need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matscout.app.cli import run
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.evaluation.base import ProtocolOptions
from matscout.evaluation.evaluating import make_protocol
from matscout.evaluation.plan import EvaluationPlan
from matscout.workflow.few_groups import too_few_groups

pytestmark = pytest.mark.usefixtures("few_trees")

N = 60


def dataset(groups: list[str]) -> Dataset:
    materials = Materials.from_formulas([f"Na{1 + row / 100:.2f}Cl" for row in range(N)])
    return Dataset(materials, {"gap": Target("gap", np.arange(N) / N, "eV")}, np.array(groups))


def in_turn(n_groups: int) -> Dataset:
    return dataset([f"paper {row % n_groups}" for row in range(N)])


@pytest.mark.parametrize(
    ("n_groups", "level", "enough"),
    [(3, 0.9, False), (11, 0.9, False), (12, 0.9, True), (30, 0.9, True), (12, 0.95, False), (5, 0.8, True)],
)
def test_nine_groups_to_learn_from_for_90_percent(n_groups: int, level: float, enough: bool) -> None:
    assert (too_few_groups(in_turn(n_groups), ["gap"], EvaluationPlan(level=level)) == ()) == enough


def test_the_training_parts_count_not_the_total() -> None:
    uneven = dataset(["large"] * 49 + [f"paper {row}" for row in range(11)])
    folds = make_protocol("group", ProtocolOptions()).splits(uneven, "gap", 0)
    assert uneven.groups is not None
    fewest = min(len(np.unique(uneven.groups[split.train])) for split in folds)
    (remark,) = too_few_groups(uneven, ["gap"], EvaluationPlan(level=0.95))
    assert f"there are 12, and the smallest training part of grouped folds holds {fewest}" in remark
    assert "95% for a new group need 19 in each training part" in remark


def test_without_groups_there_is_nothing_to_say() -> None:
    assert too_few_groups(replace(in_turn(3), groups=None), ["gap"], EvaluationPlan()) == ()


def test_groups_that_cannot_be_divided_are_said_to_be_so() -> None:
    (remark,) = too_few_groups(in_turn(4), ["gap"], EvaluationPlan())
    assert "there are 4, and they cannot be divided into 5 folds" in remark


def test_evaluate_sets_few_groups_aside_loudly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    path = tmp_path / "papers.csv"
    rows = [f"Na{1 + row / 100:.2f}Cl,{row / 10},paper {row % 4}" for row in range(20)]
    path.write_text("\n".join(["formula,gap (eV),paper", *rows]), encoding="utf-8")
    command = ["evaluate", str(path), "--target", "gap", "--groups", "paper", "--protocol", "group", "--n-folds", "4"]
    assert run([*command, "--model", "dummy", "--fast"]) == 0
    shown = capsys.readouterr()
    assert "THE GROUPS WERE NOT USED" in shown.err
    assert "gap (eV): kfold" in shown.out
    assert "gap (eV): group" not in shown.out

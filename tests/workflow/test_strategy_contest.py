"""``compare_strategies`` and the campaigns that are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import matscout
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.store import Store
from matscout.workflow.contest_settings import ContestSettings
from matscout.workflow.strategy_contest import StrategyContest

FORMULAS = [f"Ga{i}As{41 - i}" for i in range(1, 41)]


def labels(n: int = 40) -> Dataset:
    values = np.linspace(0, 4, n)
    return Dataset(Materials.from_formulas(FORMULAS[:n]), {"gap": Target("gap", values, "eV")})


def test_trees_beat_chance_where_the_property_follows_the_composition() -> None:
    result = matscout.compare_strategies(labels(), "max", ["trees", "random"], runs=4, batch=4, n_batches=3)
    assert result.names[0] == "trees"
    assert result.enhancement("trees") > 1.5
    assert repr(result).startswith("StrategyComparison: trees found")


def test_a_campaign_that_is_kept_is_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contest = StrategyContest.of(labels(), "max", ContestSettings(strategies=("random",), runs=2, batch=4, n_batches=2))
    store = Store(tmp_path / "store")
    parts = contest.parts(store)
    assert [part.name for part in parts] == ["random, campaign 1", "random, campaign 2"]
    assert not parts[0].is_kept()
    parts[0].make()
    assert parts[0].is_kept()
    first = contest.play(store)
    monkeypatch.setattr("matscout.discover.labelled_pool.LabelledPool.play", None)
    again = contest.play(store)
    assert (first.runs["random"] == again.runs["random"]).all()


def test_repeats_of_a_material_are_one_row() -> None:
    twice = Dataset(Materials.from_formulas(FORMULAS * 2), {"gap": Target("gap", np.tile(np.linspace(0, 4, 40), 2))})
    settings = ContestSettings(strategies=("random",), runs=2, batch=4, n_batches=2)
    assert len(StrategyContest.of(twice, "max", settings).pool) == 40


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"strategies": ["tress"]}, UsageError, "'tress' is not one of the strategies; did you mean trees"),
        ({"strategies": ["trees", "trees"]}, UsageError, "trees is named twice"),
        ({"strategies": ["trees:order=best"]}, UsageError, "there is no order 'best'"),
        ({"strategies": ["greedy:order=ei"]}, UsageError, "greedy has no option 'order'"),
        ({"batch": 30}, InputError, "batches of 30 needs at least 120 labelled rows; there are 40"),
        ({"goal": "heat=max"}, UsageError, "heat"),
    ],
)
def test_what_cannot_be_played_is_refused(asked: dict[str, object], error: type[Exception], words: str) -> None:
    arguments = {"goal": "max", "strategies": ["random"], "runs": 2, **asked}
    with pytest.raises(error, match=words):
        matscout.compare_strategies(labels(), **arguments)  # type: ignore[arg-type]


def test_all_equal_labels_are_refused() -> None:
    flat = Dataset(Materials.from_formulas(FORMULAS), {"gap": Target("gap", np.ones(40), "eV")})
    with pytest.raises(InputError, match="all labels of 'gap' are equal"):
        matscout.compare_strategies(flat, "max", ["random"], runs=2)

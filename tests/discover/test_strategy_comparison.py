"""Comparisons of strategies against brute force, simulations and cases whose outcome is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wilcoxon

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.discover.labelled_pool import Game, LabelledPool
from matscout.discover.strategy import Strategy, Turn
from matscout.discover.strategy_comparison import CHANCE, StrategyComparison

N = 60
FORMULAS = [f"Ga{i}As{N + 1 - i}" for i in range(1, N + 1)]
HIGHEST = Goal("y", np.inf, np.inf)
GAME = Game(n_start=8, batch=4, n_batches=3)


def pool_of(values: np.ndarray, goal: Goal = HIGHEST, top: float = 0.1) -> LabelledPool:
    dataset = Dataset(Materials.from_formulas(FORMULAS), {"y": Target("y", np.asarray(values, float), "eV")})
    return LabelledPool.of(dataset, "y", goal, top=top)


class KnowsTheTruth(Strategy):
    """Has the labels of all rows."""

    def __init__(self, sign: float = 1.0) -> None:
        self._truth = dict(zip(Materials.from_formulas(FORMULAS).formulas.tolist(), sign * VALUES, strict=True))

    def scores(self, turn: Turn) -> np.ndarray:
        return np.array([self._truth[formula] for formula in turn.rest.formulas.tolist()])


class Draws(Strategy):
    """A random order."""

    def scores(self, turn: Turn) -> np.ndarray:
        return np.random.default_rng(turn.seed).random(len(turn.rest))


VALUES = np.random.default_rng(3).permutation(np.arange(N) / 10)


def compared(n_runs: int = 12) -> StrategyComparison:
    pool = pool_of(VALUES)
    makers = {"oracle": KnowsTheTruth, "random": Draws, "wrong": lambda: KnowsTheTruth(-1.0)}
    runs = {name: np.array([pool.play(make, GAME, seed) for seed in range(n_runs)]) for name, make in makers.items()}
    return StrategyComparison(pool, GAME, runs, dict.fromkeys(makers, 0.0))


def test_the_best_tenth_is_wanted_with_all_that_equal_its_last() -> None:
    assert pool_of(np.arange(N)).wanted.sum() == 6
    tied = np.concatenate([np.zeros(40), np.ones(15), np.full(5, 2.0)])
    assert pool_of(tied).wanted.sum() == 20
    assert pool_of(-np.arange(N), Goal("y", -np.inf, -np.inf)).wanted.nonzero()[0].tolist() == list(range(54, 60))


def test_all_strategies_begin_with_the_same_rows() -> None:
    runs = compared().runs
    for one in runs.values():
        assert (one[:, :8] == runs["random"][:, :8]).all()
        assert all(len(set(run.tolist())) == GAME.n_measured for run in one)
    assert (runs["random"][0, :8] != runs["random"][1, :8]).any()


def test_shares_and_first_hits_are_counted_by_hand() -> None:
    result = compared()
    wanted = set(np.flatnonzero(result.pool.wanted).tolist())
    for name, runs in result.runs.items():
        for run, share, first in zip(runs.tolist(), result.shares(name), result.first_hits(name), strict=True):
            expected = [len(wanted & set(run[:n])) / 6 for n in range(8, 21)]
            assert share == pytest.approx(expected)
            place = next((step for step, row in enumerate(run, start=1) if row in wanted), np.inf)
            assert first == place


def test_the_oracle_is_the_best_and_the_wrong_one_the_worst() -> None:
    result = compared()
    assert result.names == ("oracle", "random", "wrong")
    assert "oracle found 100% of the 6 wanted rows" in result.verdict
    assert "better than all others" in result.verdict
    assert result.p_value("oracle", "random") == pytest.approx(
        wilcoxon(result.shares("oracle")[:, -1] - result.shares("random")[:, -1]).pvalue
    )


def test_chance_is_what_many_random_campaigns_find() -> None:
    pool = pool_of(VALUES)
    runs = np.array([pool.play(Draws, GAME, 0)[:8] for _ in range(1)])
    rng = np.random.default_rng(0)
    rest = np.setdiff1d(np.arange(N), runs[0])
    drawn = np.array([np.concatenate([runs[0], rng.permutation(rest)[:12]]) for _ in range(20_000)])
    result = StrategyComparison(pool, GAME, {"random": drawn}, {"random": 0.0})
    simulated = result.shares("random").mean(axis=0)
    assert result.share_by_chance == pytest.approx(simulated, abs=0.01)


def test_acceleration_is_how_much_later_chance_is_there() -> None:
    """From 8 rows with share p, chance has 1/2 after 8 + (1/2 - p) / (1 - p) * 52 rows on average."""
    result = compared()
    at_first = result.share_by_chance[0]
    by_oracle = 8 + int(np.flatnonzero(result.shares("oracle").mean(axis=0) >= 0.5)[0])
    expected = (8 + (0.5 - at_first) / (1 - at_first) * 52) / by_oracle
    assert result.acceleration("oracle", 0.5) == pytest.approx(expected)
    assert result.acceleration("wrong", 0.8) is None


def test_campaigns_without_a_hit_are_counted() -> None:
    result = compared()
    table = {row["strategy"]: row for row in result.to_frame().to_dicts()}
    never = int(np.isinf(result.first_hits("wrong")).sum())
    assert never > 0
    assert table["wrong"]["campaigns without a hit"] == never
    assert table["oracle"]["campaigns without a hit"] == 0
    assert table[CHANCE]["share found"] == pytest.approx(result.share_by_chance[-1])


def test_luck_is_not_taken_for_skill() -> None:
    """Of 20 pools on which all strategies draw, the verdict names a better one in few."""
    verdicts = []
    for seed in range(20):
        pool = pool_of(np.random.default_rng(seed).permutation(N))
        runs = {
            name: np.array([pool.play(Draws, GAME, 1000 * seed + 100 * place + run) for run in range(15)])
            for place, name in enumerate(("one", "two"))
        }
        verdicts.append(StrategyComparison(pool, GAME, runs, {"one": 0.0, "two": 0.0}).verdict)
    assert sum("No strategy is better than chance" in verdict for verdict in verdicts) >= 16


def test_every_measurement_is_in_the_table_of_campaigns() -> None:
    result = compared(3)
    table = result.campaigns()
    assert len(table) == 3 * 3 * GAME.n_measured
    last = table.filter((table["strategy"] == "oracle") & (table["step"] == GAME.n_measured))
    assert last["share found"].to_list() == [1.0, 1.0, 1.0]
    values = dict(zip(Materials.from_formulas(FORMULAS).formulas.tolist(), VALUES, strict=True))
    assert all(values[row["formula"]] == row["y (eV)"] for row in table.to_dicts())

"""A pool of labelled rows on which campaigns are played: which of its rows are wanted, and what chance would find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from matscout.data.dataset import Dataset, Target
from matscout.discover.base import Goal
from matscout.discover.goals import Aim, aim_of
from matscout.discover.strategy import Strategy, Turn
from matscout.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST_START = 8
"""Random rows to begin with at the least: a model cannot learn from fewer."""

LARGEST_SHARE = 0.5
"""At most this share of the rows is measured in the end; beyond, chance finds the best as well."""

MAX_ROWS = 1000
"""Larger data sets are represented by a random subset of this size."""


@dataclass(frozen=True)
class Game:
    """How a campaign is played.

    Parameters
    ----------
    n_start
        Random rows at the start.
    batch, n_batches
        Rows that are chosen at a time, and how often.
    """

    n_start: int
    batch: int
    n_batches: int

    @property
    def measured(self) -> Integers:
        """Rows measured so far at the start and after each batch, [n_batches + 1]."""
        return self.n_start + self.batch * np.arange(self.n_batches + 1)

    @property
    def n_measured(self) -> int:
        """Rows measured in the end."""
        return self.n_start + self.batch * self.n_batches


def fitting_game(n_rows: int, batch: int, n_batches: int) -> Game:
    """A game on so many rows; there are fewer batches if they would use up more than half of the rows.

    Raises
    ------
    InputError
        If there are too few rows for a single batch.
    """
    n_start = max(batch, FEWEST_START)
    possible = int(LARGEST_SHARE * n_rows - n_start) // batch
    if possible < 1:
        needed = int((n_start + batch) / LARGEST_SHARE)
        raise InputError(
            f"a back-test with batches of {batch} needs at least {needed} labelled rows; there are {n_rows}"
        )
    return Game(n_start, batch, min(n_batches, possible))


@dataclass(frozen=True, eq=False)
class LabelledPool:
    """Rows with labels that a campaign uncovers batch by batch.

    Parameters
    ----------
    dataset
        n rows, each with a label of the target.
    target
        The property.
    goal, aim
        What is looked for, and what counts as reaching it when all labels are known.
    wanted
        bool [n], the rows that a campaign should find.
    n_all
        Labelled rows of the table, of which the pool may be a random part.
    """

    dataset: Dataset
    target: Target
    goal: Goal
    aim: Aim
    wanted: NDArray[np.bool_]
    n_all: int = 0

    @classmethod
    def of(
        cls, dataset: Dataset, name: str | None, goal: Goal, *, seed: int = 0, top: float = 0.0, most: int = MAX_ROWS
    ) -> LabelledPool:
        """The labelled rows of a data set; a random part of them if there are more than ``most``.

        Rows that meet the goal are wanted; of an extreme ("max", "min", "absmax") the best share of the rows, and all
        that equal the last of them. Where no row meets the goal, those closest to it are wanted.

        Parameters
        ----------
        dataset, name, goal
            Labels, target and goal.
        seed
            Of the choice of rows.
        top
            The share of the rows that is wanted of an extreme; 0 for the best value only.
        most
            Rows at most.
        """
        # One scale for all campaigns: by the few values of a batch it might be another.
        labelled = dataset.on_scale(dataset.target(name).scale, name).labelled(name)
        n_all = len(labelled)
        if len(labelled) > most:
            rows = np.random.default_rng(seed).choice(len(labelled), most, replace=False)
            labelled = labelled[np.sort(rows)]
        target = labelled.target(name)
        aim = aim_of(goal, labelled)
        wanted = aim.is_met(target.values)
        if goal.is_extreme and top:
            merits = _merits(target, goal)
            wanted |= merits >= np.sort(merits)[-max(1, round(top * len(merits)))]
        if not wanted.any():
            distance = aim.distance(aim.placed(target.values))
            wanted = distance == distance.min()
        return cls(labelled, target, goal, aim, wanted, n_all)

    def __len__(self) -> int:
        return len(self.wanted)

    @property
    def merits(self) -> Floats:
        """Values on the scale of the target, larger is better, [n]; only where the goal is an extreme."""
        return _merits(self.target, self.goal)

    @property
    def is_reached(self) -> bool:
        """Whether any row meets the goal; else those closest to it are wanted."""
        return bool(self.aim.is_met(self.target.values).any())

    def play(self, make: Callable[[], Strategy], game: Game, seed: int) -> Integers:
        """One campaign: rows in the order in which they were measured, [n_start + batch * n_batches].

        The first rows are random, the same for every strategy with the same seed.

        Parameters
        ----------
        make
            Makes what chooses.
        game
            How many rows are measured at a time.
        seed
            Of the first rows and of the strategy.
        """
        rng = np.random.default_rng(seed)
        measured = rng.permutation(len(self))[: game.n_start]
        strategy = make()
        for number in range(game.n_batches):
            known = self.dataset[measured]
            rest = np.setdiff1d(np.arange(len(self)), measured)
            # Equal values teach a model nothing (and a single class cannot be fitted): the next batch is random.
            if len(np.unique(self.target.values[measured])) < 2:
                scores = rng.random(len(rest))
            else:
                aim = aim_of(self.goal, known)
                turn = Turn(known, self.dataset.materials[rest], self.goal, aim, number, seed * game.n_batches + number)
                scores = strategy.scores(turn)
            measured = np.concatenate([measured, rest[np.argsort(-scores, kind="stable")[: game.batch]]])
        return measured


def hits_by_random(wanted: NDArray[np.bool_], run: Integers, measured: Integers) -> Floats:
    """The expected number of wanted rows where all after the first rows of a campaign are drawn at random, exactly."""
    at_first, n_first = int(wanted[run[: measured[0]]].sum()), int(measured[0])
    share = (measured - n_first) / (len(wanted) - n_first)
    return np.asarray(at_first + share * (int(wanted.sum()) - at_first), dtype=np.float64)


def chance_from(wanted: NDArray[np.bool_], run: Integers, measured: Integers) -> float:
    """The chance of any wanted row where all after the first rows of a campaign are drawn at random."""
    n_first = int(measured[0])
    if wanted[run[:n_first]].any():
        return 1.0
    return chance_of_any(len(wanted) - n_first, int(wanted.sum()), int(measured[-1]) - n_first)


def best_by_random(values: Floats, run: Integers, measured: Integers) -> Floats:
    """The expected largest value where all after the first rows of a campaign are drawn at random."""
    first = run[: measured[0]]
    best, rest = values[first].max(), np.delete(values, first)
    later = [expected_best(np.maximum(rest, best), n) for n in (measured[1:] - measured[0]).tolist()]
    return np.array([best, *later])


def expected_best(values: Floats, n_drawn: int) -> float:
    """Expected maximum of ``n_drawn`` of the n values drawn without replacement.

    The i-th smallest value is the largest drawn with probability C(i - 1, t - 1) / C(n, t).
    """
    n = len(values)
    position = np.arange(n_drawn, n + 1)
    chance = np.exp(_log_choose(position - 1, n_drawn - 1) - _log_choose(np.array(n), n_drawn))
    return float((np.sort(values)[n_drawn - 1 :] * chance).sum())


def chance_of_any(n_rows: int, n_wanted: int, n_drawn: int) -> float:
    """Probability that at least one of the wanted rows is among ``n_drawn`` drawn without replacement."""
    if n_drawn > n_rows - n_wanted:
        return 1.0
    return float(
        1.0 - np.exp(_log_choose(np.array(n_rows - n_wanted), n_drawn) - _log_choose(np.array(n_rows), n_drawn))
    )


def _log_choose(n: Integers, k: int) -> Floats:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), dtype=np.float64)


def _merits(target: Target, goal: Goal) -> Floats:
    values = target.placed(target.values)
    if goal.kind == "absmax":
        return np.abs(values)
    return -values if goal.kind == "min" else values

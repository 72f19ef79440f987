"""Back-test: would ranking by a model have found the best of the user's own rows sooner than chance?

A campaign is played on labelled rows: a few random ones are "measured", then batch after batch is chosen as ``scout``
chooses, by a model that has seen only what was measured before. Chance is not simulated: from the same first rows,
the expectations for drawing as many of the others at random are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.scales import Scale
from matscout.discover.base import Goal
from matscout.discover.labelled_pool import (
    LabelledPool,
    best_by_random,
    chance_from,
    fitting_game,
    hits_by_random,
)
from matscout.discover.strategy import ModelStrategy, make_strategy
from matscout.predict.model import Predictor
from matscout.progress import Progress, silent

USUAL_STRATEGY = "trees"
"""The strategy that is played."""


@dataclass(frozen=True, eq=False)
class BackTest:
    """Simulated campaigns on labelled rows.

    Parameters
    ----------
    target
        The property.
    n_rows, n_wanted
        Rows that could be chosen, and how many of them were wanted: the best ("max", "min"), those that meet the goal,
        or the closest to it if none does.
    n_runs, n_start, batch, n_batches
        Campaigns, random rows at the start of each, rows per batch and batches chosen after the start.
    found_best, found_by_random
        Campaigns that found a wanted row, and how many would by chance from the same first rows (the expectation; a
        fraction).
    hits, hits_by_random
        Mean number of wanted rows found, and the expectation by chance from the same first rows.
    measured
        int64 [n_batches + 1], rows "measured" so far at each point of the curves.
    curve, curve_by_random
        float64 [n_batches + 1], mean over the campaigns of the best value so far ("max", "min"; the geometric mean
        where values are told apart by factors), or of the number of wanted rows found so far. Both begin with the
        same rows.
    curve_label, scale
        What the curves show, with its unit, and the scale of its axis.
    sentence
        The result in words.
    """

    target: str
    n_rows: int
    n_wanted: int
    n_runs: int
    n_start: int
    batch: int
    n_batches: int
    found_best: int
    found_by_random: float
    hits: float
    hits_by_random: float
    measured: NDArray[np.int64]
    curve: NDArray[np.float64]
    curve_by_random: NDArray[np.float64]
    curve_label: str
    scale: Scale
    sentence: str

    @property
    def beats_chance(self) -> bool:
        """Whether campaigns found more wanted rows than choosing at random would."""
        return self.hits > self.hits_by_random


def back_test(
    dataset: Dataset,
    target: str | None,
    goal: Goal,
    model_factory: Callable[[int], Predictor] | None = None,
    *,
    batch: int = 8,
    n_batches: int = 5,
    n_runs: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> BackTest:
    """Play ``n_runs`` campaigns of ``n_batches`` batches on the labelled rows of a data set.

    Parameters
    ----------
    dataset, target, goal
        The labelled rows, the property and what it should be.
    model_factory
        Seed -> what learns; that of the strategy "trees" if None.
    batch, n_batches, n_runs, seed
        Size of the game; there are fewer batches if they would use up more than half of the rows.

    Raises
    ------
    InputError
        If there are too few rows for a single batch.
    """
    pool = LabelledPool.of(dataset, target, goal, seed=seed)
    game = fitting_game(len(pool), batch, n_batches)
    if model_factory is None:
        make = make_strategy(USUAL_STRATEGY, dataset.materials.kind)
    else:
        make = partial(ModelStrategy, model_factory)
    runs = []
    for run in range(n_runs):
        runs.append(pool.play(make, game, seed + run))
        progress("back-test", run + 1, n_runs)
    return _summary(pool, np.array(runs), game.measured, batch)


def _summary(pool: LabelledPool, runs: NDArray[np.int64], measured: NDArray[np.int64], batch: int) -> BackTest:
    n_rows, n_wanted, n_runs = len(pool.wanted), int(pool.wanted.sum()), len(runs)
    hits = np.cumsum(pool.wanted[runs], axis=1)[:, measured - 1]
    hits_by_chance = np.mean([hits_by_random(pool.wanted, run, measured) for run in runs], axis=0)
    extreme, counted = pool.goal.is_extreme, "meet" if pool.is_reached else "are closest to"
    curve, by_random = _best_so_far(pool, runs, measured) if extreme else (hits.mean(axis=0), hits_by_chance)
    result = BackTest(
        pool.target.name,
        n_rows,
        n_wanted,
        n_runs,
        int(measured[0]),
        batch,
        len(measured) - 1,
        int((hits[:, -1] > 0).sum()),
        sum(chance_from(pool.wanted, run, measured) for run in runs),
        float(hits[:, -1].mean()),
        float(hits_by_chance[-1]),
        measured,
        curve,
        by_random,
        f"{'largest size of' if pool.goal.kind == 'absmax' else 'best'} {pool.target.label} so far"
        if extreme
        else f"rows that {counted} the goal so far",
        pool.target.scale if extreme else "linear",
        "",
    )
    return replace(result, sentence=_sentence(result, pool))


def _best_so_far(
    pool: LabelledPool, runs: NDArray[np.int64], measured: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean best value after each batch, and the expectation by chance from the same first rows; both on the scale
    on which values are judged, and back.
    """
    sign = -1.0 if pool.goal.kind == "min" else 1.0
    curve = np.maximum.accumulate(pool.merits[runs], axis=1)[:, measured - 1].mean(axis=0)
    by_random = np.mean([best_by_random(pool.merits, run, measured) for run in runs], axis=0)
    ends = sign * curve, sign * by_random
    return (10 ** ends[0], 10 ** ends[1]) if pool.target.scale == "log" else ends


def _sentence(result: BackTest, pool: LabelledPool) -> str:
    played = (
        f"In {result.n_runs} campaigns played on {result.n_rows:,} of your own rows ({result.n_start} random rows, "
        f"then {result.n_batches} batches of {result.batch} chosen by the model)"
    )
    if result.n_wanted == 1 or pool.goal.is_extreme:
        return (
            f"{played}, the model found the best row in {result.found_best} of {result.n_runs}; from the same first "
            f"rows, a random order finds it in {result.found_by_random:.1f} of {result.n_runs}."
        )
    which = "with" if pool.is_reached else "closest to"
    return (
        f"{played}, {result.hits:.1f} of the {result.n_wanted} rows {which} {pool.aim.words} were found on average; "
        f"from the same first rows, a random order finds {result.hits_by_random:.1f}."
    )

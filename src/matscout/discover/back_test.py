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
from scipy.special import gammaln

from matscout.data.dataset import Dataset, Target
from matscout.data.kinds import Kind
from matscout.data.scales import Scale
from matscout.discover.acquisition import DEFAULT_ORDER, acquire, order_for
from matscout.discover.base import Goal
from matscout.discover.goals import Aim, aim_of
from matscout.discover.prediction import predict_candidates
from matscout.errors import InputError
from matscout.predict.fitting import make_model
from matscout.predict.model import Predictor
from matscout.progress import Progress, silent

FEWEST_START = 8
"""Random rows to begin with at the least: a model cannot learn from fewer."""

LARGEST_SHARE = 0.5
"""At most this share of the rows is "measured" in the end; beyond, chance finds the best as well."""

MAX_ROWS = 1000
"""Larger data sets are represented by a random subset of this size."""

LEVEL = 0.6
"""Coverage of the intervals: low enough for the few rows of the first batch."""


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


@dataclass(frozen=True, eq=False)
class _Field:
    """The rows of the game: values [n], which are wanted [n], and what is looked for."""

    dataset: Dataset
    target: Target
    goal: Goal
    aim: Aim
    wanted: NDArray[np.bool_]

    @property
    def is_reached(self) -> bool:
        """Whether any row meets the goal; else those closest to it are wanted."""
        return bool(self.aim.is_met(self.target.values).any())


def fast_surrogate(kind: Kind, seed: int) -> Predictor:
    """The model of the back-test: quick trees on the plain representation of a kind of rows."""
    return make_model(f"trees={kind.representation}", metric="rmse", fast=True, seed=seed)


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
        Seed -> what learns; :func:`fast_surrogate` of the rows if None.
    batch, n_batches, n_runs, seed
        Size of the game; there are fewer batches if they would use up more than half of the rows.

    Raises
    ------
    InputError
        If there are too few rows for a single batch.
    """
    field = _field(dataset, target, goal, seed)
    learner = model_factory or partial(fast_surrogate, dataset.materials.kind)
    n_rows, n_start = len(field.wanted), max(batch, FEWEST_START)
    n_batches = min(n_batches, int(LARGEST_SHARE * n_rows - n_start) // batch)
    if n_batches < 1:
        needed = int((n_start + batch) / LARGEST_SHARE)
        raise InputError(
            f"a back-test with batches of {batch} needs at least {needed} labelled rows; there are {n_rows}"
        )
    runs = []
    for run in range(n_runs):
        runs.append(_campaign(field, learner, (n_start, batch, n_batches), seed + run))
        progress("back-test", run + 1, n_runs)
    measured = n_start + batch * np.arange(n_batches + 1)
    return _summary(field, np.array(runs), measured, batch)


def _field(dataset: Dataset, name: str | None, goal: Goal, seed: int) -> _Field:
    # One scale for all campaigns: by the few values of a batch it might be another.
    labelled = dataset.on_scale(dataset.target(name).scale, name).labelled(name)
    if len(labelled) > MAX_ROWS:
        rows = np.random.default_rng(seed).choice(len(labelled), MAX_ROWS, replace=False)
        labelled = labelled[np.sort(rows)]
    target = labelled.target(name)
    aim = aim_of(goal, labelled)
    wanted = aim.is_met(target.values)
    if not wanted.any():
        distance = aim.distance(aim.placed(target.values))
        wanted = distance == distance.min()
    return _Field(labelled, target, goal, aim, wanted)


def _campaign(
    field: _Field, model_factory: Callable[[int], Predictor], size: tuple[int, int, int], seed: int
) -> NDArray[np.int64]:
    """Rows in the order in which they were measured, [n_start + batch * n_batches]."""
    n_start, batch, n_batches = size
    rng = np.random.default_rng(seed)
    measured = rng.permutation(len(field.wanted))[:n_start]
    for number in range(n_batches):
        known = field.dataset[measured]
        rest = np.setdiff1d(np.arange(len(field.wanted)), measured)
        # Equal values teach a model nothing (and a single class cannot be fitted): the next batch is random again.
        if len(np.unique(field.target.values[measured])) < 2:
            scores = rng.random(len(rest))
        else:
            model = model_factory(seed * n_batches + number).fit(known, field.target.name)
            predictions = predict_candidates(model, field.dataset.materials[rest], LEVEL)
            scores = acquire(order_for(DEFAULT_ORDER, field.goal), predictions, aim_of(field.goal, known))
        measured = np.concatenate([measured, rest[np.argsort(-scores, kind="stable")[:batch]]])
    return measured


def _summary(field: _Field, runs: NDArray[np.int64], measured: NDArray[np.int64], batch: int) -> BackTest:
    n_rows, n_wanted, n_runs = len(field.wanted), int(field.wanted.sum()), len(runs)
    hits = np.cumsum(field.wanted[runs], axis=1)[:, measured - 1]
    hits_by_random = np.mean([_hits_by_random(field.wanted, run, measured) for run in runs], axis=0)
    extreme, counted = field.goal.is_extreme, "meet" if field.is_reached else "are closest to"
    curve, by_random = _best_so_far(field, runs, measured) if extreme else (hits.mean(axis=0), hits_by_random)
    result = BackTest(
        field.target.name,
        n_rows,
        n_wanted,
        n_runs,
        int(measured[0]),
        batch,
        len(measured) - 1,
        int((hits[:, -1] > 0).sum()),
        sum(_chance_from(field.wanted, run, measured) for run in runs),
        float(hits[:, -1].mean()),
        float(hits_by_random[-1]),
        measured,
        curve,
        by_random,
        f"{'largest size of' if field.goal.kind == 'absmax' else 'best'} {field.target.label} so far"
        if extreme
        else f"rows that {counted} the goal so far",
        field.target.scale if extreme else "linear",
        "",
    )
    return replace(result, sentence=_sentence(result, field))


def _best_so_far(
    field: _Field, runs: NDArray[np.int64], measured: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean best value after each batch, and the expectation by chance from the same first rows; both on the scale
    on which values are judged, and back.
    """
    sign = -1.0 if field.goal.kind == "min" else 1.0
    values = sign * field.target.placed(field.target.values)
    values = np.abs(values) if field.goal.kind == "absmax" else values
    curve = np.maximum.accumulate(values[runs], axis=1)[:, measured - 1].mean(axis=0)
    by_random = np.mean([_best_by_random(values, run, measured) for run in runs], axis=0)
    ends = sign * curve, sign * by_random
    return (10 ** ends[0], 10 ** ends[1]) if field.target.scale == "log" else ends


def _best_by_random(
    values: NDArray[np.float64], run: NDArray[np.int64], measured: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The expected largest value where all after the first rows of a campaign are drawn at random."""
    first = run[: measured[0]]
    best, rest = values[first].max(), np.delete(values, first)
    later = [expected_best(np.maximum(rest, best), n) for n in (measured[1:] - measured[0]).tolist()]
    return np.array([best, *later])


def _hits_by_random(
    wanted: NDArray[np.bool_], run: NDArray[np.int64], measured: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The expected number of wanted rows where all after the first rows of a campaign are drawn at random."""
    at_first, n_first = int(wanted[run[: measured[0]]].sum()), int(measured[0])
    share = (measured - n_first) / (len(wanted) - n_first)
    return np.asarray(at_first + share * (int(wanted.sum()) - at_first), dtype=np.float64)


def _chance_from(wanted: NDArray[np.bool_], run: NDArray[np.int64], measured: NDArray[np.int64]) -> float:
    """The chance of any wanted row where all after the first rows of a campaign are drawn at random."""
    n_first = int(measured[0])
    if wanted[run[:n_first]].any():
        return 1.0
    return chance_of_any(len(wanted) - n_first, int(wanted.sum()), int(measured[-1]) - n_first)


def expected_best(values: NDArray[np.float64], n_drawn: int) -> float:
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


def _log_choose(n: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), dtype=np.float64)


def _sentence(result: BackTest, field: _Field) -> str:
    played = (
        f"In {result.n_runs} campaigns played on {result.n_rows:,} of your own rows ({result.n_start} random rows, "
        f"then {result.n_batches} batches of {result.batch} chosen by the model)"
    )
    if result.n_wanted == 1 or field.goal.is_extreme:
        return (
            f"{played}, the model found the best row in {result.found_best} of {result.n_runs}; from the same first "
            f"rows, a random order finds it in {result.found_by_random:.1f} of {result.n_runs}."
        )
    which = "with" if field.is_reached else "closest to"
    return (
        f"{played}, {result.hits:.1f} of the {result.n_wanted} rows {which} {field.aim.words} were found on average; "
        f"from the same first rows, a random order finds {result.hits_by_random:.1f}."
    )

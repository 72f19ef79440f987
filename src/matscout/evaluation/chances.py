"""Chances: how often what was given a chance came true, on rows that the model had not seen.

Of n rows row i was given the chance c_i, and y_i is 1 where it came true. In ten bins of equal width the mean chance
stands beside the share that came true; the expected calibration error is the mean distance of both, each bin counting
by its rows (Naeini, Cooper and Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602). The Brier score is the mean of (c_i -
y_i)^2 (Brier 1950); telling everybody the base rate b has b (1 - b).

Where a goal is to beat the best label, each row is asked three questions: does it beat the best, the second best, the
third best of the other labels? Of rows that are like the labels one, two and three do, and a model whose chances add up
to more promises too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.discover.acquisition import probability
from matscout.discover.base import Goal
from matscout.discover.goals import Aim, aim_for
from matscout.evaluation.base import Evaluation
from matscout.evaluation.recalibrating import Fixed, fit_recalibration
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.recalibration import AS_PREDICTED, Recalibration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

N_BINS = 10
BEST = 0.1
"""Share of the labels that counts as the best where nothing is asked for, or next to no label meets what is."""
BEATEN = 3
"""Where the best label is to be beaten, rows are asked about so many of the best."""
PLACES = ("the best", "the second best", "the third best")
FEWEST_MET = 5
"""A range that so many labels meet is asked for as it is."""
FEWEST_ROWS = 20
"""From fewer rows nothing is said of chances."""


@dataclass(frozen=True)
class Bin:
    """Answers of about the same chance: how many, their mean chance, and the share that came true."""

    n: int
    chance: float
    share: float


@dataclass(frozen=True)
class Chances:
    """How true the chances of a model were on rows that it had not seen.

    Parameters
    ----------
    target, words
        The property, and what counted as coming true: ``"at least 1.2 eV (the best 10 of 100 labels)"``.
    protocol
        How rows were divided.
    n, promised, base_rate
        Rows, the mean of their chances, and the share that came true.
    bins
        From low to high chances; empty bins are left out.
    calibration_error, brier, brier_of_base_rate
        See the head of this module.
    recalibration
        What chances of new rows should be changed by; none where the chances of the model are as true.
    recalibrated_promised, recalibrated_error, recalibrated_brier
        The same figures where the chances of each part of the rows were changed by what the others say.
    """

    target: str
    words: str
    protocol: str
    n: int
    promised: float
    base_rate: float
    bins: tuple[Bin, ...]
    calibration_error: float
    brier: float
    brier_of_base_rate: float
    recalibration: Recalibration = AS_PREDICTED
    recalibrated_promised: float | None = None
    recalibrated_error: float | None = None
    recalibrated_brier: float | None = None

    @property
    def sentence(self) -> str:
        """The result in words."""
        outcome = (
            f"Chances that {self.target} is {self.words}, on {self.n:,} unseen rows: {self.promised:.1%} on average; "
            f"{self.base_rate:.1%} came true; calibration error {self.calibration_error:.2f}, Brier score "
            f"{self.brier:.3f} ({self.brier_of_base_rate:.3f} if each row gets the share that came true)"
        )
        if self.recalibration == AS_PREDICTED:
            return f"{outcome}."
        return (
            f"{outcome}. Corrected by the other folds, as the chances of candidates are: "
            f"{self.recalibrated_promised:.1%} on average, calibration error {self.recalibrated_error:.2f}, Brier "
            f"score {self.recalibrated_brier:.3f}."
        )


def chances_of(evaluation: Evaluation, goal: Goal | None = None, model: str | None = None) -> Chances | None:
    """How true chances of reaching a goal were; None where there is too little to tell.

    Parameters
    ----------
    evaluation
        Any protocol whose test rows do not differ in the labels that were learned from by much.
    goal
        What is wanted. "max" and "min" ask whether rows beat the best of the other labels; a range that next to no
        label meets is widened. None asks whether rows are among the best tenth.
    model
        One of the evaluation; None for the model under test.
    """
    target, out_of_fold = evaluation.target, evaluation.out_of_fold[model or evaluation.model]
    # Each row once: repeats of a protocol test the same rows, which then would vouch for each other.
    rows, once = np.unique(out_of_fold.rows, return_index=True)
    if len(rows) < FEWEST_ROWS or (goal is None and target.task == "classification"):
        return None
    predictions = out_of_fold.predictions
    if isinstance(predictions, KnownLikeness):
        return None  # It gives no chances.
    answers = _answers(target, goal, predictions[once], target.values[rows])
    chances, came = answers.chances, answers.came
    if came.all() or not came.any():
        return None
    scores = _scores(chances, came)
    is_class = isinstance(out_of_fold.predictions, ClassPredictions)
    fixed = Fixed(AS_PREDICTED, None) if is_class else fit_recalibration(chances, came, out_of_fold.splits[once])
    changed = None if fixed.changed is None else _scores(fixed.changed, came)
    return Chances(
        target=target.name,
        words=answers.words,
        protocol=evaluation.protocol,
        n=len(rows),
        promised=float(chances.mean()),
        base_rate=float(came.mean()),
        bins=bins_of(chances.ravel(), came.ravel()),
        calibration_error=scores[0],
        brier=scores[1],
        brier_of_base_rate=float(came.mean() * (1 - came.mean())),
        recalibration=fixed.recalibration,
        recalibrated_promised=None if fixed.changed is None else float(fixed.changed.mean()),
        recalibrated_error=None if changed is None else changed[0],
        recalibrated_brier=None if changed is None else changed[1],
    )


def bins_of(chances: Floats, came: Bools) -> tuple[Bin, ...]:
    """Rows [n] in ten bins of equal width; empty ones are left out."""
    at = np.minimum((chances * N_BINS).astype(np.int64), N_BINS - 1)
    return tuple(
        Bin(int((at == place).sum()), float(chances[at == place].mean()), float(came[at == place].mean()))
        for place in np.unique(at)
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error over bins."""
    return sum(one.n * abs(one.chance - one.share) for one in bins) / sum(one.n for one in bins)


def _scores(chances: Floats, came: Bools) -> tuple[float, float]:
    """Calibration error and Brier score."""
    return calibration_error(bins_of(chances.ravel(), came.ravel())), float(np.square(chances - came).mean())


@dataclass(frozen=True, eq=False)
class _Answers:
    """What q questions were given on n rows: their words, chances and what came true, [q, n] each."""

    words: str
    chances: Floats
    came: Bools


def _answers(target: Target, goal: Goal | None, predictions: AnyPredictions, values: Floats) -> _Answers:
    """What is asked of unseen rows: the goal itself, to beat the best of the others, or to be among the best."""
    aim = aim_for(goal or Goal(target.name, np.inf, np.inf), target)
    labels = target.values[target.known]
    if goal is not None and goal.is_extreme and not aim.classes and not aim.at_limit:
        return _beating(aim, labels, predictions, values)
    if goal is None or (not aim.classes and aim.is_met(labels).sum() < FEWEST_MET):
        aim, words = _among_best(aim, labels)
    else:
        words = aim.words
    return _Answers(words, probability(predictions, aim)[None, :], aim.is_met(values)[None, :])


def _beating(aim: Aim, labels: Floats, predictions: AnyPredictions, values: Floats) -> _Answers:
    """Whether rows beat the best, the second and the third best of the other labels."""
    if aim.goal.kind == "absmax":
        labels, values = np.abs(labels), np.abs(values)
    upwards = aim.goal.kind != "min"
    best_first = np.sort(labels)[::-1] if upwards else np.sort(labels)
    chances, came = np.empty((BEATEN, len(values))), np.empty((BEATEN, len(values)), dtype=np.bool_)
    for place in range(BEATEN):
        bar = best_first[place]
        # What is up there itself has the next one as the same place among the others.
        up_there = values >= bar if upwards else values <= bar
        for rows, other in ((~up_there, bar), (up_there, best_first[place + 1])):
            beyond = replace(aim, low=other) if upwards else replace(aim, high=other)
            chances[place, rows] = probability(predictions[np.flatnonzero(rows)], beyond)
            came[place, rows] = values[rows] > other if upwards else values[rows] < other
    which = f"{', '.join(PLACES[:-1])} or {PLACES[-1]}"
    return _Answers(f"better than {which} of the other labels (three questions)", chances, came)


def _among_best(aim: Aim, labels: Floats) -> tuple[Aim, str]:
    """The best tenth of the labels, of a range the nearest."""
    goal = aim.goal
    ranged = goal.kind in ("range", "value")
    if ranged:
        low, high = aim.widened(float(np.quantile(aim.distance(aim.placed(labels)), BEST)))
    elif goal.kind == "max":
        low, high = float(np.quantile(labels, 1 - BEST)), np.inf
    else:
        low, high = -np.inf, float(np.quantile(labels, BEST))
    best = Aim(Goal(goal.target, low, high), low, high, 0.0, aim.unit)
    met, which = int(best.is_met(labels).sum()), "nearest" if ranged else "best"
    return best, f"{best.words} (the {which} {met:,} of {len(labels):,} labels)"

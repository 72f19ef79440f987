"""Chances: how often what was given a chance came true, on rows that the model had not seen.

Of n rows row i was given the chance c_i, and y_i is 1 where it came true. In ten bins of equal width the mean chance
stands beside the share that came true; the expected calibration error is the mean distance of both, each bin counting
by its rows (Naeini, Cooper and Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602). The Brier score is the mean of (c_i -
y_i)^2 (Brier 1950); telling everybody the base rate b has b (1 - b).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.discover.acquisition import probability
from matscout.discover.base import Goal
from matscout.discover.goals import Aim, aim_for
from matscout.evaluation.base import Evaluation
from matscout.evaluation.recalibrating import Fixed, fit_recalibration
from matscout.predict.base import ClassPredictions
from matscout.predict.recalibration import AS_TOLD, Recalibration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

N_BINS = 10
BEST = 0.1
"""Share of the labels that counts as the best where a goal has no bound that unseen rows can reach."""
FEWEST_MET = 5
"""A range that so many labels meet is asked for as it is."""
FEWEST_ROWS = 20
"""From fewer rows nothing is said of chances."""


@dataclass(frozen=True)
class Bin:
    """Rows with about the same chance: how many, their mean chance, and the share that came true."""

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
    n, base_rate
        Rows, and the share of them that came true.
    bins
        From low to high chances; empty bins are left out.
    calibration_error, brier, brier_of_base_rate
        See the head of this module.
    recalibration
        What chances of new rows should be changed by; none where the chances of the model are as true.
    recalibrated_error, recalibrated_brier
        The same scores where the chances of each part of the rows were changed by what the others say.
    """

    target: str
    words: str
    protocol: str
    n: int
    base_rate: float
    bins: tuple[Bin, ...]
    calibration_error: float
    brier: float
    brier_of_base_rate: float
    recalibration: Recalibration = AS_TOLD
    recalibrated_error: float | None = None
    recalibrated_brier: float | None = None

    @property
    def sentence(self) -> str:
        """The result in words."""
        found = (
            f"Chances of {self.target} to be {self.words}, on {self.n:,} unseen rows: calibration error "
            f"{self.calibration_error:.2f}, Brier score {self.brier:.3f} ({self.brier_of_base_rate:.3f} if each were "
            f"told the base rate, {self.base_rate:.0%})"
        )
        if self.recalibration == AS_TOLD:
            return f"{found}."
        return (
            f"{found}. They are off; corrected by what the other folds say, as chances of candidates are, they have a "
            f"calibration error of {self.recalibrated_error:.2f} and a Brier score of {self.recalibrated_brier:.3f}."
        )


def chances_of(evaluation: Evaluation, goal: Goal | None = None, model: str | None = None) -> Chances | None:
    """How true chances of reaching a goal were; None where there is too little to tell.

    Parameters
    ----------
    evaluation
        Any protocol whose test rows do not differ in the labels that were learned from by much.
    goal
        What is wanted; None for the largest values. "max" and "min" ask for the best tenth of the labels.
    model
        One of the evaluation; None for the model under test.
    """
    target, found = evaluation.target, evaluation.out_of_fold[model or evaluation.model]
    wanted = goal or Goal(target.name, np.inf, np.inf)
    if len(np.unique(found.rows)) < FEWEST_ROWS or (goal is None and target.task == "classification"):
        return None
    aim, words = _question(target, wanted)
    # Each row once: repeats of a protocol test the same rows, which then would vouch for each other.
    _, once = np.unique(found.rows, return_index=True)
    chances, came = probability(found.predictions, aim)[once], aim.is_met(target.values[found.rows[once]])
    if came.all() or not came.any():
        return None
    told = _scores(chances, came)
    is_class = isinstance(found.predictions, ClassPredictions)
    fixed = Fixed(AS_TOLD, None) if is_class else fit_recalibration(chances, came, found.splits[once])
    return Chances(
        target=target.name,
        words=words,
        protocol=evaluation.protocol,
        n=len(once),
        base_rate=float(came.mean()),
        bins=bins_of(chances, came),
        calibration_error=told[0],
        brier=told[1],
        brier_of_base_rate=float(came.mean() * (1 - came.mean())),
        recalibration=fixed.recalibration,
        recalibrated_error=None if fixed.changed is None else _scores(fixed.changed, came)[0],
        recalibrated_brier=None if fixed.changed is None else _scores(fixed.changed, came)[1],
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
    return calibration_error(bins_of(chances, came)), float(np.square(chances - came).mean())


def _question(target: Target, goal: Goal) -> tuple[Aim, str]:
    """What is asked of unseen rows: the goal itself, or to be among the best tenth."""
    aim, values = aim_for(goal, target), target.values[target.known]
    ranged = goal.kind in ("range", "value")
    if aim.classes or (ranged and aim.is_met(values).sum() >= FEWEST_MET):
        return aim, aim.words
    if goal.kind == "max":
        low, high = float(np.quantile(values, 1 - BEST)), np.inf
    elif goal.kind == "min":
        low, high = -np.inf, float(np.quantile(values, BEST))
    else:
        wanted, places = aim.range_on_scale, aim.placed(values)
        slack = float(np.quantile(np.maximum(np.maximum(wanted[0] - places, places - wanted[1]), 0.0), BEST))
        low, high = aim.widened(slack)
    best = Aim(Goal(target.name, low, high), low, high, 0.0, target.unit)
    met, which = best.is_met(values).sum(), "nearest" if ranged else "best"
    return best, f"{best.words} (the {which} {met:,} of {len(values):,} labels)"

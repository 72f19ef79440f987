"""Calibration: from what a predictor says to distributions and class sets, by its errors on rows left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.base import LeftOut
from matscout.predict.conformal import Calibrator, Intervals, Scores, class_scores, class_sets
from matscout.predict.distributions import Distribution, distribution_of
from matscout.predict.labels import Labels
from matscout.predict.states import Stored
from matscout.predict.target_facts import limits_of
from matscout.predict.transforms import TargetTransform
from matscout.predict.uncalibrated import RawClasses, RawDraws, RawNumbers, UnseenClasses, UnseenNumbers
from matscout.predict.unseen_errors import scores_of

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

UNREAD = 1e9
"""How much wider than an error the doubt is about what could not be read, before it is cut to the labels' spread."""


@dataclass(frozen=True, eq=False)
class NumberCalibration(Stored):
    """Intervals for numbers.

    Parameters
    ----------
    limits
        Smallest and largest value that can be predicted.
    intervals
        For each kind of rows; none where distributions are drawn.
    """

    limits: tuple[float, float]
    intervals: tuple[Intervals, ...]

    @classmethod
    def fit(cls, unseen: UnseenNumbers, labels: Labels, calibrator: Calibrator) -> Self:
        """From what was said of n labels that were left out."""
        measured = np.where(labels.measured, unseen.scale.forward(labels.values), np.nan)
        made = [
            calibrator.fit(measured - centre, spread, measured, labels.units, f"{labels.unit}s")
            for centre, spread in zip(unseen.centre, unseen.spread, strict=True)
        ]
        return cls(limits_of(labels.values, labels.target), tuple(made))

    @property
    def n_units(self) -> int:
        """Number of training units that the intervals rest on, of the kind that has fewest; 0 for draws."""
        return min((intervals.n_units for intervals in self.intervals), default=0)

    def require(self, level: float) -> None:
        """Refuse a level that the training units cannot support, with a :class:`~matscout.errors.UsageError`."""
        for intervals in self.intervals:
            intervals.require(level)

    def left_out(self, unseen: UnseenNumbers, labels: Labels) -> LeftOut | None:
        """What was predicted of the labels before they were seen, in their unit; None if it was of none."""
        if not self.intervals:
            return None
        parts = zip(self.intervals, unseen.centre, unseen.spread, strict=True)
        drawn = [intervals.drawn(centre, spread) for intervals, centre, spread in parts]
        predicted = unseen.scale.inverse(_first_known(np.array(drawn)))
        predictable = np.isfinite(predicted)
        known = labels.subset(predictable)
        return LeftOut(known.materials, predicted[predictable], known.groups)

    def distribution(self, raw: RawNumbers | RawDraws, level: float) -> Distribution:
        """What the values of m materials may be; of draws the interval at this level."""
        if isinstance(raw, RawDraws):
            return distribution_of(raw.values, level, TargetTransform(raw.scale.transform.kind), self.limits)
        by_kind = raw.rows_by_kind(len(self.intervals))
        parts = [
            self.intervals[kind].distribution(raw.scale, raw.centre[rows], raw.spread[rows], self.limits)
            for kind, rows in by_kind.items()
        ]
        order = np.argsort(np.concatenate(list(by_kind.values())))
        distribution = parts[0] if len(parts) == 1 else Distribution.joined(parts)[order]
        return distribution if raw.unread is None else _doubted(distribution, raw.unread)


def _doubted(distribution: Distribution, unread: Rows) -> Distribution:
    """The same, of what could not be read as wide as the labels lie apart."""
    doubt = np.where(unread, UNREAD, 1.0)
    return replace(
        distribution,
        below=doubt * distribution.below,
        above=doubt * distribution.above,
        unsure=~distribution.knows_more | unread,
    )


@dataclass(frozen=True, eq=False)
class ClassCalibration(Stored):
    """Class sets.

    Parameters
    ----------
    scores
        Nonconformity scores of the training rows, for each kind of rows.
    """

    scores: tuple[Scores, ...]

    @classmethod
    def fit(cls, unseen: UnseenClasses, labels: Labels) -> Self:
        """From what was said of n labels that were left out."""
        return cls(
            tuple(
                Scores.collect(class_scores(probabilities, labels.classes), labels.units, f"{labels.unit}s")
                for probabilities in unseen.probabilities
            )
        )

    @property
    def n_units(self) -> int:
        """Number of training units that the sets rest on, of the kind that has fewest."""
        return min(scores.n_units for scores in self.scores)

    def require(self, level: float) -> None:
        """Refuse a level that the training units cannot support, with a :class:`~matscout.errors.UsageError`."""
        for scores in self.scores:
            scores.require(level)

    def sets(self, raw: RawClasses, level: float) -> Rows:
        """Prediction sets [m, c] that hold the true class about as often as ``level``."""
        sets = np.zeros(raw.probabilities.shape, dtype=np.bool_)
        for kind, rows in raw.rows_by_kind(len(self.scores)).items():
            sets[rows] = class_sets(raw.probabilities[rows], self.scores[kind], level)
        return sets if raw.unread is None else sets | raw.unread[:, None]


def number_scores(unseen: UnseenNumbers, labels: Labels) -> dict[str, float]:
    """MAE and RMSE on labels that were left out, in the unit of the target or in decades."""
    centre = _first_known(unseen.centre)
    known = labels.measured & np.isfinite(centre)
    errors = unseen.scale.forward(labels.values[known]) - centre[known]
    return scores_of(unseen.scale.spread * errors, labels.target.scale)


def class_accuracy(unseen: UnseenClasses, labels: Labels) -> dict[str, float]:
    """The share of labels that were left out whose most probable class is the true one."""
    probabilities = _first_known(unseen.probabilities)
    seen = np.isfinite(probabilities).all(axis=1)
    return {"accuracy": float((probabilities[seen].argmax(axis=1) == labels.classes[seen]).mean())}


def _first_known(parts: Floats) -> Floats:
    """The first of p parts that says something of each row, [p, n, ...] -> [n, ...]."""
    merged = np.full(parts.shape[1:], np.nan)
    for part in parts[::-1]:
        merged = np.where(np.isfinite(part), part, merged)
    return merged

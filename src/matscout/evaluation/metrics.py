"""Metrics as pure functions of measured and predicted arrays; every docstring carries its equation.

Notation: y measured, p predicted, e = y - p, n rows, [l, u] the interval at nominal coverage c = 1 - alpha.
All arrays are float64 [n] unless said otherwise. What a sample cannot tell (R2 of one row, ROC-AUC with one class)
is NaN, never an invented number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def mean_absolute_error(measured: Floats, predicted: Floats) -> float:
    """MAE = mean |e|, in the unit of the target."""
    return float(np.abs(measured - predicted).mean())


def root_mean_squared_error(measured: Floats, predicted: Floats) -> float:
    """RMSE = sqrt(mean e^2), in the unit of the target."""
    return float(np.sqrt(np.square(measured - predicted).mean()))


def r_squared(measured: Floats, predicted: Floats) -> float:
    """R2 = 1 - sum e^2 / sum (y - mean y)^2; NaN where all measured values are equal."""
    spread = np.square(measured - measured.mean()).sum()
    return float(1 - np.square(measured - predicted).sum() / spread) if spread > 0 else math.nan


def pearson(measured: Floats, predicted: Floats) -> float:
    """Pearson correlation of measured and predicted; NaN where either is constant."""
    if np.ptp(measured) == 0 or np.ptp(predicted) == 0:
        return math.nan
    y, p = measured - measured.mean(), predicted - predicted.mean()
    return float(y @ p / np.sqrt((y @ y) * (p @ p)))


def median_error(measured: Floats, predicted: Floats) -> float:
    """Median of |e|, in the unit of the target."""
    return float(np.median(np.abs(measured - predicted)))


def trimean_error(measured: Floats, predicted: Floats) -> float:
    """Tukey's trimean of |e|: (Q1 + 2 Q2 + Q3) / 4 with linearly interpolated quartiles."""
    first, second, third = np.quantile(np.abs(measured - predicted), [0.25, 0.5, 0.75])
    return float((first + 2 * second + third) / 4)


def coverage(measured: Floats, lower: Floats, upper: Floats) -> float:
    """Share of the measured values with l <= y <= u."""
    return float(((measured >= lower) & (measured <= upper)).mean())


def coverage_tolerance(n: int, level: float) -> float:
    """How far coverage may be from ``level`` by chance: max(0.02, 1.96 sqrt(c (1 - c) / n)).

    Two standard errors of a binomial share, never less than two points (the project's honesty rule 4).
    """
    return max(0.02, 1.96 * math.sqrt(level * (1 - level) / n))


def mean_width(lower: Floats, upper: Floats) -> float:
    """Mean of u - l, in the unit of the target."""
    return float((upper - lower).mean())


def winkler_score(measured: Floats, lower: Floats, upper: Floats, level: float) -> float:
    """Mean interval (Winkler) score: u - l + 2/alpha (l - y)+ + 2/alpha (y - u)+; smaller is better.

    Width and misses in one number, in the unit of the target; proper for the central interval
    (Gneiting and Raftery 2007, doi 10.1198/016214506000001437, equation 43).
    """
    below = np.maximum(lower - measured, 0)
    above = np.maximum(measured - upper, 0)
    return float((upper - lower + 2 / (1 - level) * (below + above)).mean())


def group_coverages(measured: Floats, lower: Floats, upper: Floats, std: Floats) -> Floats:
    """Coverage in ten equal groups of rows from the smallest to the largest predicted std, [groups].

    Intervals can hold on average and fail where the model is surest. With fewer than ten rows each row is a group.
    """
    inside = (measured >= lower) & (measured <= upper)
    groups = np.array_split(np.argsort(std, kind="stable"), min(10, len(std)))
    return np.array([inside[group].mean() for group in groups])


def worst_group_coverage(measured: Floats, lower: Floats, upper: Floats, std: Floats) -> float:
    """The lowest coverage among ten equal groups by predicted std."""
    return float(group_coverages(measured, lower, upper, std).min())


def confusion_matrix(measured: Ints, predicted: Ints, n_classes: int) -> Ints:
    """Counts [c, c]: entry (i, j) is the number of rows of class i predicted as class j."""
    counts = np.bincount(measured * n_classes + predicted, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes).astype(np.int64)


def balanced_accuracy(confusion: Ints) -> float:
    """Mean over the classes that occur of (rows predicted right) / (rows of that class)."""
    rows = confusion.sum(axis=1)
    occurs = rows > 0
    return float((confusion.diagonal()[occurs] / rows[occurs]).mean())


def f1_score(confusion: Ints) -> float:
    """F1 = 2 TP / (2 TP + FP + FN): of the second class where there are two, else the mean over the classes (macro).

    A class that neither occurs nor is predicted is left out of the mean.
    """
    hits = confusion.diagonal()
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    chosen = np.array([False, True]) if len(confusion) == 2 else total > 0
    scores = np.where(total > 0, 2 * hits / np.maximum(total, 1), 0.0)
    return float(scores[chosen].mean())


def roc_auc(measured: Ints, probabilities: Floats) -> float:
    """Area under the ROC curve: P(score of a member > score of a non-member), ties count half.

    With two classes the member class is the second; with more it is the mean over the classes that occur, each
    against the rest (macro one-versus-rest). NaN where only one class occurs. Only rows predicted by one fit may be
    compared so; over several splits the mean of theirs is taken (see :mod:`matscout.evaluation.grid`).

    Parameters
    ----------
    measured
        int64 [n], class numbers.
    probabilities
        float64 [n, c].
    """
    from scipy.stats import rankdata

    classes = [1] if probabilities.shape[1] == 2 else list(range(probabilities.shape[1]))
    areas = []
    for number in classes:
        member = measured == number
        n_in, n_out = int(member.sum()), int((~member).sum())
        if n_in and n_out:
            ranks = rankdata(probabilities[:, number])[member].sum()
            areas.append((ranks - n_in * (n_in + 1) / 2) / (n_in * n_out))
    return float(np.mean(areas)) if areas else math.nan


def log_loss(measured: Ints, probabilities: Floats) -> float:
    """Mean -ln(probability given to the true class); probabilities are kept above machine precision."""
    given = probabilities[np.arange(len(measured)), measured]
    return float(-np.log(np.maximum(given, np.finfo(float).eps)).mean())


def brier_score(measured: Ints, probabilities: Floats) -> float:
    """Mean over rows of the sum over classes of (probability - [class is true])^2, between 0 and 2."""
    truth = np.eye(probabilities.shape[1])[measured]
    return float(np.square(probabilities - truth).sum(axis=1).mean())


def set_coverage(measured: Ints, sets: NDArray[np.bool_]) -> float:
    """Share of the rows whose prediction set [n, c] holds the true class."""
    return float(sets[np.arange(len(measured)), measured].mean())


def geometric_mean(ratios: Sequence[float]) -> float:
    """exp(mean ln r) of positive ratios."""
    return float(np.exp(np.log(ratios).mean()))

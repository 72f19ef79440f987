"""Ensembles: rows for each member, and what the members say together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from matscout.predict.learner import Estimate, Floats


def over_members(by_member: Floats) -> Estimate:
    """Mean, median and standard deviation over the members for each row.

    Parameters
    ----------
    by_member
        float64 [t, m]; NaN marks a member that does not count for a row. A row without any gets NaN.
    """
    ordered = np.sort(by_member, axis=0)
    counted = np.isfinite(ordered)
    n = counted.sum(axis=0)
    some = np.maximum(n, 1)
    columns = np.arange(by_member.shape[1])
    median = (ordered[(some - 1) // 2, columns] + ordered[some // 2, columns]) / 2
    mean = np.where(n > 0, np.sum(ordered, axis=0, where=counted) / some, np.nan)
    std = np.where(n > 0, np.sqrt(np.sum((ordered - mean) ** 2, axis=0, where=counted) / some), np.nan)
    return Estimate(mean, median, std)


def bootstrap_rows(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    """Draw n of n rows with replacement."""
    return np.asarray(rng.integers(n, size=n), dtype=np.int64)


def bootstrap_rows_of_all(rng: np.random.Generator, classes: NDArray[Any]) -> NDArray[np.int64]:
    """Draw n of n rows with replacement, and add the first row of each class: every member must know every class."""
    first = np.unique(classes, return_index=True)[1]
    return np.concatenate([bootstrap_rows(rng, len(classes)), first])


def average_probabilities(raw: Floats, present: NDArray[np.int64], n_classes: int) -> Floats:
    """Probabilities [m, n_classes], averaged over the members.

    Parameters
    ----------
    raw
        float64 [t, m, k], logits of the k classes that were present in training; for two of them k = 1 and the logit is
        that of the second.
    present
        int64 [k or 2], which classes these are; the others get probability 0.
    """
    if raw.shape[2] == 1:
        second = expit(raw)
        members = np.concatenate([1.0 - second, second], axis=2)
    else:
        members = softmax(raw, axis=2)
    probabilities = np.zeros((raw.shape[1], n_classes))
    probabilities[:, present] = members.mean(axis=0)
    return probabilities

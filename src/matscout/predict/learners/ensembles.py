"""Ensembles: what the members say together."""

from __future__ import annotations

import numpy as np

from matscout.predict.learners.base import Estimate, Floats


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

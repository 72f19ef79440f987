"""Is one model better than another, or was it luck? Paired tests on the same splits and rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairedTest:
    """Outcome of a paired comparison.

    Parameters
    ----------
    difference
        Mean (t test) or median (Wilcoxon) of first minus second; negative where the first has the smaller error.
    statistic
        The test statistic.
    p_value
        Two-sided; NaN where the test has nothing to say (fewer than two folds).
    n
        Number of pairs.
    """

    difference: float
    statistic: float
    p_value: float
    n: int


def corrected_t_test(first: Floats, second: Floats, test_share: float) -> PairedTest:
    """Nadeau and Bengio's corrected resampled t test on the errors of two models in the same folds.

    t = mean(d) / sqrt((1/k + n_test/n_train) var(d)), k - 1 degrees of freedom, d = first - second [k]. The second
    term accounts for the overlap of the training sets, without which every small difference looks significant
    (Nadeau and Bengio 2003, doi 10.1023/A:1024068626366).

    Parameters
    ----------
    first, second
        float64 [k], one error per fold.
    test_share
        n_test / n_train of one fold, e.g. 0.25 for five folds.
    """
    from scipy.stats import t as student

    differences = first - second
    k = len(differences)
    if k < 2:
        return PairedTest(float(differences.mean()), math.nan, math.nan, k)
    mean, variance = float(differences.mean()), float(differences.var(ddof=1))
    if variance == 0:
        return PairedTest(mean, math.inf * np.sign(mean) if mean else 0.0, 0.0 if mean else 1.0, k)
    statistic = mean / math.sqrt((1 / k + test_share) * variance)
    return PairedTest(mean, statistic, float(2 * student.sf(abs(statistic), k - 1)), k)


def wilcoxon_test(first: Floats, second: Floats) -> PairedTest:
    """Wilcoxon's signed-rank test on the absolute errors of two models for the same rows.

    Equal pairs are left out. Rows of one material are not independent, so read a small p-value as "the typical row
    differs", not as proof for new materials.

    Parameters
    ----------
    first, second
        float64 [n], |error| of each row.
    """
    from scipy.stats import wilcoxon

    differences = first - second
    unequal = differences[differences != 0]
    middle = float(np.median(differences))
    if len(unequal) == 0:
        return PairedTest(middle, 0.0, 1.0, len(differences))
    result = wilcoxon(unequal)
    return PairedTest(middle, float(result.statistic), float(result.pvalue), len(differences))

"""Paired tests against scipy and against simulated luck."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from matscout.evaluation.statistics import corrected_t_test, wilcoxon_test

RNG = np.random.default_rng(1)


def test_without_overlap_it_is_students_paired_test():
    first, second = RNG.normal(1.0, 0.2, 10), RNG.normal(1.1, 0.2, 10)
    expected = stats.ttest_rel(first, second)
    found = corrected_t_test(first, second, test_share=0.0)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.difference == pytest.approx((first - second).mean())


def test_overlap_makes_it_more_careful():
    # Nadeau and Bengio 2003, equation 9 with k = 10 and n2/n1 = 1/9, transcribed.
    first, second = RNG.normal(1.0, 0.2, 10), RNG.normal(1.2, 0.2, 10)
    differences = first - second
    statistic = differences.mean() / math.sqrt((1 / 10 + 1 / 9) * differences.var(ddof=1))
    found = corrected_t_test(first, second, test_share=1 / 9)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value > corrected_t_test(first, second, test_share=0.0).p_value


def test_equal_models_and_single_folds_prove_nothing():
    same = np.array([1.0, 2.0, 3.0])
    assert corrected_t_test(same, same, 0.25).p_value == 1
    assert math.isnan(corrected_t_test(same[:1], same[1:2], 0.25).p_value)
    assert wilcoxon_test(same, same).p_value == 1
    assert corrected_t_test(same, same + 1, 0.25).p_value == 0


def test_wilcoxon_equals_scipy_and_leaves_out_equal_pairs():
    first, second = RNG.exponential(1, 60), RNG.exponential(1.3, 60)
    expected = stats.wilcoxon(first, second)
    found = wilcoxon_test(np.append(first, 5.0), np.append(second, 5.0))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.n == 61

"""Every metric against scikit-learn, scipy or its equation transcribed here."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from matscout.evaluation import metrics

RNG = np.random.default_rng(0)
MEASURED = RNG.normal(3, 2, 200)
PREDICTED = MEASURED + RNG.normal(0, 1, 200)
FINITE = st.floats(-1e6, 1e6, allow_nan=False)
COLUMNS = st.integers(1, 30).flatmap(lambda n: st.tuples(*[arrays(np.float64, n, elements=FINITE)] * 2))


def test_errors_equal_scikit_learn():
    assert metrics.mean_absolute_error(MEASURED, PREDICTED) == pytest.approx(
        reference.mean_absolute_error(MEASURED, PREDICTED)
    )
    assert metrics.root_mean_squared_error(MEASURED, PREDICTED) == pytest.approx(
        reference.root_mean_squared_error(MEASURED, PREDICTED)
    )
    assert metrics.r_squared(MEASURED, PREDICTED) == pytest.approx(reference.r2_score(MEASURED, PREDICTED))
    assert metrics.median_error(MEASURED, PREDICTED) == pytest.approx(
        reference.median_absolute_error(MEASURED, PREDICTED)
    )
    assert metrics.pearson(MEASURED, PREDICTED) == pytest.approx(np.corrcoef(MEASURED, PREDICTED)[0, 1])


def test_trimean_is_tukeys():
    errors = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    assert metrics.trimean_error(errors, np.zeros(5)) == (1 + 2 * 2 + 3) / 4


@given(COLUMNS)
def test_errors_are_ordered_and_symmetric(columns):
    measured, predicted = columns
    mae, rmse = metrics.mean_absolute_error(measured, predicted), metrics.root_mean_squared_error(measured, predicted)
    assert mae <= rmse * (1 + 1e-9) + 1e-12
    assert mae == metrics.mean_absolute_error(predicted, measured)


def test_what_cannot_be_told_is_nan():
    constant = np.full(5, 0.1)
    assert math.isnan(metrics.r_squared(constant, PREDICTED[:5]))
    assert math.isnan(metrics.pearson(constant, PREDICTED[:5]))
    assert math.isnan(metrics.pearson(PREDICTED[:5], constant))
    assert math.isnan(metrics.roc_auc(np.ones(4, dtype=np.int64), np.full((4, 2), 0.5)))


def test_coverage_counts_the_ends_as_inside():
    measured = np.array([0.0, 1.0, 2.0, 3.0])
    assert metrics.coverage(measured, np.array([0.0, 0.0, 2.1, 2.0]), np.array([1.0, 1.0, 3.0, 2.9])) == 0.5


@pytest.mark.parametrize(("n", "points"), [(188, 100 * 1.96 * math.sqrt(0.09 / 188)), (4604, 2.0), (368, 3.0651)])
def test_tolerance_is_the_rule_of_the_design(n, points):
    # +-max(2, 196 sqrt(.09/n)) points at 90 % (DESIGN, honesty rule 4)
    assert 100 * metrics.coverage_tolerance(n, 0.9) == pytest.approx(points, rel=1e-4)


def test_winkler_is_the_sum_of_two_pinball_losses():
    # Interval score = (2/alpha) [pinball_{alpha/2}(l) + pinball_{1-alpha/2}(u)] (Gneiting and Raftery 2007).
    alpha, lower, upper = 0.2, PREDICTED - RNG.uniform(0, 2, 200), PREDICTED + RNG.uniform(0, 2, 200)
    pinball = reference.mean_pinball_loss(MEASURED, lower, alpha=alpha / 2) + reference.mean_pinball_loss(
        MEASURED, upper, alpha=1 - alpha / 2
    )
    assert metrics.winkler_score(MEASURED, lower, upper, 1 - alpha) == pytest.approx(2 / alpha * pinball)


def test_winkler_is_smallest_for_the_true_quantiles():
    sample = RNG.normal(0, 1, 20000)
    scores = {
        z: metrics.winkler_score(sample, np.full_like(sample, -z), np.full_like(sample, z), 0.9)
        for z in (1.0, 1.645, 2.5)
    }
    assert min(scores, key=scores.__getitem__) == 1.645


def test_worst_group_finds_the_overconfident_rows():
    std = np.arange(100.0)
    measured = np.zeros(100)
    lower, upper = np.full(100, -1.0), np.full(100, 1.0)
    lower[:10] = 0.5  # the ten rows with the smallest std miss
    order = RNG.permutation(100)
    shares = metrics.group_coverages(measured, lower[order], upper[order], std[order])
    np.testing.assert_array_equal(shares, [0] + [1] * 9)
    assert metrics.worst_group_coverage(measured, lower[order], upper[order], std[order]) == 0
    assert len(metrics.group_coverages(measured[:3], lower[:3], upper[:3], std[:3])) == 3


@pytest.mark.parametrize("n_classes", [2, 4])
def test_class_scores_equal_scikit_learn(n_classes):
    measured = RNG.integers(0, n_classes, 300)
    logits = RNG.normal(0, 1, (300, n_classes)) + 1.5 * np.eye(n_classes)[measured]
    probabilities = np.round(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), 2)  # ties
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    confusion = metrics.confusion_matrix(measured, predicted, n_classes)
    np.testing.assert_array_equal(confusion, reference.confusion_matrix(measured, predicted))
    assert metrics.balanced_accuracy(confusion) == pytest.approx(reference.balanced_accuracy_score(measured, predicted))
    average = "binary" if n_classes == 2 else "macro"
    assert metrics.f1_score(confusion) == pytest.approx(reference.f1_score(measured, predicted, average=average))
    given_to = probabilities[:, 1] if n_classes == 2 else probabilities
    assert metrics.roc_auc(measured, probabilities) == pytest.approx(
        reference.roc_auc_score(measured, given_to, multi_class="ovr")
    )
    safe = np.clip(probabilities, 1e-6, 1)
    safe /= safe.sum(axis=1, keepdims=True)
    assert metrics.log_loss(measured, safe) == pytest.approx(reference.log_loss(measured, safe))
    brier = np.mean([np.square(safe[i] - np.eye(n_classes)[measured[i]]).sum() for i in range(300)])
    assert metrics.brier_score(measured, safe) == pytest.approx(brier)


def test_absent_classes_are_left_out():
    confusion = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    assert metrics.balanced_accuracy(confusion) == (0.75 + 1) / 2
    assert metrics.f1_score(confusion) == pytest.approx((6 / 7 + 8 / 9) / 2)


def test_set_coverage_and_geometric_mean():
    sets = np.array([[True, False], [True, True], [False, True]])
    assert metrics.set_coverage(np.array([0, 1, 0]), sets) == pytest.approx(2 / 3)
    assert metrics.geometric_mean([0.5, 2.0]) == pytest.approx(1)

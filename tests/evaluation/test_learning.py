"""Learning curves from a masked evaluation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from matscout.errors import UsageError
from matscout.evaluation.evaluating import evaluate
from matscout.evaluation.learning import LearningCurve, learning_curve


def test_means_and_spreads_over_draws(fake_fit, dataset_of):
    evaluation = evaluate(dataset_of(200), protocol="masked", n_labels=(25, 100), repeats=3, baselines=("dummy",))
    curve = learning_curve(evaluation, "mae")
    assert curve.sizes.tolist() == [25, 100]
    assert (curve.n_draws, curve.unit) == (3, "eV")
    errors = [fold.scores["mae"] for fold in evaluation.folds if fold.model == "dummy" and fold.n_train == 25]
    assert curve.means["dummy"][0] == pytest.approx(np.mean(errors))
    assert curve.spreads["dummy"][0] == pytest.approx(np.std(errors, ddof=1))
    with pytest.raises(UsageError, match="no score 'mea'"):
        learning_curve(evaluation, "mea")


def test_a_power_law_is_continued():
    sizes = np.array([25, 50, 100, 250])
    curve = LearningCurve("mae", None, sizes, {"auto": 3 * sizes**-0.4}, {"auto": np.zeros(4)}, 1)
    assert curve.expected("auto", 350) == pytest.approx(3 * 350**-0.4)
    short = LearningCurve("mae", None, sizes[:2], {"auto": np.ones(2)}, {"auto": np.zeros(2)}, 1)
    assert math.isnan(short.expected("auto", 350))

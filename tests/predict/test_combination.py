import numpy as np
import pytest

from matscout.predict.combination import Combination, Judgement, positions_of_means
from matscout.predict.recipes import LearnerRecipe
from matscout.predict.transforms import TargetTransform

JUDGED = Judgement(np.array([[1.0, 4.0, 16.0], [2.0, 2.0, 2.0]]), np.array([[0.5, 1.0], [0.1, 0.2]]))
"""Two rows; recipe 0 has a mean and a median, recipe 1 a mean."""
MEANS = np.array([0, 2])
WEIGHTS = np.array([0.25, 0.25, 0.5])


def test_on_the_scale_of_the_target_it_is_the_weighted_mean() -> None:
    combination = Combination(TargetTransform("none"), MEANS, WEIGHTS, -np.inf)
    assert combination.average(JUDGED) == pytest.approx([9.25, 2.0])
    disagreement = np.sqrt(0.25 * 8.25**2 + 0.25 * 5.25**2 + 0.5 * 6.75**2)
    assert combination.signs(JUDGED) == pytest.approx(np.array([[disagreement, 0.5, 1.0], [0.0, 0.1, 0.2]]))


def test_on_the_logarithm_it_is_the_geometric_mean_and_spreads_are_relative() -> None:
    combination = Combination(TargetTransform("log"), MEANS, WEIGHTS, 0.0)
    assert np.exp(combination.average(JUDGED)) == pytest.approx([1.0**0.25 * 4.0**0.25 * 16.0**0.5, 2.0])
    assert combination.signs(JUDGED)[:, 1:] == pytest.approx(np.array([[0.5 / 1.0, 1.0 / 16.0], [0.05, 0.1]]))


def test_it_stays_above_its_bound() -> None:
    below = Judgement(np.array([[-3.0]]), np.array([[1.0]]))
    combination = Combination(TargetTransform("none"), np.array([0]), np.array([1.0]), 0.0)
    assert combination.average(below) == [0.0]


def test_the_mean_of_each_recipe_comes_first() -> None:
    recipes = [
        LearnerRecipe("extra-trees", "chemistry"),
        LearnerRecipe("gaussian-process", "cgnf"),
        LearnerRecipe("hurdle", "chemistry"),
    ]
    assert positions_of_means(recipes).tolist() == [0, 2, 3]

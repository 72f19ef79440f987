"""Trees as arrays: equal to scikit-learn's own predictions; forests judged against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier as SklearnClassifier
from sklearn.ensemble import HistGradientBoostingRegressor as SklearnRegressor

from matscout.predict.alike_columns import ColumnKinds
from matscout.predict.decision_trees import join_trees, one_tree
from matscout.predict.ensembles import average_probabilities, over_members
from matscout.predict.learners import boosting
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_forest_of_mostly_redundant_columns_is_that_of_one_of_each_kind(rng: np.random.Generator) -> None:
    bits = rng.integers(0, 2, size=(150, 6)).astype(np.float64)
    values = bits @ rng.normal(size=6)
    constant, places = np.ones((150, 9)), rng.permutation(9 + 12)
    wide = np.hstack([constant, bits, bits])[:, places]
    forest = ExtraTrees(n_trees=30, seed=1).fit(wide, values)
    found = forest.predict(wide)
    np.testing.assert_allclose(found.mean, values, atol=1e-9)
    used = np.unique(forest.trees.feature)
    # Of two columns that are alike some trees take the one, some the other; none takes what is constant.
    assert set(used.tolist()) == {-1, *np.flatnonzero(places >= 9).tolist()}


def test_alike_columns_are_told_apart_where_trees_took_different_ones(rng: np.random.Generator) -> None:
    bit = rng.integers(0, 2, size=(60, 1)).astype(np.float64)
    forest = ExtraTrees(n_trees=400, seed=0).fit(np.hstack([bit, bit, np.zeros((60, 2))]), bit[:, 0])
    (unlike,) = forest.predict(np.array([[1.0, 0.0, 0.0, 0.0]])).mean
    assert 0.4 < unlike < 0.6


def test_a_forest_of_few_redundant_columns_sees_all_of_them(rng: np.random.Generator) -> None:
    vectors = rng.normal(size=(40, 8))
    kinds = ColumnKinds.of(np.hstack([vectors, vectors[:, :1], np.ones((40, 1))]).astype(np.float32))
    np.testing.assert_array_equal(kinds.drawn(seed=3), np.arange(10))


def test_where_nothing_varies_the_first_column_is_kept() -> None:
    np.testing.assert_array_equal(ColumnKinds.of(np.ones((4, 3), dtype=np.float32)).drawn(seed=0), [0])
    assert ExtraTrees(n_trees=3).fit(np.ones((4, 3)), np.arange(4.0)).predict(np.ones((1, 3))).mean == pytest.approx(
        1.5
    )


@pytest.mark.parametrize("n_classes", [2, 4])
def test_flattened_boosting_equals_scikit_learn_for_classes(rng: np.random.Generator, n_classes: int) -> None:
    vectors = rng.normal(size=(200, 6)).astype(np.float32).astype(np.float64)
    classes = np.digitize(vectors[:, 0] + 0.2 * rng.normal(size=200), np.linspace(-1, 1, n_classes - 1))
    model = SklearnClassifier(max_iter=15, random_state=0, early_stopping=False).fit(vectors, classes)
    trees = join_trees(boosting.flatten(model))
    raw = trees.predict(vectors).sum(axis=0) + model._baseline_prediction
    probabilities = average_probabilities(raw[None], np.unique(classes), n_classes)
    np.testing.assert_allclose(probabilities, model.predict_proba(vectors), atol=1e-9)


@pytest.mark.parametrize("few", [0, 10**9], ids=["compiled", "few rows"])
def test_flattened_boosting_equals_scikit_learn_for_numbers(
    few: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matscout.predict.decision_trees.FEW_WALKS", few)
    vectors = rng.normal(size=(300, 6)).astype(np.float32).astype(np.float64)
    model = SklearnRegressor(max_iter=40, random_state=0, early_stopping=False).fit(vectors, vectors[:, 0] ** 2)
    raw = join_trees(boosting.flatten(model)).predict(vectors).sum(axis=0) + model._baseline_prediction
    np.testing.assert_allclose(raw[:, 0], model.predict(vectors), rtol=1e-9)


def test_nodes_out_of_order_are_refused() -> None:
    left, right = np.array([2, -1, -1]), np.array([1, -1, -1])
    with pytest.raises(ValueError, match="depth-first"):
        one_tree(left, right, np.zeros(3, dtype=int), np.zeros(3), np.zeros((3, 1)))


def test_statistics_skip_members_that_do_not_count() -> None:
    by_member = np.array([[1.0, np.nan, np.nan], [2.0, 5.0, np.nan], [9.0, 7.0, np.nan]])
    estimate = over_members(by_member)
    np.testing.assert_allclose(estimate.mean, [4.0, 6.0, np.nan])
    np.testing.assert_allclose(estimate.median, [2.0, 6.0, np.nan])
    np.testing.assert_allclose(estimate.std, [np.std([1, 2, 9]), 1.0, np.nan])


def test_out_of_bag_estimates_never_saw_the_row(rng: np.random.Generator) -> None:
    """Pure noise, every row twice: a tree that saw a row or its twin would know its value."""
    vectors = np.repeat(rng.normal(size=(60, 4)), 2, axis=0)
    noise = np.repeat(rng.normal(size=60), 2)
    twins = np.repeat(np.arange(60), 2)
    together = ExtraTrees(n_trees=100, bootstrap=True).fit(vectors, noise, groups=twins).out_of_bag
    apart = ExtraTrees(n_trees=100, bootstrap=True).fit(vectors, noise).out_of_bag
    assert np.corrcoef(together.mean, noise)[0, 1] < 0.1
    assert np.corrcoef(apart.mean, noise)[0, 1] > 0.6


def test_out_of_bag_estimates_equal_brute_force(rng: np.random.Generator) -> None:
    vectors, values = rng.normal(size=(40, 3)), rng.normal(size=40)
    groups = rng.integers(0, 10, size=40)
    forest = ExtraTrees(n_trees=30, bootstrap=True, seed=5).fit(vectors, values, groups=groups)
    seen = forest._draw(np.random.default_rng(5), 40, groups) > 0
    by_tree = forest.trees.predict(vectors)[:, :, 0]
    for row in range(40):
        unseen = by_tree[~seen[:, row], row]
        assert forest.out_of_bag.median[row] == pytest.approx(np.median(unseen), nan_ok=True)
        assert forest.out_of_bag.std[row] == pytest.approx(np.std(unseen))
    assert all((seen[:, groups == group] == seen[:, groups == group][:, :1]).all() for group in np.unique(groups))


def test_out_of_bag_probabilities_equal_brute_force(rng: np.random.Generator) -> None:
    vectors, classes = rng.normal(size=(40, 3)), rng.integers(0, 3, size=40)
    forest = ExtraTreesClassifier(n_trees=30, bootstrap=True, seed=5).fit(vectors, classes, 3)
    seen = forest._draw(np.random.default_rng(5), 40, None) > 0
    by_tree = forest.trees.predict(vectors)
    expected = [by_tree[~seen[:, row], row].mean(axis=0) for row in range(40)]
    np.testing.assert_allclose(forest.out_of_bag, expected, atol=1e-12)


def test_threads_do_not_change_the_forest(rng: np.random.Generator) -> None:
    vectors, values = rng.normal(size=(60, 4)), rng.normal(size=60)
    one, many = (ExtraTrees(n_trees=20, n_jobs=n).fit(vectors, values).predict(vectors) for n in (1, 4))
    np.testing.assert_array_equal(one.mean, many.mean)


@pytest.mark.parametrize("bootstrap", [False, True])
def test_a_tree_that_trusts_none_of_its_rows_gets_the_heaviest(rng: np.random.Generator, bootstrap: bool) -> None:
    """One row outweighs the others a thousandfold: two trees in three do not draw it, and trust hardly any other."""
    vectors, values, groups = rng.normal(size=(12, 3)), np.arange(12.0), np.repeat([0, 1, 2], 4)
    weights = np.full(12, 1e-3)
    weights[[0, 5, 10]] = [1.0, 2e-3, 3e-3]
    forest = ExtraTrees(n_trees=200, bootstrap=bootstrap).fit(vectors, values, weights, groups)
    by_tree = forest.trees.predict(vectors)[:, 0, 0]
    drawn = forest._draw(np.random.default_rng(0), 12, groups) > 0
    assert (by_tree[drawn[:, 0]] == 0.0).mean() > 0.9
    if bootstrap:
        without = by_tree[~drawn[:, 0] & drawn[:, 10]]
        assert len(without) > 20
        assert np.median(without) == 10.0


def test_a_row_is_seen_if_its_group_was_drawn_whatever_its_weight(rng: np.random.Generator) -> None:
    """Twins of a row that is itself hardly trusted would give its value away."""
    vectors = np.repeat(rng.normal(size=(60, 4)), 2, axis=0)
    noise = np.repeat(rng.normal(size=60), 2)
    weights = np.tile([1.0, 0.01], 60)
    forest = ExtraTrees(n_trees=100, bootstrap=True).fit(vectors, noise, weights, np.repeat(np.arange(60), 2))
    assert np.corrcoef(forest.out_of_bag.mean, noise)[0, 1] < 0.1

"""Grown trees: equal to a transcription in plain Python, and forests of them to scikit-learn's."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier as SklearnClassifier
from sklearn.ensemble import ExtraTreesRegressor as SklearnForest

from matscout.predict.decision_trees import DecisionTrees
from matscout.predict.growing import FEW, LARGEST, GrowingRows, GrowingRules, grow_tree
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier


class Transcription:
    """One tree by the rules of Geurts and others 2006, table 1, row by row; every division of a small node is tried."""

    def __init__(self, rows: GrowingRows, weights: NDArray[np.int64], rules: GrowingRules, seed: int) -> None:
        self.columns, self.values, self.steps = rows.by_column, rows.values, rows.steps
        self.weights, self.rules, self.number = weights, rules, seed
        self.tried = max(1, int(rules.max_features * len(self.columns)))
        self.order = list(range(len(self.columns)))
        self.nodes: list[tuple[int, float]] = []
        self.leaves: list[NDArray[np.float64]] = []
        self.grow([int(row) for row in np.flatnonzero(weights)], [])

    def random(self) -> int:
        number = self.number or 1
        number ^= (number << 13) % 2**32
        number ^= number >> 17
        number ^= (number << 5) % 2**32
        self.number = number
        return number % 2**31

    def worth(self, left: list[int], right: list[int]) -> float:
        of_side = []
        for side in (left, right):
            sums = self.steps[:, side] @ self.weights[side]
            of_side.append(float(sum(one * one for one in sums)) / float(self.weights[side].sum()))
        return of_side[0] + of_side[1]

    def possible(self, rows: list[int]) -> float:
        if len(rows) > FEW or (len(rows) > 2 and len(self.steps) > 1):
            return np.inf
        if len(rows) == 2:
            return -np.inf
        halves = [left for size in range(1, len(rows)) for left in combinations(rows, size)]
        return max(self.worth(list(left), [row for row in rows if row not in left]) for left in halves)

    def split(self, rows: list[int], known: list[int]) -> tuple[float, int, float, list[int]]:
        """The best of the columns that are drawn: worth, column, threshold; and what is constant by now."""
        best: tuple[float, int, float] = (-np.inf, -1, 0.0)
        order, n_known = self.order, len(known)
        possible, drawn, new, last, visited = self.possible(rows), 0, 0, len(order), 0
        while last > n_known + new and (visited < self.tried or visited <= new + drawn):
            visited += 1
            place = drawn + self.random() % (last - new - drawn)
            if place < n_known:
                order[drawn], order[place] = order[place], order[drawn]
                drawn += 1
                continue
            place += new
            column = order[place]
            inputs = self.columns[column][rows]
            low, high = inputs.min(), inputs.max()
            if high <= low + np.float32(1e-7):
                order[place], order[n_known + new] = order[n_known + new], column
                new += 1
                continue
            last -= 1
            order[last], order[place] = order[place], order[last]
            limit = (float(high) - float(low)) * self.random() / LARGEST + float(low)
            limit = float(low) if limit >= high else limit
            left = [row for row in rows if self.columns[column][row] <= limit]
            right = [row for row in rows if self.columns[column][row] > limit]
            if min(len(left), len(right)) >= self.rules.min_samples_leaf and self.worth(left, right) > best[0]:
                best = (self.worth(left, right), column, limit)
            if best[0] >= possible:
                break
        order[:n_known] = known
        return (*best, order[: n_known + new])

    def grow(self, rows: list[int], constant: list[int]) -> None:
        worth = -np.inf
        if len(rows) >= max(2, 2 * self.rules.min_samples_leaf) and np.ptp(self.steps[:, rows], axis=1).any():
            worth, column, limit, constant = self.split(rows, constant)
        if worth == -np.inf:
            self.nodes.append((-1, 0.0))
            self.leaves.append(np.average(self.values[rows], axis=0, weights=self.weights[rows]))
            return
        self.nodes.append((column, limit))
        self.grow([row for row in rows if self.columns[column][row] <= limit], constant)
        self.grow([row for row in rows if self.columns[column][row] > limit], constant)


def made_up(kind: str, n: int, d: int, k: int, rng: np.random.Generator) -> GrowingRows:
    vectors = rng.normal(size=(n, d)).astype(np.float32)
    if kind == "ties":
        vectors = np.round(vectors)
    if kind == "constant":
        vectors[:, ::2] = vectors[:1, ::2]
    if kind == "mostly zero":
        vectors *= rng.random((n, d)) < 0.1
    values = rng.normal(size=(n, 1)) if k == 1 else np.eye(k)[rng.integers(k, size=n)]
    return GrowingRows.of(vectors, np.round(values) if kind == "ties" else values)


@pytest.mark.parametrize("kind", ["plain", "ties", "constant", "mostly zero"])
@pytest.mark.parametrize("seed", range(12))
def test_a_tree_equals_its_transcription(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(1, 60)), int(rng.integers(1, 20)), int(rng.choice([1, 1, 3]))
    rows = made_up(kind, n, d, k, rng)
    weights = rng.multinomial(n, np.full(n, 1 / n)) if seed % 2 else np.ones(n, dtype=np.int64)
    rules = GrowingRules(float(rng.choice([0.05, 0.3, 1.0])), int(rng.choice([1, 1, 3])))
    tree, expected = grow_tree(rows, np.arange(d), weights, rules, seed=seed), Transcription(rows, weights, rules, seed)
    columns, limits = zip(*expected.nodes, strict=True)
    np.testing.assert_array_equal(tree.feature, columns)
    np.testing.assert_allclose(tree.threshold, limits, rtol=1e-6)
    np.testing.assert_allclose(tree.leaf_values, expected.leaves, rtol=1e-12, atol=1e-15)
    tree._require_sound()


def test_only_the_given_columns_are_split() -> None:
    rows = made_up("plain", 80, 9, 1, np.random.default_rng(0))
    columns = np.array([2, 5, 7])
    tree = grow_tree(rows, columns, np.ones(80, dtype=np.int64), GrowingRules(1.0, 1), seed=1)
    assert set(tree.feature.tolist()) == {-1, 2, 5, 7}


def test_values_of_any_size_grow_the_same_tree() -> None:
    """A variance of 1e-24 is one, and a large offset hides nothing."""
    rng = np.random.default_rng(0)
    vectors, values = rng.normal(size=(90, 6)).astype(np.float32), rng.integers(0, 1000, size=(90, 1)) / 1024

    def grown(changed: NDArray[np.float64]) -> DecisionTrees:
        weights = np.ones(90, dtype=np.int64)
        return grow_tree(GrowingRows.of(vectors, changed), np.arange(6), weights, GrowingRules(0.5, 1), seed=3)

    usual, small, shifted = grown(values), grown(values * 2.0**-80), grown(values + 4096)
    np.testing.assert_array_equal(small.feature, usual.feature)
    np.testing.assert_array_equal(small.leaf_values, usual.leaf_values * 2.0**-80)
    np.testing.assert_array_equal(shifted.feature, usual.feature)


@pytest.mark.parametrize(("bootstrap", "least"), [(False, 1), (True, 1), (False, 5)])
def test_forests_say_what_those_of_scikit_learn_say(*, bootstrap: bool, least: int) -> None:
    """Means of 1,500 trees each, at 200 new rows, differ by no more than chance allows."""
    rng = np.random.default_rng(0)
    vectors, new = rng.normal(size=(70, 10)), rng.normal(size=(200, 10))
    values = vectors[:, 0] * vectors[:, 1] + np.abs(vectors[:, 2]) + 0.3 * rng.normal(size=70)
    options = {"max_features": 0.3, "min_samples_leaf": least, "bootstrap": bootstrap}
    own = ExtraTrees(n_trees=1500, seed=1, **options).fit(vectors, values)
    peer = SklearnForest(1500, random_state=2, **options).fit(vectors, values)
    by_tree = np.stack([tree.predict(new) for tree in peer.estimators_])
    ours = own.trees.predict(new)[:, :, 0]
    error = np.sqrt((ours.var(axis=0) + by_tree.var(axis=0)) / 1500)
    z = (ours.mean(axis=0) - by_tree.mean(axis=0)) / error
    assert np.abs(z).max() < 4.5
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1.0, abs=0.35)
    np.testing.assert_allclose(ours.std(axis=0).mean(), by_tree.std(axis=0).mean(), rtol=0.03)


def test_forests_of_classes_say_what_those_of_scikit_learn_say() -> None:
    rng = np.random.default_rng(1)
    vectors, new = rng.normal(size=(90, 8)), rng.normal(size=(150, 8))
    classes = np.digitize(vectors[:, 0] + 0.5 * rng.normal(size=90), [-0.5, 0.7])
    own = ExtraTreesClassifier(n_trees=1500, max_features=0.3, seed=1).fit(vectors, classes, 3).predict(new)
    peer = SklearnClassifier(1500, max_features=0.3, random_state=2).fit(vectors, classes).predict_proba(new)
    assert np.abs(own - peer).max() < 4.5 * np.sqrt(2 * 0.25 / 1500)

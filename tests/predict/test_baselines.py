"""The baselines do what their names say, judged from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.stats import norm

from matscout.predict.learner import Estimate
from matscout.predict.model import Predictor
from matscout.predict.models.dummy import Dummy
from matscout.predict.models.gp import GP
from matscout.predict.models.trees import Trees
from matscout.represent.embeddings import Embeddings


def test_the_dummy_says_the_median_or_the_mean(make_dataset) -> None:
    dataset = make_dataset(31)
    values = dataset.target().values
    median = Dummy(metric="mae").fit(dataset).predict(dataset.materials)
    mean = Dummy(metric="rmse").fit(dataset).predict(dataset.materials)
    np.testing.assert_allclose(median.predicted, np.median(values))
    np.testing.assert_allclose(mean.predicted, np.mean(values))


def test_the_dummy_gives_the_class_shares(make_dataset) -> None:
    dataset = make_dataset(40, task="classification")
    probabilities = Dummy().fit(dataset).predict(dataset.materials).probabilities
    np.testing.assert_allclose(probabilities[0], np.bincount(dataset.target().values.astype(int)) / 40)


def test_dummy_intervals_cover_new_rows_at_the_level(make_dataset) -> None:
    training, new = make_dataset(200, seed=1), make_dataset(800, seed=2)
    predictions = Dummy().fit(training).predict(new.materials)
    values = new.target().values
    covered = (predictions.lower <= values) & (values <= predictions.upper)
    assert abs(covered.mean() - 0.9) < 0.05


def test_the_trees_predict_the_statistic_of_the_metric(make_dataset) -> None:
    dataset = make_dataset(50)
    model = Trees(metric="mae", fast=True, weights="magpie").fit(dataset)
    predictor = model.predictor
    assert isinstance(predictor, Trees)
    vectors = predictor.features.transform(Embeddings(dataset.materials)).vectors
    estimate = predictor.learner.predict(vectors)
    assert isinstance(estimate, Estimate)
    np.testing.assert_array_equal(model.predict(dataset.materials).predicted, estimate.median)
    mean = Trees(metric="rmse", fast=True, weights="magpie").fit(dataset).predict(dataset.materials).predicted
    np.testing.assert_array_equal(mean, estimate.mean)
    assert (estimate.mean != estimate.median).any()


trees_on_magpie = partial(Trees, weights="magpie")


@pytest.mark.parametrize("maker", [trees_on_magpie, GP])
def test_intervals_cover_new_rows_at_the_level(make_dataset, maker: Callable[..., Predictor]) -> None:
    training, new = make_dataset(150, seed=3), make_dataset(400, seed=4)
    predictions = maker(fast=True).fit(training).predict(new.materials, level=0.8)
    values = new.target().values
    covered = (predictions.lower <= values) & (values <= predictions.upper)
    assert 0.7 < covered.mean() < 0.93
    errors = np.abs(predictions.predicted - values)
    assert errors.mean() < 0.4 * np.abs(values - np.median(values)).mean()


def test_grouped_intervals_are_wider_where_groups_differ(make_dataset) -> None:
    dataset = make_dataset(120, n_groups=15)
    shifts = np.random.default_rng(0).normal(size=15)[np.unique(dataset.groups, return_inverse=True)[1]]
    target = replace(dataset.target(), values=dataset.target().values + 2.0 * shifts)
    shifted = replace(dataset, targets={"gap": target})
    new = make_dataset(50, seed=9).materials
    grouped = Trees(fast=True, weights="magpie").fit(shifted).predict(new)
    alone = Trees(fast=True, weights="magpie").fit(replace(shifted, groups=None)).predict(new)
    assert (grouped.upper - grouped.lower).mean() > (alone.upper - alone.lower).mean()
    assert "new group" in grouped.assumption
    assert "new material" in alone.assumption


def test_gp_intervals_are_gaussian(make_dataset) -> None:
    dataset = make_dataset(40)
    predictions = GP().fit(dataset).predict(dataset.materials, level=0.5)
    np.testing.assert_allclose(predictions.upper - predictions.predicted, norm.ppf(0.75) * predictions.std, rtol=1e-5)


def test_noisy_rows_count_less(make_dataset) -> None:
    dataset = make_dataset(60)
    values, errors = dataset.target().values.copy(), np.full(60, 0.1)
    values[::3] += 6.0
    errors[::3] = 6.0
    target = replace(dataset.target(), values=values)
    clean = dataset.target().values
    for maker in (trees_on_magpie, GP):
        off = []
        for told in (None, errors):
            model = maker(fast=True, metric="rmse").fit(replace(dataset, targets={"gap": replace(target, errors=told)}))
            off.append(np.abs(model.predict(dataset.materials).predicted - clean)[::3].mean())
        assert off[1] < off[0]


def test_bounds_inform_the_fit(make_dataset) -> None:
    """Half the values are only known to be at least some low number: better than taking that number for the value."""
    dataset = make_dataset(100)
    true = dataset.target().values
    censored = np.where(np.arange(100) % 3 == 0, 1, 0).astype(np.int8)
    known = np.where(censored, 0.2 * true, true)
    errors = {}
    for name, told in (("bounds", censored), ("values", None)):
        target = replace(dataset.target(), values=known, censored=told)
        model = GP().fit(replace(dataset, targets={"gap": target}))
        errors[name] = np.abs(model.predict(dataset.materials).predicted - true).mean()
    assert errors["bounds"] < 0.5 * errors["values"]


@pytest.mark.parametrize("maker", [Dummy, trees_on_magpie, GP])
def test_bounds_flatter_neither_scores_nor_intervals(make_dataset, maker: Callable[..., Predictor]) -> None:
    """Two thirds of the values are loose bounds: a model that believed its own guesses for them would be too sure."""
    dataset, new = make_dataset(150, seed=1), make_dataset(300, seed=2)
    censored = np.where(np.arange(150) % 3 > 0, 1, 0).astype(np.int8)
    known = np.where(censored, 0.3, 1.0) * dataset.target().values
    target = replace(dataset.target(), values=known, censored=censored)
    model = maker(fast=True).fit(replace(dataset, targets={"gap": target}))
    predictions, values = model.predict(new.materials, level=0.8), new.target().values
    outside = np.abs(predictions.predicted - values).mean()
    # Fifty errors tell their mean to some 11 %.
    assert 0.65 * outside < model.scores["mae"] < 1.4 * outside
    covered = (predictions.lower <= values) & (values <= predictions.upper)
    assert covered.mean() > 0.65


def test_explanations_name_what_matters(make_dataset) -> None:
    """The made-up gap follows the temperature, which no other column tells."""
    dataset = make_dataset(150, context=True)
    hot = dataset[np.flatnonzero(dataset.materials.context["temperature"] > 850.0)].materials
    for maker in (trees_on_magpie, GP):
        explanations = maker(fast=True).fit(dataset).explain(hot, k=5)
        effects = [dict(explanation.features).get("temperature", 0.0) for explanation in explanations]
        assert np.mean(effects) > 0.02

"""No model, whoever wrote it, predicts what cannot be: nothing of a prediction lies beyond the limits of its target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.golden import make_golden

import matscout
from matscout import registry
from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model

ALL = pytest.mark.parametrize("name", [plug_in.name for plug_in in registry.plug_ins("models")])


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_golden.small_network(tmp_path_factory.mktemp("network"))


def at_the_edge(dataset: Dataset, limits: tuple[float, float] | None) -> Dataset:
    """All numbers of the rows between 0 and 1, half of them at an end: whoever extrapolates goes beyond."""
    targets = {}
    for name, target in dataset.targets.items():
        if target.task == "regression":
            middle, reach = np.median(target.values), np.ptp(target.values)
            steep = np.clip(0.5 + 3.0 * (target.values - middle) / reach, 0.0, 1.0)
            targets[name] = replace(target, values=steep, unit=None, limits=limits)
    return replace(dataset, targets=targets)


@pytest.mark.parametrize("limits", [None, (0.0, 1.0)], ids=["no label is negative", "between 0 and 1"])
@ALL
def test_no_prediction_lies_beyond_the_limits(name: str, limits: tuple[float, float] | None, weights: str) -> None:
    kind = make_golden.KINDS[name]
    address = kind.address.format(weights=weights)
    address = address.replace("power*temperature/conductivity", "2*power-conductivity")
    dataset = at_the_edge(kind.dataset(), limits)
    target = kind.targets[0]
    with make_golden.in_small():
        predictions = matscout.fit(dataset, target, model=address, fast=True).predict(dataset.materials, 0.8)
    assert isinstance(predictions, Predictions)
    low, high = limits or (0.0, np.inf)
    said = predictions.distribution
    assert said.limits == (low, high)
    for column in (predictions.predicted, predictions.lower, predictions.upper, said.mean, said.samples(200, 0)):
        assert column.min() >= low
        assert column.max() <= high
    assert said.cdf(low - 1e-9).max() == 0.0
    if limits is not None:
        assert said.cdf(high).min() == 1.0
    # The rows are such that it would have gone beyond.
    assert (said.reach(-2.0, said.scale) < low).any()


@ALL
def test_what_has_learned_nothing_says_that_it_has_to(name: str, weights: str) -> None:
    kind = make_golden.KINDS[name]
    model = make_model(kind.address.format(weights=weights))
    materials = kind.dataset().materials
    for asked in (
        lambda: model.predict(materials),
        lambda: model.predict_at(materials, [0.5]),
        lambda: model.explain(materials),
        lambda: model.save(weights),
    ):
        with pytest.raises(UsageError, match=rf"{name} has not learned anything yet: .*matscout\.fit\(dataset, model="):
            asked()

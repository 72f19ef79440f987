"""Every model, on values of any size and spread: what it says is on the scale of the labels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.contracts.test_models import NAMES, OF_REACTIONS, make_dataset

import matscout
from matscout.data.dataset import Dataset
from matscout.predict.base import Predictions

N, N_LEARNED = 60, 40
NETWORKS = {"mixture-of-experts", "single-task-network"} | OF_REACTIONS
ALL = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in NETWORKS)) for name in NAMES]
)


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of reactions learn little here."""
    monkeypatch.setattr("matscout.predict.models.uam.FAST_STEPS", (20, 20))


@cache
def plain(name: str) -> Dataset:
    return make_dataset(name, N, seed=4)


def with_values(name: str, values: np.ndarray) -> Dataset:
    dataset = plain(name)
    return replace(dataset, targets={"gap": replace(dataset.target(), values=values)})


def shares(name: str) -> np.ndarray:
    """The plain values between 0 and 1."""
    values = plain(name).target().values
    return np.asarray((values - values.min()) / np.ptp(values))


def said_of(name: str, dataset: Dataset) -> Predictions:
    model = matscout.fit(dataset[:N_LEARNED], model=name, fast=True, seed=1)
    said = model.predict(dataset[N_LEARNED:].materials, 0.8)
    assert isinstance(said, Predictions)
    assert all(np.isfinite(column).all() for column in (said.predicted, said.lower, said.upper, said.std))
    assert ((said.lower <= said.predicted) & (said.predicted <= said.upper)).all()
    return said


@ALL
@pytest.mark.parametrize("spread", [1e-3, 1e3])
def test_intervals_are_as_wide_as_the_labels_differ(name: str, spread: float) -> None:
    """Of a thousandth, and of a thousand times the median, to both sides of zero."""
    dataset = with_values(name, 5.0 + 5.0 * spread * (shares(name) - 0.5))
    said, labels = said_of(name, dataset), dataset.target().values[:N_LEARNED]
    reach = np.ptp(labels)
    assert (said.lower >= labels.min() - reach).all()
    assert (said.upper <= labels.max() + reach).all()
    assert (said.upper - said.lower <= 1.5 * reach).all()
    best = float(labels.max())
    behind = said.predicted <= best
    assert (1 - said.distribution.cdf(best)[behind] <= 0.5 + 1e-9).all()


@ALL
def test_intervals_of_values_over_decades_are_of_decades(name: str) -> None:
    """From a thousandth of the median to a million times it."""
    dataset = with_values(name, 1e-3 * 10.0 ** (9.0 * shares(name) ** 2))
    said, labels = said_of(name, dataset), np.log10(dataset.target().values[:N_LEARNED])
    assert said.distribution.scale.kind == "log"
    lower, upper = np.log10(said.lower), np.log10(said.upper)
    reach = np.ptp(labels)
    assert (lower >= labels.min() - reach).all()
    assert (upper <= labels.max() + reach).all()
    assert (upper - lower <= 1.5 * reach).all()


@ALL
def test_another_unit_changes_the_numbers_and_nothing_else(name: str) -> None:
    """By powers of two, which change no other digit."""
    tolerance = 1e-3 if name in NETWORKS else 1e-6
    first = said_of(name, with_values(name, 1.0 + shares(name)))
    for factor in (2.0**-40, 2.0**30):
        other = said_of(name, with_values(name, factor * (1.0 + shares(name))))
        for column in ("predicted", "lower", "upper"):
            np.testing.assert_allclose(getattr(other, column) / factor, getattr(first, column), rtol=tolerance)

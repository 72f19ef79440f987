"""What every model must do with values of any size and spread: what it predicts is on the scale of the labels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from matscout.data.dataset import Target
from matscout.predict.base import Predictions
from matscout.testing.contract import Contract
from matscout.testing.fitted_models import Floats, example, learned, maker_of

if TYPE_CHECKING:
    import pytest

N, N_LEARNED = 90, 60
SPREADS = {"a thousandth": 1e-3, "a thousand times": 1e3}


@cache
def shares(name: str) -> Floats:
    """The made-up values between 0 and 1."""
    values = example(name, N, seed=4).target("gap").values
    return np.asarray((values - values.min()) / np.ptp(values))


def foretold(name: str, values: Floats) -> Predictions:
    """What is predicted of the rows that were not learned."""
    dataset = example(name, N, lambda _: Target("gap", values, "eV"), seed=4)
    model = learned(name, dataset[:N_LEARNED], "gap", seed=1)
    predictions = model.predict(dataset[N_LEARNED:].materials, 0.8)
    assert isinstance(predictions, Predictions)
    columns = (predictions.predicted, predictions.lower, predictions.upper, predictions.std)
    assert all(np.isfinite(column).all() for column in columns)
    assert (predictions.lower <= predictions.predicted).all()
    assert (predictions.predicted <= predictions.upper).all()
    return predictions


class ModelSpreadContract(Contract):
    """A test that takes ``spread`` is called with the spread of the labels as a share of their median."""

    family = "models"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """About models of numbers."""
        return "regression" in plug_in.tasks

    @classmethod
    def arguments(cls, metafunc: pytest.Metafunc) -> tuple[str, ...]:
        """The name of a model, and a spread."""
        return tuple(name for name in ("name", "spread") if name in metafunc.fixturenames)

    @classmethod
    def cases(cls, metafunc: pytest.Metafunc) -> list[tuple[str, ...]]:
        """Each model with each spread."""
        if "spread" in cls.arguments(metafunc):
            return [(name, spread) for spread in SPREADS for name in cls.names()]
        return super().cases(metafunc)

    @classmethod
    def is_slow(cls, function: Callable[..., Any], case: tuple[str, ...]) -> bool:
        """Networks learn each of them anew."""
        return maker_of(case[0]).costly

    def test_intervals_are_as_wide_as_the_labels_differ(self, name: str, spread: str) -> None:
        """Of a thousandth, and of a thousand times the median, to both sides of zero."""
        values = 5.0 + 5.0 * SPREADS[spread] * (shares(name) - 0.5)
        predictions, labels = foretold(name, values), values[:N_LEARNED]
        reach, best = np.ptp(labels), float(labels.max())
        assert (predictions.lower >= labels.min() - reach).all()
        assert (predictions.upper <= best + reach).all()
        assert (predictions.upper - predictions.lower <= 1.5 * reach).all()
        behind = predictions.predicted <= best
        assert (1 - predictions.distribution.cdf(best)[behind] <= 0.5 + 1e-9).all()

    def test_intervals_of_values_over_decades_are_of_decades(self, name: str) -> None:
        """From a thousandth of the median to a million times it."""
        values = 1e-3 * 10.0 ** (9.0 * shares(name) ** 2)
        predictions, labels = foretold(name, values), np.log10(values[:N_LEARNED])
        assert predictions.distribution.scale.kind == "log"
        lower, upper = np.log10(predictions.lower), np.log10(predictions.upper)
        reach = np.ptp(labels)
        assert (lower >= labels.min() - reach).all()
        assert (upper <= labels.max() + reach).all()
        assert (upper - lower <= 1.5 * reach).all()

    def test_another_unit_changes_the_numbers_and_nothing_else(self, name: str) -> None:
        """By powers of two, which change no other digit."""
        tolerance = 1e-3 if maker_of(name).costly else 1e-6
        first = foretold(name, 1.0 + shares(name))
        for factor in (2.0**-40, 2.0**30):
            other = foretold(name, factor * (1.0 + shares(name)))
            for column in ("predicted", "lower", "upper"):
                np.testing.assert_allclose(getattr(other, column) / factor, getattr(first, column), rtol=tolerance)

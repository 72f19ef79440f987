"""Models fitted to the example data sets of their kind, each once, for the suites of models."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.data.dataset import Dataset, Target
from matscout.data.made_up import Label, as_class, as_number
from matscout.data.materials import Materials
from matscout.errors import MissingExtraError
from matscout.predict.base import Answer, ClassPredictions, Predictions
from matscout.predict.fitting import fit_model
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.model import Model, Predictor
from matscout.testing.contract import skip_without

Floats = NDArray[np.float64]

N, N_NEW = 60, 25
"""Rows to learn from, and rows to predict."""


def maker_of(name: str) -> type[Predictor]:
    """The class of a model."""
    maker: type[Predictor] = registry.load_class("models", name)
    return maker


def example(
    name: str,
    n: int = N,
    label: Label = as_number,
    *,
    seed: int = 0,
    context: bool = False,
    groups: bool = False,
) -> Dataset:
    """Labelled rows of what the model learns from."""
    return maker_of(name).example_dataset(n, seed=seed, label=label, context=context, groups=groups)


def learned(name: str, dataset: Dataset, target: str, *, seed: int = 0, brief: bool = True) -> Model:
    """The model, fitted; skips the running test if something is not installed that it needs."""
    try:
        return fit_model(maker_of(name).example_model(seed=seed, brief=brief), dataset, target)
    except MissingExtraError as error:
        skip_without(error)
        raise


def decades(values: Floats) -> Target:
    """A property over five decades, whose logarithm follows what the rows are made of."""
    return Target("gap", 10.0 ** (5.0 * (values - values.min()) / np.ptp(values) - 2.0), "eV")


def one_far_above(values: Floats) -> Target:
    """One row has a million times what the others have at most."""
    higher = values.copy()
    higher[17] = 1e6 * values.max()
    return Target("gap", higher, "eV")


LABELS: dict[str, Label] = {
    "number": as_number,
    "class": as_class,
    "decades": decades,
    "one far above": one_far_above,
}
TARGETS = {"number": "gap", "class": "kind", "decades": "gap", "one far above": "gap"}
"""What the target of each is called."""


def labelled(name: str, made: str) -> Dataset:
    """The rows that :func:`fitted` learns from."""
    return example(name, label=LABELS[made], context=made in ("number", "class"))


@cache
def fitted(name: str, made: str) -> Model:
    """The model, fitted to a kind of label; rows of numbers and classes have conditions."""
    return learned(name, labelled(name, made), TARGETS[made], seed=3)


@cache
def new_materials(name: str) -> Materials:
    """Rows that it has not seen."""
    return example(name, N_NEW, seed=1, context=True).materials


def numbers(name: str, made: str = "number", level: float = 0.9) -> Predictions:
    """What the fitted model predicts of new rows."""
    predictions = fitted(name, made).predict(new_materials(name), level)
    assert isinstance(predictions, Predictions)
    return predictions


def columns(predictions: Answer) -> Floats:
    """Everything that is predicted, one row per material."""
    if isinstance(predictions, KnownLikeness):
        ranks = (predictions.score, predictions.percentile_known, predictions.percentile_unlabelled)
        return np.stack([*ranks, predictions.distance, predictions.in_domain], axis=1)
    if isinstance(predictions, ClassPredictions):
        return np.concatenate([predictions.probabilities, predictions.sets, predictions.in_domain[:, None]], axis=1)
    arrays = (predictions.predicted, predictions.std, predictions.lower, predictions.upper, predictions.in_domain)
    return np.stack(arrays, axis=1)


def require_rows_alone(model: Model, materials: Materials) -> None:
    """Refuse a model whose answer for a material depends on the batch or its order by more than it says.

    A network in single precision rounds differently in batches of another size.

    Raises
    ------
    AssertionError
        If it does.
    """
    whole = columns(model.predict(materials))
    order = np.random.default_rng(0).permutation(len(materials))
    close = max(1e-9, model.tolerance)
    np.testing.assert_allclose(columns(model.predict(materials[order])), whole[order], rtol=close, atol=close)
    single = np.concatenate([columns(model.predict(materials[[row]])) for row in range(5)])
    np.testing.assert_allclose(single, whole[:5], rtol=close, atol=close)

"""Predictions for many candidates in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.predict.base import AnyPredictions, ClassPredictions, Model, Predictions, Unlimited
from matscout.progress import Progress, silent

ROWS_AT_ONCE = 20_000


def predict_candidates(
    model: Model, materials: Materials, level: float = 0.9, progress: Progress = silent
) -> AnyPredictions:
    """Predict all materials, :data:`ROWS_AT_ONCE` at a time (at most some 100 MB of descriptors)."""
    parts = []
    for start in range(0, max(len(materials), 1), ROWS_AT_ONCE):
        parts.append(model.predict(materials[start : start + ROWS_AT_ONCE], level))
        progress("predicting candidates", min(start + ROWS_AT_ONCE, len(materials)), len(materials))
    return join_predictions(parts)


def described_alike(labels: Dataset, candidates: Materials) -> Dataset:
    """The labels as the candidates can be described: without structures if these have none.

    A model needs them for both or neither.
    """
    if labels.materials.structures is None or candidates.structures is not None:
        return labels
    return replace(labels, materials=replace(labels.materials, structures=None))


def join_predictions(parts: Sequence[AnyPredictions]) -> AnyPredictions:
    """One block of predictions from consecutive ones of the same model."""
    first = parts[0]
    problems: tuple[RowProblem, ...] = tuple(problem for part in parts for problem in part.problems)
    in_domain = np.concatenate([part.in_domain for part in parts])
    if isinstance(first, ClassPredictions):
        blocks = [part for part in parts if isinstance(part, ClassPredictions)]
        return ClassPredictions(
            first.target,
            first.level,
            first.classes,
            np.concatenate([part.probabilities for part in blocks]),
            np.concatenate([part.sets for part in blocks]),
            in_domain,
            first.assumption,
            problems,
        )
    numbers = [part for part in parts if isinstance(part, Predictions)]
    return Predictions(
        first.target,
        first.unit,
        first.level,
        np.concatenate([part.predicted for part in numbers]),
        np.concatenate([part.std for part in numbers]),
        np.concatenate([part.lower for part in numbers]),
        np.concatenate([part.upper for part in numbers]),
        in_domain,
        first.assumption,
        problems,
        _joined([part.unlimited for part in numbers]),
    )


def _joined(parts: Sequence[Unlimited | None]) -> Unlimited | None:
    blocks = [part for part in parts if part is not None]
    if not blocks:
        return None
    columns = [np.concatenate([getattr(part, name) for part in blocks]) for name in ("predicted", "lower", "upper")]
    return Unlimited(blocks[0].limits, *columns)


def take(predictions: AnyPredictions, rows: NDArray[np.int64]) -> AnyPredictions:
    """The predictions of the chosen rows."""
    in_domain = predictions.in_domain[rows]
    if isinstance(predictions, ClassPredictions):
        chosen = predictions.probabilities[rows], predictions.sets[rows]
        return replace(predictions, probabilities=chosen[0], sets=chosen[1], in_domain=in_domain)
    before = predictions.unlimited
    return replace(
        predictions,
        predicted=predictions.predicted[rows],
        std=predictions.std[rows],
        lower=predictions.lower[rows],
        upper=predictions.upper[rows],
        in_domain=in_domain,
        unlimited=None
        if before is None
        else replace(before, predicted=before.predicted[rows], lower=before.lower[rows], upper=before.upper[rows]),
    )

"""Predictions for many candidates in bounded memory."""

from __future__ import annotations

from dataclasses import replace

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.predict.base import AnyPredictions, join_predictions
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.model import Model
from matscout.progress import Progress, silent

ROWS_AT_ONCE = 20_000


def predict_candidates(
    model: Model, materials: Materials, level: float = 0.9, progress: Progress = silent
) -> AnyPredictions:
    """Predict all materials, :data:`ROWS_AT_ONCE` at a time (at most some 100 MB of descriptors).

    Raises
    ------
    UsageError
        If it predicts neither numbers nor classes.
    """
    parts = []
    for start in range(0, max(len(materials), 1), ROWS_AT_ONCE):
        parts.append(model.predict(materials[start : start + ROWS_AT_ONCE], level))
        progress("predicting candidates", min(start + ROWS_AT_ONCE, len(materials)), len(materials))
    predictions = join_predictions(parts)
    if isinstance(predictions, KnownLikeness):
        raise UsageError(
            f"the model of {predictions.target} gives the likeness to known materials, and a shortlist ranks by "
            "numbers or classes: use matscout predict with it"
        )
    return predictions


def described_alike(labels: Dataset, candidates: Materials) -> Dataset:
    """The labels as the candidates can be described: without structures if these have none.

    A model needs them for both or neither.
    """
    if labels.materials.structures is None or candidates.structures is not None:
        return labels
    return replace(labels, materials=replace(labels.materials, structures=None))

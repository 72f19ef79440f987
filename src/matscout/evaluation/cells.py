"""One cell of a comparison: one model, fitted on the training rows of one split, asked about its test rows.

Cells are independent of each other, so they can be stored as they finish (a killed run resumes) and made in parallel.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import time
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.digests import digest_of
from matscout.errors import UsageError
from matscout.evaluation.base import Split
from matscout.predict.base import Answer, ClassPredictions, Metric, Predictions
from matscout.predict.distributions import Distribution
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.model import Model
from matscout.predict.states import State, part_state
from matscout.store import Store, key_of

CALIBRATION_LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Levels at which intervals are asked for; those beyond what the training rows allow are left out."""

KIND = "evaluations"
"""What cells are in a store."""


@dataclass(frozen=True)
class ModelSettings:
    """Which model, and how it is fitted."""

    name: str
    metric: Metric = "mae"
    fast: bool = False
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Cell:
    """Result of one model on one split.

    Parameters
    ----------
    predictions
        For the test rows, in their order.
    levels, inside
        float64 [k] nominal levels and int64 [k], how many test rows lay inside the intervals of that level
        (regression; empty for classes).
    seconds
        Wall time of fitting and predicting (the calibration levels not counted).
    """

    predictions: Answer
    levels: NDArray[np.float64]
    inside: NDArray[np.int64]
    seconds: float


def run_cell(dataset: Dataset, target: str, split: Split, settings: ModelSettings, level: float) -> Cell:
    """Fit on ``split.train``, predict ``split.test``; nothing is merged, groups stay with their rows."""
    from matscout.predict.fitting import fit

    start = time.perf_counter()
    model = fit(
        dataset[split.train],
        target,
        model=settings.name,
        metric=settings.metric,
        fast=settings.fast,
        seed=settings.seed,
        merge=False,
    )
    test = dataset[split.test]
    predictions = model.predict(test.materials, level)
    seconds = time.perf_counter() - start
    levels, inside = _calibration(model, test, target) if isinstance(predictions, Predictions) else ([], [])
    return Cell(predictions, np.array(levels, dtype=np.float64), np.array(inside, dtype=np.int64), seconds)


def _calibration(model: Model, test: Dataset, target: str) -> tuple[list[float], list[int]]:
    inside: list[int] = []
    measured = test.target(target).values
    # Some level needs more training rows than there were; then so does every higher one.
    with contextlib.suppress(UsageError):
        for predictions in model.predict_at(test.materials, CALIBRATION_LEVELS):
            if isinstance(predictions, Predictions):
                inside.append(int(((measured >= predictions.lower) & (measured <= predictions.upper)).sum()))
    return list(CALIBRATION_LEVELS[: len(inside)]), inside


def stored_cell(store: Store | None, key: str) -> Cell | None:
    """The cell that is kept under ``key``; None if there is none."""
    content = None if store is None else store.get_bytes(KIND, key)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return _cell_from_arrays({name: arrays[name] for name in arrays.files})


def store_cell(store: Store | None, key: str, cell: Cell) -> None:
    """Keep a cell, if there is a store.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    if store is not None:
        content = io.BytesIO()
        np.savez_compressed(content, allow_pickle=False, **_arrays_of_cell(cell))
        store.put_bytes(KIND, key, content.getvalue())


def cell_key(origin: str, digest: str, split: Split, settings: ModelSettings, level: float) -> str:
    """What a cell is stored by: the model with all it rests on (its ``origin``), data, rows, settings and level."""
    return key_of(origin, digest, settings, level, split.train.astype(np.int64), split.test.astype(np.int64))


def dataset_digest(dataset: Dataset, target: str) -> str:
    """SHA-256 of all that a model can see, and which target it learns (the others may help)."""
    return hashlib.sha256(f"{digest_of(dataset)} {dataset.target(target).name}".encode()).hexdigest()


def _arrays_of_cell(cell: Cell) -> dict[str, NDArray[Any]]:
    """Columns as arrays, everything else as one JSON text."""
    arrays: dict[str, NDArray[Any]] = {"levels": cell.levels, "inside": cell.inside}
    facts: dict[str, Any] = {}
    predictions = replace(cell.predictions, problems=())
    for field in fields(predictions):
        value = getattr(predictions, field.name)
        if field.name == "recalibration":
            continue  # None yet: it is learned from the cells.
        if isinstance(value, np.ndarray):
            arrays[field.name] = value
        elif isinstance(value, Distribution):
            state = value.state()
            facts[field.name] = dict(state.spec)
            arrays |= {f"{field.name}/{name}": array for name, array in state.arrays.items()}
        else:
            facts[field.name] = value
    return arrays | {"facts": np.array(json.dumps({"seconds": cell.seconds, "predictions": facts}))}


def _cell_from_arrays(arrays: dict[str, NDArray[Any]]) -> Cell:
    facts = json.loads(str(arrays.pop("facts")))
    levels, inside = arrays.pop("levels"), arrays.pop("inside")
    fields: dict[str, Any] = facts["predictions"] | {"problems": ()}
    if "score" in arrays:
        ranks: dict[str, Any] = {**arrays, **fields}
        return Cell(KnownLikeness(**ranks), levels, inside, facts["seconds"])
    if "classes" in fields:
        fields["classes"] = tuple(fields["classes"])
        columns: dict[str, Any] = {**arrays, **fields}
        return Cell(ClassPredictions(**columns), levels, inside, facts["seconds"])
    distribution_state = part_state(State({"distribution": fields.pop("distribution")}, arrays), "distribution")
    predictions = Predictions(
        **fields, distribution=Distribution.from_state(distribution_state), in_domain=arrays["in_domain"]
    )
    return Cell(predictions, levels, inside, facts["seconds"])

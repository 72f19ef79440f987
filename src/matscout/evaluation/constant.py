"""Training parts whose values are all equal: models refuse them, so that value itself is the prediction.

A few labels of a target that is mostly zero are easily all zero. Leaving such a draw out would flatter the scores of
small training sets, and stopping there would lose all other cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.evaluation.base import Split
from matscout.evaluation.cells import CALIBRATION_LEVELS, Cell
from matscout.predict.base import AnyPredictions, ClassPredictions, Predictions
from matscout.predict.distributions import Distribution
from matscout.predict.labels import MINIMUM_ROWS

ASSUMPTION = "all labels are equal, so every prediction is this value"


def is_constant(target: Target, split: Split) -> bool:
    """Whether all training values are equal, though the target itself varies and the rows are enough for a model."""
    trained, known = target.values[split.train], target.values[target.known]
    if target.task == POSITIVE_UNLABELLED:
        return False  # A constant ranks nothing.
    return len(trained) >= MINIMUM_ROWS and bool((trained == trained[0]).all() and (known != trained[0]).any())


def constant_cell(dataset: Dataset, target: str, split: Split, level: float) -> Cell:
    """The cell of every model for a constant training part: its value, in intervals that hold nothing else.

    All errors on rows left out of such a fit would be 0, so conformal intervals have no width; nor is there anything to
    tell which materials are like the labelled ones, so none is in the domain. It takes no time.
    """
    measured = dataset.target(target)
    value, n = float(measured.values[split.train[0]]), len(split.test)
    if measured.task == "classification":
        return Cell(_one_class(measured, int(value), n, level), np.empty(0), np.empty(0, dtype=np.int64), 0.0)
    allowed = np.array(
        [nominal for nominal in CALIBRATION_LEVELS if nominal <= len(split.train) / (1 + len(split.train))]
    )
    inside = np.full(len(allowed), int((measured.values[split.test] == value).sum()), dtype=np.int64)
    return Cell(_one_value(measured, value, n, level), allowed, inside, 0.0)


def constant_remark(target: Target, splits: Sequence[Split]) -> str:
    """What the text of the protocol adds where training parts are constant, "" if none is."""
    n = sum(is_constant(target, split) for split in splits)
    what = "class" if target.task == "classification" else "value"
    return f"; in {n} of {len(splits)} training parts there is only one {what}, which is then predicted" if n else ""


def _one_value(target: Target, value: float, n: int, level: float) -> AnyPredictions:
    same: NDArray[np.float64] = np.full(n, value)
    distribution = Distribution.between(same, same, same, level)
    return Predictions(target.name, target.unit, level, distribution, np.zeros(n, dtype=bool), ASSUMPTION)


def _one_class(target: Target, number: int, n: int, level: float) -> AnyPredictions:
    chosen = np.tile(np.arange(len(target.classes)) == number, (n, 1))
    return ClassPredictions(
        target.name, level, target.classes, chosen.astype(np.float64), chosen, np.zeros(n, dtype=bool), ASSUMPTION
    )

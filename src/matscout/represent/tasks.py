"""Tasks: what is known of each target of a table with many, and how its labels are scaled for a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matscout.errors import InputError

TaskKind = Literal["number", "yes-no"]

SKEWED = 10.0
"""A positive target whose 9th decile is so many times its first is learnt as a logarithm."""


@dataclass(frozen=True)
class Task:
    """One target.

    Parameters
    ----------
    name
        Its column, with the unit: ``"PBE band gap (eV)"``.
    kind
        ``"yes-no"`` if all its labels are 0 or 1, else ``"number"``.
    logarithmic
        Learnt as its natural logarithm.
    center, scale
        A label y (or ln y) is learnt as (y - center) / scale. The median and the mean distance from it, so that on
        every task the best constant has an absolute error of 1. 0 and 1 for yes-no tasks.
    weight
        What one label counts.
    """

    name: str
    kind: TaskKind
    logarithmic: bool
    center: float
    scale: float
    weight: float


def describe_tasks(names: Sequence[str], labels: NDArray[np.float32], balance: float) -> tuple[Task, ...]:
    """What the labels themselves tell of each task.

    Parameters
    ----------
    names
        t columns.
    labels
        [n, t], NaN where unknown.
    balance
        0: every label counts the same; 1: every task does; between: a label of a task with m labels counts
        m^-balance. The weights are scaled so that an average material has a total weight of 1.

    Raises
    ------
    InputError
        If a task has fewer than two different labels.
    """
    counts = np.isfinite(labels).sum(axis=0)
    weights = np.maximum(counts, 1).astype(np.float64) ** -balance
    weights *= len(labels) / (weights @ counts)
    columns = (column[np.isfinite(column)].astype(np.float64) for column in labels.T)
    return tuple(
        _describe(name, values, float(weight)) for name, values, weight in zip(names, columns, weights, strict=True)
    )


def _describe(name: str, values: NDArray[np.float64], weight: float) -> Task:
    if len(np.unique(values)) < 2:
        raise InputError(
            f"{name!r} has {len(values)} labels among the training rows, all of them equal: nothing to learn; omit "
            "the column with data.targets=[...]"
        )
    if np.isin(values, (0.0, 1.0)).all():
        return Task(name, "yes-no", False, 0.0, 1.0, weight)
    low, high = np.quantile(values, (0.1, 0.9))
    logarithmic = bool(values.min() > 0 and high > SKEWED * low)
    learnt = np.log(values) if logarithmic else values
    center = float(np.median(learnt))
    return Task(name, "number", logarithmic, center, float(np.abs(learnt - center).mean()), weight)

"""A second opinion that can go beyond the labels, for goals of "as high (or low) as possible"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Goal, Shortlist
from matscout.discover.goals import aim_of
from matscout.predict.base import Predictions
from matscout.predict.fitting import fit

EXTRAPOLATING = "gp"
"""A Gaussian process with a linear part follows a trend past its last label; an average of leaves cannot."""


def add_extrapolation(shortlist: Shortlist, goals: Sequence[Goal], labels: Dataset, seed: int = 0) -> Shortlist:
    """Add a column ``TARGET_extrapolated`` where no prediction lies beyond the best label, and say so.

    Parameters
    ----------
    shortlist
        Ranked candidates; the order is not changed.
    goals, labels
        What was looked for, and the rows it was learned from.
    seed
        Seed of the Gaussian process.
    """
    for goal in goals:
        if goal.kind in ("max", "min") and not _goes_beyond(shortlist, goal, labels):
            shortlist = _with_opinion(shortlist, goal, labels, seed)
    return shortlist


def _goes_beyond(shortlist: Shortlist, goal: Goal, labels: Dataset) -> bool:
    """Whether a candidate is predicted beyond the best label, or nothing can be."""
    target = labels.target(goal.target)
    if aim_of(goal, labels).at_limit:
        return True
    predicted = shortlist.table[f"{goal.target}_predicted"].to_numpy()
    if goal.kind == "max":
        return bool(predicted.max() > np.nanmax(target.values))
    return bool(predicted.min() < np.nanmin(target.values))


def _with_opinion(shortlist: Shortlist, goal: Goal, labels: Dataset, seed: int) -> Shortlist:
    table, name = shortlist.table, goal.target
    model = fit(labels, name, model=EXTRAPOLATING, metric="rmse", seed=seed)
    predictions = model.predict(_materials(table, labels), level=0.5)
    assert isinstance(predictions, Predictions)
    remark = (
        f"No candidate is predicted beyond the best label of {name}: few models go there, and averages of labels never "
        f"do. The column {name}_extrapolated of shortlist.csv holds what a Gaussian process says, which can; it errs "
        "more on average: see its scores."
    )
    column = pl.Series(f"{name}_extrapolated", predictions.predicted)
    place = table.columns.index(f"{name}_upper") + 1
    return replace(shortlist, table=table.clone().insert_column(place, column), remarks=(*shortlist.remarks, remark))


def _materials(table: pl.DataFrame, labels: Dataset) -> Materials:
    materials = Materials.from_formulas(table["formula"].to_list(), counts_atoms=True)
    context: dict[str, NDArray[np.float64] | NDArray[np.str_]] = {
        name: table[name].to_numpy().astype(str(column.dtype)) for name, column in labels.materials.context.items()
    }
    return replace(materials, context=context)

"""What is known of the other components alone: the mean of the labels that have them, whatever is new in its place."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.dataset import Dataset

NAME = "mean of the rest"


def mean_of_the_rest(dataset: Dataset, train: NDArray[np.int64], test: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """For each test row the mean yield of the training rows that agree with it in all components but the new one.

    New is a component none of whose test molecules is among the training rows. Where no training row agrees, the mean
    of all of them.
    """
    assert dataset.materials.reactions is not None
    start = time.process_time()
    cells = dataset.materials.reactions.cells()
    known = {name: column for name, column in cells.items() if np.isin(column[test], column[train]).any()}
    table = pl.DataFrame({**known, "yield": dataset.target().values})
    means = table[train].group_by(list(known)).agg(pl.col("yield").mean().alias("mean"))
    found = table[test].join(means, on=list(known), how="left", maintain_order="left")["mean"]
    predicted = found.fill_null(table["yield"][train].mean()).to_numpy()
    return {"predicted": predicted, "seconds": np.array([time.process_time() - start, 0.0])}

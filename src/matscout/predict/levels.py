"""Numeric conditions as levels: 300 K, 600 K and 900 K as three columns of 0 and 1 instead of one number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.predict.states import Stored

MOST = 12
"""Levels of a column; of more different values so many quantiles are taken."""


@dataclass(frozen=True, eq=False)
class Levels(Stored):
    """What numeric context columns are rounded to.

    Parameters
    ----------
    values
        Column -> float64 [l], ascending.
    """

    values: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def fit(cls, materials: Materials) -> Self:
        """The values that occur in each column of numbers; of one without any there are no levels."""
        levels = {}
        for name, column in materials.context.items():
            if column.dtype.kind == "f":
                known = column[np.isfinite(column)].astype(np.float64)
                values = np.unique(known)
                many = len(values) > MOST
                levels[name] = np.unique(np.quantile(known, np.linspace(0, 1, MOST))) if many else values
        return cls({name: values for name, values in levels.items() if len(values)})

    def apply(self, materials: Materials) -> Materials:
        """The same materials, each number as the text of the nearest level, "unknown" where there is none."""
        context = dict(materials.context)
        for name, values in self.values.items():
            if name in context and context[name].dtype.kind == "f":
                numbers = context[name].astype(np.float64)
                nearest = values[np.abs(numbers[:, None] - values).argmin(axis=1)]
                words = [f"{value:g}" for value in nearest]
                context[name] = np.where(np.isnan(numbers), "unknown", np.array(words, dtype=np.str_))
        return replace(materials, context=context)

"""How many decimals of predictions mean something: two digits of their uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars

DIGITS = 2
"""Significant digits of an uncertainty."""


def decimals_by_uncertainty(table: polars.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Column -> decimals of each row, of predicted values and the ends of their intervals.

    The columns are those of predictions: ``NAME_predicted`` beside ``NAME_lower`` and ``NAME_upper``; a quarter of the
    interval stands for the uncertainty.
    """
    decimals: dict[str, NDArray[np.float64]] = {}
    for column in table.columns:
        name = column.removesuffix("_predicted")
        parts = [f"{name}_{part}" for part in ("predicted", "lower", "upper", "std")]
        if name == column or not set(parts[:3]) <= set(table.columns):
            continue
        lower, upper = (table[part].cast(float).to_numpy() for part in parts[1:3])
        own = _decimals((upper - lower) / 4)
        decimals |= {part: own for part in parts if part in table.columns}
    return decimals


def _decimals(uncertainty: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decimals of that many significant digits; NaN where there is no uncertainty."""
    decimals = np.full(len(uncertainty), np.nan)
    known = uncertainty > 0
    decimals[known] = DIGITS - 1 - np.floor(np.log10(uncertainty[known]))
    return decimals

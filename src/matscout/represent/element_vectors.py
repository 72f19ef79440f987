"""One vector per element for networks: five tables side by side, standardised, blanks filled and flagged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import ElementTable, elementembeddings_table, own_table


@dataclass(frozen=True, eq=False)
class ElementVectors:
    """Standardised properties of the elements.

    Parameters
    ----------
    values
        float32 [118, p]; row z - 1 is the element with atomic number z.
    listed
        bool [118]; False for elements of which none of the tables knows anything.
    """

    values: NDArray[np.float32]
    listed: NDArray[np.bool_]


@cache
def element_vectors() -> ElementVectors:
    """Magpie, Oliynyk, Mat2Vec, CGNF and XenonPy side by side.

    Each column has mean 0 and standard deviation 1 over the elements of which it is known; where it is not, it is 0
    (the mean), and a flag for each table says what share of its columns is known (1: all, 0: none). So an element
    that some tables lack is still encoded, from what the others know; one of which none knows anything is not.
    """
    tables = (
        own_table("magpie"),
        elementembeddings_table("oliynyk.csv"),
        elementembeddings_table("mat2vec.csv"),
        elementembeddings_table("cgnf.json"),
        elementembeddings_table("xenonpy_element_features.csv"),
    )
    parts = [part for table in tables for part in (_standardised(table.values), _known_share(table))]
    listed = np.logical_or.reduce([np.isfinite(table.values).any(axis=1) for table in tables])
    return ElementVectors(np.concatenate(parts, axis=1).astype(np.float32), listed)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = np.nanstd(values, axis=0)
    spread[spread == 0] = 1.0
    return np.asarray(np.nan_to_num((values - np.nanmean(values, axis=0)) / spread, nan=0.0))


def _known_share(table: ElementTable) -> NDArray[np.float64]:
    return np.asarray(np.isfinite(table.values).mean(axis=1, keepdims=True))

"""From values per element to values per composition: ten ways to pool, vectorised over compositions.

Compositions with the same number k of elements form one rectangular block ``[k, rows, properties]``, so that every
pooling is a handful of NumPy operations on contiguous arrays, without compilation and without padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.errors import UsageError

FloatArray = NDArray[np.float64]

_VALUES_PER_BLOCK = 2**16
"""Blocks of this many float64 (0.5 MB) and their temporaries stay in a core's cache."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some compositions of k elements each.

    Parameters
    ----------
    values
        float64 [k, rows, p], the properties of each element.
    fractions
        float64 [k, rows, 1], atomic fractions; they sum to one over the first axis.
    amounts
        float64 [k, rows, 1], amounts as written in the formula.
    """

    values: FloatArray
    fractions: FloatArray
    amounts: FloatArray

    @cached_property
    def mean(self) -> FloatArray:
        """Mean weighted by atomic fraction, [rows, p]."""
        return _sum_over_elements(self.fractions * self.values)

    @cached_property
    def minimum(self) -> FloatArray:
        """Smallest value among the elements, [rows, p]."""
        return np.asarray(np.min(self.values, axis=0))

    @cached_property
    def maximum(self) -> FloatArray:
        """Largest value among the elements, [rows, p]."""
        return np.asarray(np.max(self.values, axis=0))


def _sum_over_elements(terms: FloatArray) -> FloatArray:
    """Sum over axis 0, one element after the other, so that a row's result does not depend on its neighbours."""
    return np.asarray(np.add.reduce(terms, axis=0))


def _sum(block: Block) -> FloatArray:
    return _sum_over_elements(block.amounts * block.values)


def _range(block: Block) -> FloatArray:
    return block.maximum - block.minimum


def _standard_deviation(block: Block) -> FloatArray:
    return np.sqrt(_sum_over_elements(block.fractions * (block.values - block.mean) ** 2))


def _average_deviation(block: Block) -> FloatArray:
    return _sum_over_elements(block.fractions * np.abs(block.values - block.mean))


def _geometric_mean(block: Block) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.exp(_sum_over_elements(block.fractions * np.log(block.values)))


def _harmonic_mean(block: Block) -> FloatArray:
    with np.errstate(divide="ignore"):
        return 1.0 / _sum_over_elements(block.fractions / block.values)


def _mode(block: Block) -> FloatArray:
    largest = np.max(block.fractions, axis=0)
    most_abundant = largest - block.fractions <= 1e-8 + 1e-5 * largest
    return np.asarray(np.min(np.where(most_abundant, block.values, np.inf), axis=0))


POOLINGS: MappingProxyType[str, Callable[[Block], FloatArray]] = MappingProxyType(
    {
        "mean": lambda block: block.mean,
        "sum": _sum,
        "minimum": lambda block: block.minimum,
        "maximum": lambda block: block.maximum,
        "range": _range,
        "std_dev": _standard_deviation,
        "avg_dev": _average_deviation,
        "geometric_mean": _geometric_mean,
        "harmonic_mean": _harmonic_mean,
        "mode": _mode,
    }
)
"""Name -> pooling of a :class:`Block` to [rows, p]. x is the atomic fraction, n the amount, v the value of an element:

- ``mean``: m = sum x v
- ``sum``: sum n v, the only one that changes when the whole formula is multiplied
- ``minimum``, ``maximum``, ``range``: over the elements, whatever their fractions
- ``std_dev``: sqrt(sum x (v - m)^2), the population standard deviation
- ``avg_dev``: sum x |v - m|, as in Magpie (doi:10.1038/npjcompumats.2016.28)
- ``geometric_mean``, ``harmonic_mean``: exp(sum x ln v) and 1 / sum(x / v); 0 where a value is 0
- ``mode``: value of the most abundant element, the smallest of them where fractions tie (to 1e-5)
"""

NEED_NON_NEGATIVE = frozenset({"geometric_mean", "harmonic_mean"})
"""Poolings that mean nothing for negative values."""


def check_poolings(poolings: Sequence[str]) -> None:
    """Raise ``UsageError`` unless there is at least one pooling, all are known and none is named twice."""
    unknown = [name for name in poolings if name not in POOLINGS]
    if unknown or not poolings or len(set(poolings)) < len(poolings):
        raise UsageError(f"poolings must be distinct names out of {', '.join(POOLINGS)}; got {tuple(poolings)}")


def pool(
    values: FloatArray, positions: NDArray[np.intp], compositions: Compositions, poolings: Sequence[str]
) -> FloatArray:
    """Pool vectors of elements (or ions) over every composition.

    Parameters
    ----------
    values
        float64 [v, p], one vector per row. NaN in, NaN out.
    positions
        [entries], the row of ``values`` that belongs to each entry of the compositions.
    compositions
        n compositions.
    poolings
        q names out of :data:`POOLINGS`.

    Returns
    -------
    float64 [n, p * q], property by property: all poolings of the first property come first.

    Raises
    ------
    UsageError
        If a pooling is unknown or named twice.
    """
    check_poolings(poolings)
    pooled = np.empty((len(compositions), values.shape[1], len(poolings)))
    for rows, block in _blocks(values, positions, compositions):
        for position, name in enumerate(poolings):
            pooled[rows, :, position] = POOLINGS[name](block)
    return pooled.reshape(len(compositions), values.shape[1] * len(poolings))


def _blocks(
    values: FloatArray, positions: NDArray[np.intp], compositions: Compositions
) -> Iterator[tuple[NDArray[np.intp], Block]]:
    """Rows with equally many elements, in blocks that fit the cache."""
    lengths = compositions.lengths
    for n_elements in np.unique(lengths):
        rows = np.flatnonzero(lengths == n_elements)
        rows_per_block = max(1, _VALUES_PER_BLOCK // (max(1, values.shape[1]) * int(n_elements)))
        for start in range(0, len(rows), rows_per_block):
            chosen = rows[start : start + rows_per_block]
            entries = compositions.offsets[chosen] + np.arange(n_elements)[:, None]
            yield (
                chosen,
                Block(
                    values[positions[entries]],
                    compositions.fractions[entries][..., None],
                    compositions.amounts[entries][..., None],
                ),
            )

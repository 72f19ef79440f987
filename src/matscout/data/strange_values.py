"""Numbers of a column that are probably no values, or not what was meant: codes for no value, values far away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.headings import logarithm_of
from matscout.data.row_problems import problem
from matscout.data.scales import striking_row
from matscout.data.tables import Table
from matscout.data.values import ParsedValues
from matscout.errors import RowProblem

_FAR = 100.0
_LISTED = 20
_CODES = (99, 999, 9999, 99999, 999999, 99.9, 999.9, 99.99, 999.99, 9999.9, 9999.99, 8888, 88888)
_BEYOND = 5.0


def strange_values(table: Table, column: str, parsed: ParsedValues, role: str) -> Iterator[RowProblem]:
    """Remarks on values that are probably none, or not what was meant.

    The one value of a target that is far beyond all others is told of the target as a whole
    (:func:`matscout.data.scales.striking_row`).
    """
    is_placeholder = _placeholders(parsed.values)
    for place in np.flatnonzero(is_placeholder):
        remark = problem(
            table,
            place,
            column,
            "looks like a code for no value",
            "leave it empty if nothing was measured; it is used unchanged",
        )
        yield replace(remark, dropped=False)
    if logarithm_of(column) is None:
        known = np.where(is_placeholder, np.nan, np.abs(parsed.values))
        median = float(np.nanmedian(known[known > 0])) if (known > 0).any() else np.nan
        striking = striking_row(parsed.values) if role == "target" else None
        for place in far_from_the_rest(known)[:_LISTED]:
            if place == striking:
                continue
            reason = f"is {known[place] / median:.3g} times the median of the column ({median:.4g} without sign)"
            advice = "check its decimal sign, its unit and its power of ten; it is used unchanged"
            yield replace(problem(table, place, column, reason, advice), dropped=False)


def _placeholders(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Numbers that programs write where they have none: -999 and the like, 9999 and 1e30 among far smaller ones."""
    numbers, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    is_code = np.isin(np.abs(numbers), _CODES)
    rest = np.abs(numbers[~is_code & np.isfinite(numbers)])
    far = np.abs(numbers) > _BEYOND * rest.max() if len(rest) > 1 else np.zeros(len(numbers), dtype=np.bool_)
    return (((numbers < -900) & (counts > 1)) | (is_code & far) | (np.abs(numbers) > 1e20))[position]


def far_from_the_rest(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The few values that are more than 100 times the median where the others lie together, int64 [k].

    There are none where values span decades: then the next smaller ones are not far from them.
    """
    positive = np.flatnonzero(values > 0)
    if len(positive) < 4:
        return positive[:0]
    numbers = values[positive]
    far = numbers > _FAR * np.median(numbers)
    rest = numbers[~far]
    few = 0 < far.sum() <= max(1, len(numbers) // 20)
    apart = (
        few
        and numbers[far].min() > np.sqrt(_FAR) * rest.max()
        and np.quantile(rest, 0.9) < _FAR * np.quantile(rest, 0.1)
    )
    return positive[far] if apart else positive[:0]

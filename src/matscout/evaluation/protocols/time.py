"""Train on earlier rows and test on later ones, by a column of dates or years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import column_of, labelled_rows, refuse_blanks


class Time(Protocol):
    """The rows in order of time are cut into ``n_folds + 1`` pieces, each predicted from all pieces before it.

    Rows of the same moment are never on both sides of a cut. Unlike in random folds, the first piece is never tested.
    """

    uses = frozenset({"time", "n_folds"})

    @property
    def settings(self) -> str:
        """The column and the number of steps."""
        return f"{self.options.n_folds} steps in time by the column {self.options.time!r}"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """``n_folds`` splits called "from VALUE", the earliest moment in the test; the seed plays no part."""
        if self.options.time is None:
            raise UsageError("the protocol 'time' needs the name of the date or year column (--time)")
        rows = labelled_rows(dataset, target)
        values = column_of(dataset, self.options.time)
        refuse_blanks(dataset, self.options.time, values, rows)
        moments = np.array([_moment(values[row], dataset, int(row)) for row in rows])
        cuts = _cuts(moments, self.options.n_folds, self.options.time)
        for start, end in zip(cuts, [*cuts[1:], np.inf], strict=True):
            test = (moments >= start) & (moments < end)
            earliest = values[rows[test][moments[test].argmin()]]
            yield Split(f"from {earliest}", rows[moments < start], rows[test])


def _cuts(moments: NDArray[np.float64], n_steps: int, column: str) -> Sequence[float]:
    """The moments at which the test pieces begin."""
    ordered = np.sort(moments)
    positions = np.arange(1, n_steps + 1) * len(ordered) // (n_steps + 1)
    cuts = sorted({float(ordered[position]) for position in positions if ordered[position] > ordered[0]})
    if len(cuts) < n_steps:
        raise UsageError(
            f"column {column!r} has too few distinct moments for {n_steps} steps; use {max(2, len(cuts))} (--n-folds)"
        )
    return cuts


def _moment(value: object, dataset: Dataset, row: int) -> float:
    """A year, any other number, or a date (in days) as a number that grows with time."""
    text = str(value).strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"row {dataset.numbering[row]}: {text!r} is neither a number nor a date like 2024-05-31"
        ) from None
    return when.toordinal() + (when.hour * 3600 + when.minute * 60 + when.second) / 86400

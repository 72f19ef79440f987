"""The folds of a column, used as they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import column_of, labelled_rows, leave_each_out, refuse_blanks


class Given(Protocol):
    """Each distinct value of the column is left out once; "train" and "test" in a column make one split."""

    uses = frozenset({"folds"})

    @property
    def settings(self) -> str:
        """The column."""
        return f"folds of the column {self.options.folds!r}"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """One split per value, called by it; the seed plays no part.

        Where the column says "train" and "test", the one split tests on "test" and trains on every other row
        ("val" included: models choose among themselves inside their training rows).
        """
        if self.options.folds is None:
            raise UsageError("the protocol 'given' needs the name of the fold column (--folds)")
        rows = labelled_rows(dataset, target)
        values = column_of(dataset, self.options.folds)
        refuse_blanks(dataset, self.options.folds, values, rows)
        texts = np.array([str(values[row]).strip() for row in rows], dtype=np.str_)
        names = sorted(set(texts.tolist()), key=_natural)
        if {"train", "test"} <= {name.lower() for name in names}:
            inside = np.char.lower(texts) == "test"
            yield Split("test", rows[~inside], rows[inside])
            return
        if len(names) < 2:
            raise UsageError(f"column {self.options.folds!r} contains only {names}; it must name at least 2 folds")
        numbers = {name: number for number, name in enumerate(names)}
        yield from leave_each_out(rows, np.array([numbers[text] for text in texts]), names)


def _natural(name: str) -> tuple[float, str]:
    """Numbers in numeric order, then texts."""
    try:
        return float(name), ""
    except ValueError:
        return float("inf"), name

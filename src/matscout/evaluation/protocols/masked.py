"""Training sets of growing size, tested on the same unseen rows (a learning curve)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import Ints, classes_of, composition_keys, deal_groups, labelled_rows

USUAL_LABELS = (25, 50, 100, 250, 1000)


class Masked(Protocol):
    """A fifth of the compositions is held out once; of the others only the first 25, 50, ... labels are shown.

    Where rows come in groups (papers, families), the fifth is made of whole groups, as in ``group``; the labels are
    drawn row by row from all the other groups.

    Smaller training sets are part of the larger ones of the same draw, and hold every class. Every repeat draws other
    labels for the same held-out rows.
    """

    uses = frozenset({"n_labels", "repeats"})

    @property
    def settings(self) -> str:
        """Label counts and draws."""
        sizes = ", ".join(str(size) for size in self.options.n_labels or USUAL_LABELS)
        draws = f"{self.options.repeats} draws" if self.options.repeats > 1 else "1 draw"
        return f"{sizes} labels ({draws}), tested on the same fifth (of whole groups, where there are groups)"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """Splits called "50 labels, draw 1", ...; usual sizes beyond the rows there are do not occur."""
        rows = labelled_rows(dataset, target)
        rng = np.random.default_rng(seed)
        fifth = deal_groups(_together(dataset, rows), classes_of(dataset, target, rows), 5, rng) == 0
        pool, test = rows[~fifth], rows[fifth]
        for draw in range(self.options.repeats):
            order = _mixed(rng.permutation(pool), dataset, target)
            for size in self._sizes(len(pool)):
                yield Split(f"{size} labels, draw {draw + 1}", np.sort(order[:size]), test)

    def headline(self, splits: Sequence[Split]) -> Sequence[Split]:
        """The splits with the most labels: an error pooled over sizes would mean nothing."""
        largest = max(len(split.train) for split in splits)
        return [split for split in splits if len(split.train) == largest]

    def _sizes(self, n: int) -> list[int]:
        wanted = sorted(set(self.options.n_labels))
        if wanted and wanted[-1] > n:
            raise UsageError(f"{wanted[-1]} labels were requested, but {n} are left after a fifth is held out")
        sizes = wanted or [size for size in USUAL_LABELS if size <= n]
        if not sizes:
            raise UsageError(f"{n} labels besides the held-out fifth are too few; use smaller sets (--n-labels)")
        return sizes


def _together(dataset: Dataset, rows: Ints) -> NDArray[np.str_]:
    """What is held out whole: the group of each row, without groups its composition.

    Raises
    ------
    UsageError
        If there are fewer than five.
    """
    kind, names = "compositions", composition_keys(dataset, rows)
    if dataset.groups is not None:
        kind, names = "groups", dataset.groups[rows]
    count = len(np.unique(names))
    if count < 5:
        raise UsageError(
            f"the protocol 'masked' holds out a fifth of the {kind}; it needs at least 5, but there are {count}"
        )
    return names


def _mixed(rows: Ints, dataset: Dataset, target: str) -> Ints:
    """The rows with their classes spread evenly, one of each first, otherwise in their order."""
    classes = classes_of(dataset, target, rows)
    shares = np.empty(len(rows))
    for number in np.unique(classes):
        members = np.flatnonzero(classes == number)
        shares[members] = np.arange(len(members)) / len(members)
    return rows[np.argsort(shares, kind="stable")]

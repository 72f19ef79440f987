"""Whole groups (papers, chemical systems, formulas) left out together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import classes_of, deal_groups, labelled_rows, leave_each_out


class Group(Protocol):
    """Like ``kfold``, with the groups of the data set kept whole: how well does it do on a new group?"""

    uses = frozenset({"n_folds"})

    @property
    def settings(self) -> str:
        """Number of folds."""
        return f"{self.options.n_folds} folds of whole groups"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """``n_folds`` splits called "fold 1", "fold 2", ..."""
        if dataset.groups is None:
            raise UsageError(
                "the protocol 'group' needs groups: name a column, 'formula' or 'chemical-system' (--groups)"
            )
        rows = labelled_rows(dataset, target)
        classes, rng = classes_of(dataset, target, rows), np.random.default_rng(seed)
        folds = deal_groups(dataset.groups[rows], classes, self.options.n_folds, rng)
        yield from leave_each_out(rows, folds, [f"fold {number + 1}" for number in range(self.options.n_folds)])

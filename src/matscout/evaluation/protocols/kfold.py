"""Random folds; repeats of one composition or reaction stay together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matscout.data.dataset import Dataset
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import classes_of, composition_keys, deal_groups, labelled_rows, leave_each_out


class KFold(Protocol):
    """Each row is tested once; classes are spread evenly over the folds."""

    uses = frozenset({"n_folds"})

    @property
    def settings(self) -> str:
        """Number of folds."""
        return f"{self.options.n_folds} random folds, repeats together"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """``n_folds`` splits called "fold 1", "fold 2", ..."""
        rows = labelled_rows(dataset, target)
        keys, classes = composition_keys(dataset, rows), classes_of(dataset, target, rows)
        folds = deal_groups(keys, classes, self.options.n_folds, np.random.default_rng(seed))
        yield from leave_each_out(rows, folds, [f"fold {number + 1}" for number in range(self.options.n_folds)])

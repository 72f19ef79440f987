"""Random folds, drawn at least twice, to show how much the scores depend on the draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matscout.data.dataset import Dataset
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.protocols.kfold import KFold


class Repeated(Protocol):
    """``kfold`` with the seeds ``seed``, ``seed + 1``, ...: each row is tested once per repeat."""

    uses = frozenset({"n_folds", "repeats"})

    @property
    def repeats(self) -> int:
        """Number of draws; once would be ``kfold``."""
        return max(2, self.options.repeats)

    @property
    def settings(self) -> str:
        """Number of repeats and folds."""
        return f"{self.repeats} x {KFold(self.options).settings}"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """``repeats * n_folds`` splits called "repeat 1 fold 1", ..."""
        for repeat in range(self.repeats):
            for split in KFold(self.options).splits(dataset, target, seed + repeat):
                yield replace(split, name=f"repeat {repeat + 1} {split.name}")

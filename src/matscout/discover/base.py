"""The nouns of discovery: goals, candidates, the shortlist."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials

if TYPE_CHECKING:
    import polars

    from matscout.discover.funnel import Passed
    from matscout.discover.hints import Hints
    from matscout.represent.trained_composition_network import Ambiguity


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
class Candidates:
    """Materials that might be made.

    Parameters
    ----------
    materials
        m candidates, each composition once.
    origins
        text [m], where each came from in words a chemist reads: ``"GaN with Ga -> Al"``, ``"enumerated"``,
        ``"candidates.csv row 7"``.
    remarks
        What was generated and what was left out and why, with counts; a sentence each.
    passed
        The stages of a funnel that they went through.
    """

    materials: Materials
    origins: NDArray[np.str_]
    remarks: tuple[str, ...] = ()
    passed: tuple[Passed, ...] = ()

    def __len__(self) -> int:
        return len(self.materials)


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The ranked candidates.

    Parameters
    ----------
    table
        polars frame, best first. Columns: rank (by score), id, formula (of a reaction its SMILES, and a column for each
        component), system (chemical system without dopants below 5 % of the atoms, "Bi-Se-Te"; of reactions what is
        made, or what reacts) and system_rank (1 for the best of its system: these rows alone show the variety),
        one block per goal (TARGET_predicted, TARGET_std or, of what is judged by factors, TARGET_std_decades,
        TARGET_lower, TARGET_upper, TARGET_knows_more, TARGET_goal_probability), score (of the order, larger is better;
        scores of different orders do not compare), in_domain, similarity (0..1) and nearest (formula of the nearest
        label), novelty, pareto (bool, only with several goals), batch (position in the diverse batch, or null), purpose
        ("value" or "learning", see :func:`matscout.discover.purposes.purposes_of`), context that was fixed or
        optimised, hints where there are any (see :func:`matscout.discover.hints.add_hints`), origin, reasons (a
        sentence).
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
    hints
        What a pretrained network says of the rows of the table; None if it was not asked.
    ambiguity
        How many things the formulas of the table could be; None if no network was asked.
    """

    table: polars.DataFrame
    order: str
    funnel: tuple[tuple[str, int], ...]
    remarks: tuple[str, ...] = ()
    ranks: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    removed_by: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, dtype=np.str_))
    hints: Hints | None = None
    ambiguity: Ambiguity | None = None

    def with_columns(self, columns: polars.DataFrame) -> Shortlist:
        """The same with more columns before the origin, null where they have no value.

        Parameters
        ----------
        columns
            ``row`` (0 is the first of the table) and values. A column whose name is taken stays as it is: the labels
            may have one of that name, as an earlier shortlist has that was measured and is read again.
        """
        import polars

        new = [name for name in columns.columns if name != "row" and name not in self.table.columns]
        place = self.table.columns.index("origin")
        rows = polars.DataFrame({"row": np.arange(len(self.table))})
        more = rows.join(columns, on="row", how="left", maintain_order="left").select(new)
        return replace(self, table=self.table.select(*self.table.columns[:place], *more, *self.table.columns[place:]))

    def with_remarks(self, remarks: tuple[str, ...]) -> Shortlist:
        """The same with more warnings, which come first."""
        return replace(self, remarks=(*remarks, *self.remarks))

    def __len__(self) -> int:
        return len(self.table)

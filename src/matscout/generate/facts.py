"""What is known of candidates besides what they are made of: columns that say what they mean and who says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars

Use = Literal["context", "filter", "rank"]
"""What evidence is for: to be read only, to leave candidates out, or to order them."""

Emphasis = Literal["none", "note", "warning", "detail"]
"""How a report shows evidence: in a column, as a badge beside the formula, as a red one, or under "why" only."""

PROBABILITY = "probability"
"""Unit of chances, 0 to 1."""

PERCENTILE = "percentile"
"""Unit of places among known materials, 0 to 100."""

ERROR, SEEN = "error", "seen"
"""What the names of further columns end with."""


@dataclass(frozen=True)
class EvidenceSource:
    """Who says it.

    Parameters
    ----------
    name
        The plug-in, or the part of matscout: ``"composition-donor"``, ``"labels"``.
    version
        Of the plug-in, "" where the version of matscout says all.
    weights
        SHA-256 of the weights, "" where there are none.
    about
        What a reader must know of it before the first value, in sentences; "" for nothing.
    prefix
        What the names of its columns begin with: ``"donor"``; "" for nothing.
    """

    name: str
    version: str = ""
    weights: str = ""
    about: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        """``"composition-donor 3 (weights 1f0c5ab2)"``."""
        words = [self.name, self.version, f"(weights {self.weights[:8]})" if self.weights else ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, eq=False)
class Evidence:
    """One column of facts on m candidates.

    Parameters
    ----------
    column
        Its name in ``shortlist.csv``: ``"donor_PBE_band_gap_eV"``.
    heading
        Its name for people, without the unit: ``"PBE band gap"``.
    values
        float64 [m], NaN where nothing is known; or bool [m]; or text [m], "" where nothing is known.
    meaning
        What it is and what it is not, without a full stop at the end.
    source
        Who says it.
    unit
        Of the values; :data:`PROBABILITY` and :data:`PERCENTILE` are units; None for words and plain numbers.
    errors
        float64 [m], how far values are off, in ``unit``; None if that is not known.
    error_meaning
        What kind of error that is: ``"mean absolute error on formulas held out of the training"``.
    seen
        bool [m], whether the source was trained on that very material, so that it may remember the value; None if it
        was not trained on materials.
    use
        What it is for.
    emphasis
        How a report shows it. A value of a note or a warning stands as a badge beside the formula.

    Raises
    ------
    ValueError
        If the columns differ in length.
    """

    column: str
    heading: str
    values: NDArray[Any]
    meaning: str
    source: EvidenceSource
    unit: str | None = None
    errors: NDArray[np.float64] | None = None
    error_meaning: str = ""
    seen: NDArray[np.bool_] | None = None
    use: Use = "context"
    emphasis: Emphasis = "none"

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.values, self.errors, self.seen) if part is not None}
        if len(lengths) > 1:
            raise ValueError(f"parts of the evidence {self.column} differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Evidence:
        """The same of some candidates."""
        errors = None if self.errors is None else self.errors[rows]
        return replace(
            self, values=self.values[rows], errors=errors, seen=None if self.seen is None else self.seen[rows]
        )

    @classmethod
    def joined(cls, parts: Sequence[Evidence]) -> Evidence:
        """The same evidence on several lists of candidates, one list after the other."""
        pieces = {
            name: [getattr(part, name) for part in parts if getattr(part, name) is not None]
            for name in ("values", "errors", "seen")
        }
        known = {name: np.concatenate(arrays) for name, arrays in pieces.items() if len(arrays) == len(parts)}
        whole: dict[str, Any] = {"errors": None, "seen": None, **known}
        return replace(parts[0], **whole)

    def unknown(self, n: int) -> Evidence:
        """The same evidence on n candidates of which nothing is known."""
        values = np.full(n, np.nan) if self.values.dtype.kind == "f" else np.full(n, "", dtype=np.str_)
        errors = None if self.errors is None else np.full(n, np.nan)
        seen = None if self.seen is None else np.zeros(n, dtype=np.bool_)
        return replace(self, values=values, errors=errors, seen=seen)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Of which candidates there is a value, bool [m]."""
        if self.values.dtype.kind == "f":
            return np.asarray(~np.isnan(self.values))
        return np.ones(len(self), np.bool_) if self.values.dtype.kind in "bi" else np.asarray(self.values != "")

    @cached_property
    def longest(self) -> int:
        """Letters of the longest text; 0 of numbers."""
        return int(np.strings.str_len(self.values).max(initial=0)) if self.values.dtype.kind == "U" else 0

    @property
    def seen_column(self) -> str:
        """The name of the column that says what the source was trained on; sources with a prefix have one in all."""
        return f"{self.source.prefix or self.column}_{SEEN}"

    def columns(self) -> dict[str, polars.Series]:
        """As columns of a table: the values and their errors; null where nothing is known."""
        columns = {self.column: self.series(self.column, self.values)}
        if self.errors is not None:
            name = f"{self.column}_{ERROR}"
            columns[name] = self.series(name, self.errors)
        return columns

    def described(self) -> dict[str, str | None]:
        """What a program must know of the column: ``column``, ``unit``, ``meaning``, ``source``, ``error``, ``use``."""
        return {
            "column": self.column,
            "unit": self.unit,
            "meaning": self.meaning,
            "source": str(self.source),
            "error": self.error_meaning or None,
            "use": self.use,
        }

    def series(self, name: str, values: NDArray[Any]) -> polars.Series:
        """One of its columns, null where nothing is known."""
        import polars

        column, known = polars.Series(name, values), self.known
        return column if known.all() else column.zip_with(polars.Series(known), polars.Series(name, [None] * len(self)))


def columns_of(facts: Iterable[Evidence], taken: Collection[str] = ()) -> dict[str, polars.Series]:
    """The columns of several pieces of evidence, in their order; of a name that is taken the first stays.

    Parameters
    ----------
    facts
        Pieces of evidence on the same candidates.
    taken
        Names that a table has already: the labels may have such a column, as an earlier shortlist has that was measured
        and is read again.
    """
    series: dict[str, polars.Series] = {}
    for evidence in facts:
        columns = evidence.columns()
        if evidence.seen is not None:
            # One for all that a source says, behind the last of it.
            series.pop(evidence.seen_column, None)
            columns[evidence.seen_column] = evidence.series(evidence.seen_column, evidence.seen)
        for name, column in columns.items():
            if name not in taken:
                series.setdefault(name, column)
    return series

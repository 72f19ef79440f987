"""How a column was understood as a whole: decimal sign, unit, scale, and how many cells were changed by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matscout.data.cell_readings import CellReading
from matscout.data.decimal_signs import NAMES


@dataclass(frozen=True)
class ColumnReading:
    """One column of numbers.

    Parameters
    ----------
    column
        Its header.
    role
        What it is used for: ``"target"``, ``"context"``, ``"error"``; ``"not used"``.
    decimal, decided_by
        The decimal sign, "" where no number has one, and what decided it.
    unit, unit_from
        Its unit (None if none is known), and where that stands: ``"header"``, ``"line of units"``, ``"cells"``,
        ``"--unit"``; "" where there is none.
    scale
        ``"linear"``, or the logarithm that its header names: ``"log10"``, ``"ln"``.
    changed
        Rule -> number of cells that were read by it.
    question
        Why its numbers cannot be read as they are, "" where they can.
    """

    column: str
    role: str
    decimal: str
    decided_by: str
    unit: str | None = None
    unit_from: str = ""
    scale: str = "linear"
    changed: tuple[tuple[str, int], ...] = ()
    question: str = ""

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        if self.question:
            return f"Column {self.column!r} ({self.role}) is ambiguous: {self.question}."
        unit = f"{self.unit} ({self.unit_from})" if self.unit else "no unit"
        changed = "; ".join(f"{rule} ({count})" for rule, count in self.changed) or "none"
        sign = f"decimal {NAMES[self.decimal]} ({self.decided_by})" if self.decimal else "no decimals"
        return (
            f"Column {self.column!r} ({self.role}): {sign}, {unit}, {self.scale}; cells not in plain form: {changed}."
        )


def count_rules(readings: Iterable[CellReading]) -> tuple[tuple[str, int], ...]:
    """Rule -> cells read by it, the most frequent first."""
    return tuple(Counter(reading.rule for reading in readings).most_common())

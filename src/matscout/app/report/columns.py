"""Columns of the candidates that are shown only where they differ: what all have in common is said in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matscout.app.report.candidates import CandidateEntry
from matscout.app.report.evidence import NONE, EvidenceCell

USUAL = 0.7
"""A text that at least this share of the rows has is left blank, and said once."""

DOMAIN = "All candidates here are unlike the labels (outside the domain)."

PURPOSES = {"value": "for value", "learning": "to learn"}


@dataclass(frozen=True)
class ReportColumn:
    """A column: heading, whether it holds numbers, its style and a cell for each row."""

    heading: str
    numeric: bool
    style: str
    cells: tuple[EvidenceCell, ...]


@dataclass(frozen=True)
class FurtherColumns:
    """The columns behind the prediction and the nearest label, and sentences on what is no column.

    ``some_inside`` says whether any row is inside the domain: those outside then have a badge.
    """

    columns: tuple[ReportColumn, ...]
    sentences: tuple[str, ...]
    some_inside: bool


def further_columns(entries: Sequence[CandidateEntry], hints: Sequence[str], *, goals: int) -> FurtherColumns:
    """Columns with something to compare, and a sentence on each other one.

    Parameters
    ----------
    entries
        The rows.
    hints
        Headings of the evidence on them.
    goals
        How many goals there are: with several there is a Pareto front.
    """
    some_inside = any(entry.in_domain for entry in entries)
    columns, sentences = [], [] if some_inside else [DOMAIN]
    for column in _all(entries, hints, goals):
        shown, sentence = _thinned(column)
        columns += [] if shown is None else [shown]
        sentences += [sentence] if sentence else []
    return FurtherColumns(tuple(columns), tuple(sentences), some_inside)


def _all(entries: Sequence[CandidateEntry], hints: Sequence[str], goals: int) -> list[ReportColumn]:
    if not entries:
        return []
    names = [name for name, _ in entries[0].conditions]
    columns = [
        _column(name, [EvidenceCell(entry.conditions[place][1], entry.conditions[place][1]) for entry in entries], True)
        for place, name in enumerate(names)
    ]
    if goals > 1:
        columns.append(_texts("Pareto front", ["on the front" if entry.pareto else "" for entry in entries]))
    columns += [
        _texts("what is new", [entry.novelty for entry in entries], "new"),
    ]
    columns += [
        _column(name, [entry.evidence.cells[place] for entry in entries], True, "hint")
        for place, name in enumerate(hints)
    ]
    columns.append(_texts("purpose", [PURPOSES[entry.purpose] for entry in entries], "purpose"))
    return columns


def _column(heading: str, cells: Sequence[EvidenceCell], numeric: bool, style: str = "") -> ReportColumn:
    return ReportColumn(heading, numeric, style, tuple(cells))


def _texts(heading: str, texts: Sequence[str], style: str = "") -> ReportColumn:
    return _column(heading, [EvidenceCell(text, text) for text in texts], False, style)


def _thinned(column: ReportColumn) -> tuple[ReportColumn | None, str]:
    """The column as it is shown, None if all its cells are alike, and what is said of it."""
    heading = f"{column.heading[:1].upper()}{column.heading[1:]}"
    (most, count), *others = Counter(cell.text for cell in column.cells).most_common()
    if not others:
        if most == NONE.text:
            return None, f"{heading}: not known for any."
        return None, f"{heading}: {most}, for all." if most else ""
    if column.numeric or not most or count < USUAL * len(column.cells):
        return column, ""
    blank = tuple(replace(cell, text="") if cell.text == most else cell for cell in column.cells)
    return replace(column, cells=blank), f"{heading}: {most}, unless the column shows otherwise."

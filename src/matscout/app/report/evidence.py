"""Evidence on candidates in the table of the report: each column is written as its own description says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matscout.app.wording import SPACE, as_sentence, number, percent, plus_minus
from matscout.discover.base import Shortlist
from matscout.generate.facts import PERCENTILE, PROBABILITY, Evidence

MEMORY = "\N{DAGGER}"
"""Marks what the source was trained on."""

CONTEXT = "Hints are context: candidates are neither ranked nor filtered by them."


@dataclass(frozen=True)
class EvidenceCell:
    """A value as text, and what to sort by (infinite where nothing is known)."""

    text: str
    value: float | str


NONE = EvidenceCell("none", "Infinity")


@dataclass(frozen=True)
class EvidenceGuide:
    """Headings of the columns, and the footnote: what they are, a line on each, and the mark."""

    headings: tuple[str, ...]
    about: str
    meanings: tuple[tuple[str, str], ...]
    memory: str


def context_facts(shortlist: Shortlist) -> tuple[Evidence, ...]:
    """What is known of the rows of the table besides what its core holds, in the order of the columns."""
    return tuple(evidence for name, evidence in shortlist.facts.items() if name not in shortlist.core.columns)


def guide(shortlist: Shortlist) -> EvidenceGuide | None:
    """What the reader needs to know of the evidence; None if there is none."""
    facts = context_facts(shortlist)
    if not facts:
        return None
    about = [evidence.source.about for evidence in facts if evidence.source.about]
    about = [CONTEXT, *about] if any(evidence.use == "context" for evidence in facts) else about
    remembered = any(evidence.seen is not None and evidence.seen[evidence.known].any() for evidence in facts)
    memory = f"{MEMORY} This very formula was in its training, so the hint may be remembered rather than predicted."
    return EvidenceGuide(
        tuple(map(_heading, facts)),
        " ".join(dict.fromkeys(about)),
        tuple((evidence.heading, _explain(evidence)) for evidence in facts),
        memory if remembered else "",
    )


def cells(shortlist: Shortlist, row: int) -> tuple[EvidenceCell, ...]:
    """The evidence on one row of the shortlist's table, in the order of the headings."""
    return tuple(_cell(evidence, row) for evidence in context_facts(shortlist))


def _cell(evidence: Evidence, row: int) -> EvidenceCell:
    if not evidence.known[row]:
        return NONE
    value = evidence.values[row]
    # Before the number, so that the numbers of a column end at one line.
    mark = f"{MEMORY}{SPACE}" if evidence.seen is not None and evidence.seen[row] else ""
    if evidence.values.dtype.kind != "f":
        return EvidenceCell(mark + str(value), str(value))
    return EvidenceCell(mark + _written(evidence, float(value), row), float(value))


def _written(evidence: Evidence, value: float, row: int) -> str:
    if evidence.unit == PROBABILITY:
        return percent(value)
    if evidence.unit == PERCENTILE:
        return percent(value / 100)
    error = np.nan if evidence.errors is None else float(evidence.errors[row])
    return number(value) if np.isnan(error) else plus_minus(value, error)


def _heading(evidence: Evidence) -> str:
    name = f"hint: {evidence.heading}" if evidence.use == "context" else evidence.heading
    return name if evidence.unit in (None, PROBABILITY, PERCENTILE) else f"{name} ({evidence.unit})"


def _explain(evidence: Evidence) -> str:
    return as_sentence("; ".join(part for part in (evidence.meaning, evidence.error_meaning) if part))

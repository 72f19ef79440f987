"""Evidence on candidates in the table of the report: each column is written as its own description says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matscout.app.wording import SPACE, as_sentence, number, percent, plus_minus
from matscout.discover.base import Shortlist
from matscout.generate.facts import PERCENTILE, PROBABILITY, Evidence, EvidenceSource

MEMORY = "\N{DAGGER}"
"""Marks what the source was trained on."""

CONTEXT = "These columns are context: candidates are neither ranked nor filtered by them."


LONGEST = 32
"""Characters of a text that fits a column or a badge; what is longer stands under "why"."""


@dataclass(frozen=True)
class EvidenceCell:
    """A value as text, and what to sort by (infinite where nothing is known)."""

    text: str
    value: float | str


NONE = EvidenceCell("none", "Infinity")


@dataclass(frozen=True)
class Badge:
    """What stands beside a formula: a text, and whether it is a ``"warning"`` or a ``"note"``."""

    text: str
    kind: str


@dataclass(frozen=True)
class CandidateEvidence:
    """The evidence on one candidate: badges, cells of columns, and (heading, text) of what is too long for either."""

    badges: tuple[Badge, ...]
    cells: tuple[EvidenceCell, ...]
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EvidenceGuide:
    """The footnote on the evidence: what it is, a line on each piece, and the mark."""

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
    memory = (
        f"{MEMORY} This formula was in the training data of the network, so the hint may be remembered rather than "
        "predicted."
    )
    return EvidenceGuide(
        " ".join(dict.fromkeys(about)),
        tuple((evidence.heading, _explain(evidence)) for evidence in facts),
        memory if remembered else "",
    )


def headings(shortlist: Shortlist) -> tuple[str, ...]:
    """Of the columns, in the order of the cells."""
    return tuple(_heading(evidence) for evidence in context_facts(shortlist) if _is_column(evidence))


def on_candidate(shortlist: Shortlist, row: int) -> CandidateEvidence:
    """The evidence on one row of the shortlist's table."""
    facts = context_facts(shortlist)
    known = [evidence for evidence in facts if evidence.known[row]]
    return CandidateEvidence(
        (*_warnings(known, row), *_notes(known, row)),
        tuple(_cell(evidence, row) for evidence in facts if _is_column(evidence)),
        tuple((_heading(evidence), _cell(evidence, row).text) for evidence in known if _is_detail(evidence)),
    )


def _is_column(evidence: Evidence) -> bool:
    return evidence.emphasis == "none" and not _is_detail(evidence)


def _is_detail(evidence: Evidence) -> bool:
    return evidence.emphasis == "detail" or evidence.longest > LONGEST


def _warnings(known: Sequence[Evidence], row: int) -> list[Badge]:
    """One for each part of a warning; ``"toxic (selenium compounds)"`` is cut to ``"toxic"`` where it is too long."""
    texts = [_cell(evidence, row).text for evidence in known if evidence.emphasis == "warning"]
    parts = [part for text in texts for part in text.split("; ")]
    short = [part if len(part) <= LONGEST else part.partition(" (")[0] for part in parts]
    return [Badge(part, "warning") for part in dict.fromkeys(short)]


def _notes(known: Sequence[Evidence], row: int) -> list[Badge]:
    """One for each source, called by the heading of the first thing that it says."""
    of_source: dict[EvidenceSource, list[Evidence]] = {}
    for evidence in known:
        if evidence.emphasis == "note":
            of_source.setdefault(evidence.source, []).append(evidence)
    return [
        Badge(f"{own[0].heading}: {', '.join(_cell(evidence, row).text for evidence in own)}", "note")
        for own in of_source.values()
    ]


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
    name = f"hint: {evidence.heading}" if evidence.source.weights else evidence.heading
    return name if evidence.unit in (None, PROBABILITY, PERCENTILE) else f"{name} ({evidence.unit})"


def _explain(evidence: Evidence) -> str:
    return as_sentence("; ".join(part for part in (evidence.meaning, evidence.error_meaning) if part))

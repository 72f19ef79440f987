"""The hints of a pretrained network in the table of candidates, and what they are and are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.app.report.wording import SPACE, as_sentence, percent, plus_minus, quantity
from matscout.discover.base import Shortlist
from matscout.discover.hints import Hint, Hints

MEANINGS = {
    "PBE band gap": "as density functional theory with the PBE functional gives it, which is mostly less than measured",
    "energy above hull": "what the material could gain by falling apart into the most stable known ones, calculated at "
    "0 K; near 0 is a hint of stability, not a proof",
    "synthesised": "the chance that databases list a crystal of this formula as made; a low one does not say that it "
    "cannot be made",
}
"""What the properties of interest are and are not; sources: docs/how-to/goals.md."""

AMBIGUITY = "structural ambiguity"
AMBIGUOUS = (
    "how far a crystal may lie from where its formula alone places it, in the eyes of a network (polysrl) that learned "
    "which crystals are known of 30,000 formulas; 80 % stands for farther than of 80 in 100 of these. Formulas "
    "of which no crystal is known mostly get low values, so a low one does not say that there is only one crystal; "
    "formulas of four and more elements are left out, since of these a low one would rather say the contrary"
)
"""What it is; how well it tells that a formula has several crystals: docs/explanation/pretraining.md."""

MEMORY = "\N{DAGGER}"
"""Marks what the network was trained on."""


@dataclass(frozen=True)
class HintCell:
    """A hint as text, and the number to sort by (infinite where there is no hint)."""

    text: str
    value: float | str


NONE = HintCell("none", "Infinity")


@dataclass(frozen=True)
class HintGuide:
    """Headings of the columns, and the footnote: what hints are, a line on each property, and the mark."""

    headings: tuple[str, ...]
    about: str
    properties: tuple[tuple[str, str], ...]
    memory: str


def guide(shortlist: Shortlist) -> HintGuide | None:
    """What the reader needs to know of the hints; None if there are none."""
    hints, ambiguous = shortlist.hints, _percentiles(shortlist) is not None
    if hints is None and not ambiguous:
        return None
    properties = () if hints is None else hints.properties
    about = "Hints are context: candidates are neither ranked nor filtered by them."
    memory = f"{MEMORY} This very formula was in its training, so the hint may be remembered rather than predicted."
    context = ((AMBIGUITY, as_sentence(AMBIGUOUS)),) if ambiguous else ()
    return HintGuide(
        (*map(_heading, properties), *(f"hint: {name}" for name, _ in context)),
        about if hints is None else f"{about} {_of_donor(hints)}",
        (*((hint.name, _explain(hint)) for hint in properties), *context),
        memory if hints is not None and hints.seen.any() else "",
    )


def _of_donor(hints: Hints) -> str:
    return (
        f"Of properties they come from a network ({hints.donor}) that learned calculated and collected properties, "
        "without your labels, and stand for the most stable crystal of a formula. Each \N{PLUS-MINUS SIGN} is the mean "
        "absolute error on formulas that were held out of its training; it is larger for kinds of material that nobody "
        "has calculated."
    )


def cells(shortlist: Shortlist, row: int) -> tuple[HintCell, ...]:
    """The hints for one row of the shortlist's table, in the order of the headings."""
    hints, ambiguity, percentiles = shortlist.hints, shortlist.ambiguity, _percentiles(shortlist)
    found: list[HintCell] = []
    if hints is not None:
        place = _place(hints.rows, row)
        # Before the number, so that the numbers of a column end at one line.
        mark = f"{MEMORY}{SPACE}" if place is not None and hints.seen[place] else ""
        found += [NONE if place is None else _cell(hint, float(hint.values[place]), mark) for hint in hints.properties]
    if ambiguity is not None and percentiles is not None:
        place = _place(ambiguity.rows, row)
        found.append(NONE if place is None or np.isnan(percentiles[place]) else _percentile(float(percentiles[place])))
    return tuple(found)


def _percentiles(shortlist: Shortlist) -> NDArray[np.float64] | None:
    """How ambiguous the formulas are among those known; None where nobody told, or the network knows no others."""
    return None if shortlist.ambiguity is None else shortlist.ambiguity.percentiles


def _place(rows: NDArray[np.int64], row: int) -> int | None:
    """Where a row stands among ascending ones; None if it does not."""
    place = int(np.searchsorted(rows, row))
    return place if place < len(rows) and rows[place] == row else None


def _percentile(value: float) -> HintCell:
    return HintCell(percent(value / 100), value)


def _cell(hint: Hint, value: float, mark: str) -> HintCell:
    return HintCell(mark + (percent(value) if hint.unit is None else plus_minus(value, hint.held_out)), value)


def _heading(hint: Hint) -> str:
    return f"hint: {hint.name}" if hint.unit is None else f"hint: {hint.name} ({hint.unit})"


def _explain(hint: Hint) -> str:
    if hint.unit is None:
        tested = f"a guess of yes or no is right for {percent(hint.held_out)} of the held-out formulas"
    else:
        tested = f"held-out error {quantity(hint.held_out, hint.unit, 2)}"
    return as_sentence(f"{MEANINGS[hint.name]}; {tested}")

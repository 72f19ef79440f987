"""The hints of a pretrained network in the table of candidates, and what they are and are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matscout.app.report.wording import SPACE, as_sentence, percent, plus_minus, quantity
from matscout.discover.hints import Hint, Hints

MEANINGS = {
    "PBE band gap": "as density functional theory with the PBE functional gives it, which is mostly less than measured",
    "energy above hull": "what the material could gain by falling apart into the most stable known ones, calculated at "
    "0 K; near 0 is a hint of stability, not a proof",
    "synthesised": "the chance that databases list a crystal of this formula as made; a low one does not say that it "
    "cannot be made",
}
"""What the properties of interest are and are not; sources: docs/how-to/goals.md."""

MEMORY = "\N{DAGGER}"
"""Marks what the network was trained on."""


@dataclass(frozen=True)
class HintCell:
    """A hint as text, and the number to sort by (infinite where there is no hint)."""

    text: str
    value: float | str


@dataclass(frozen=True)
class HintGuide:
    """Headings of the columns, and the footnote: what hints are, a line on each property, and the mark."""

    headings: tuple[str, ...]
    about: str
    properties: tuple[tuple[str, str], ...]
    memory: str


def guide(hints: Hints | None) -> HintGuide | None:
    """What the reader needs to know of the hints; None if there are none."""
    if hints is None:
        return None
    about = (
        "Hints are context: candidates are neither ranked nor filtered by them. They come from a network "
        f"({hints.donor}) that learned calculated and collected properties, without your labels, and stand for the "
        "most stable crystal of a formula. Each \N{PLUS-MINUS SIGN} is the mean absolute error on formulas that were "
        "held out of its training; it is larger for kinds of material that nobody has calculated."
    )
    memory = f"{MEMORY} This very formula was in its training, so the hint may be remembered rather than predicted."
    return HintGuide(
        tuple(_heading(hint) for hint in hints.properties),
        about,
        tuple((hint.name, _explain(hint)) for hint in hints.properties),
        memory if hints.seen.any() else "",
    )


def cells(hints: Hints | None, row: int) -> tuple[HintCell, ...]:
    """The hints for one row of the shortlist's table, in the order of the headings."""
    if hints is None:
        return ()
    place = int(np.searchsorted(hints.rows, row))
    if place == len(hints.rows) or hints.rows[place] != row:
        return tuple(HintCell("none", "Infinity") for _ in hints.properties)
    # Before the number, so that the numbers of a column end at one line.
    mark = f"{MEMORY}{SPACE}" if hints.seen[place] else ""
    return tuple(_cell(hint, float(hint.values[place]), mark) for hint in hints.properties)


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

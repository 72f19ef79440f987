"""Summary: what ``auto`` chose, as a reader is told."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.predict.recipes import Candidate
from matscout.predict.states import Stored


@dataclass(frozen=True)
class Summary(Stored):
    """What ``auto`` chose.

    Parameters
    ----------
    n_rows, n_units
        Labelled rows, and groups (compositions where there are no groups) among them.
    unit
        What was kept together inside: "group", "material" or "reaction".
    n_folds
        Inner folds.
    candidates
        Every candidate with its error on unseen rows and its weight, heaviest first.
    error
        Error of the combination on unseen rows, in the target's unit or in decades (classes: log loss).
    notes
        What a reader should know, a sentence each.
    """

    n_rows: int
    n_units: int
    unit: str
    n_folds: int
    candidates: tuple[Candidate, ...]
    error: float
    notes: tuple[str, ...] = ()

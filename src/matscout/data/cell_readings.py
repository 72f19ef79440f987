"""How cells were understood that are not in the plain form: what stood there, what it was read as, by which rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CellReading:
    """One cell that was read, but not letter by letter.

    Parameters
    ----------
    row
        Row number as the user sees it (see :class:`matscout.errors.RowProblem`).
    column
        Its column, as the file calls it; "" in a list or folder.
    written
        What stands there.
    read_as
        The plain form of what it was taken for: ``"CaHSO4.5"``, ``"0.123"``, ``"1.2 ± 0.1"``, ``"0.59 S/m"``.
    rule
        Why, in a few words that are the same for all cells of a kind: ``"decimal comma"``, ``"adduct"``.
    """

    row: int
    column: str
    written: str
    read_as: str
    rule: str

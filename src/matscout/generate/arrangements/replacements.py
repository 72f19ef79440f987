"""What replaces what, and how often, as people write it: S->Se:6, Mo->v:1, or Se(S):6."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matscout.data.defects.tables import matrix_from_text
from matscout.data.defects.texts import parse_defect
from matscout.errors import UsageError

_ARROW = re.compile(r"^\s*([A-Z][a-z]?)\s*(?:->|→)\s*(\w+)\s*(?::\s*(\d+)\s*)?$")
_SEPARATOR = re.compile(r"[;,]")


def parse_replacements(text: str) -> dict[tuple[int, int], int]:
    """Atomic numbers before and after, 0 for a vacancy -> how many.

    Raises
    ------
    UsageError
        If it cannot be read, or names interstitials or places.
    """
    wanted: dict[tuple[int, int], int] = {}
    for piece in _SEPARATOR.split(text):
        try:
            defect = parse_defect(_without_arrow(piece.strip()))
        except ValueError as error:
            raise UsageError(f"{text!r}: {error}; an example is S->Se:6, Mo->v:1") from error
        if defect.site is not None or defect.position is not None:
            raise UsageError(f"{text!r} names a place: arranging finds the places; name the defect and how many only")
        kind = (defect.was, defect.now)
        if kind in wanted:
            raise UsageError(f"{text!r} names the same defect twice: name it once, with the sum")
        wanted[kind] = defect.count
    return wanted


def _without_arrow(piece: str) -> str:
    """``"S->Se:6"`` as ``"Se(S):6"``."""
    arrow = _ARROW.match(piece)
    if arrow is None:
        return piece
    was, now, count = arrow.groups()
    return f"{now}({was})" + (f":{count}" if count else "")


def supercell_matrix(supercell: str | Sequence[int]) -> tuple[int, ...]:
    """Nine whole numbers, from three or nine.

    Raises
    ------
    UsageError
        If it is neither.
    """
    text = supercell if isinstance(supercell, str) else ",".join(str(one) for one in supercell)
    try:
        return tuple(int(one) for one in matrix_from_text(text))
    except ValueError as error:
        raise UsageError(f"--supercell: {error}") from error

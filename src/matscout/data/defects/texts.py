"""How people write point defects: v(Mo)@12; Se(S)@40, Va_O1, Se_S, i(Li), 2 v(S)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS

NOTHING = ("none", "no defects", "pristine", "perfect")
"""How people write that there are no defects."""

_SEPARATOR = re.compile(r"[;+]")
_WRAPPED = re.compile(r"^(v|va|vac|i|int|[A-Z][a-z]?)\s*\(\s*([A-Z][a-z]?)\s*\)$")
_INDEXED = re.compile(r"^(v|V|Va|va|vac|Vac|[A-Z][a-z]?)_\{?([A-Z][a-z]?|i)\}?(\d*)$")
_EMPTY = {"v", "va", "Va", "vac", "Vac"}
_BETWEEN = {"i", "int"}

FORMS = "write v(Mo) for a vacancy, Se(S) for Se on a site of S, i(Li) for an interstitial"


@dataclass(frozen=True)
class WrittenDefect:
    """One defect, or several equal ones.

    Parameters
    ----------
    was, now
        Atomic numbers before and after, 0 for nothing.
    count
        How many.
    site
        The number of the site in the supercell, from 0; None where none is named.
    position
        Å; None where none is named.
    """

    was: int
    now: int
    count: int = 1
    site: int | None = None
    position: tuple[float, float, float] | None = None


def parse_arrangement(text: str) -> tuple[WrittenDefect, ...]:
    """The defects of one arrangement; none for ``"none"``.

    Raises
    ------
    ValueError
        With the reason, if it cannot be read.
    """
    bare = text.strip()
    if bare.casefold() in NOTHING:
        return ()
    pieces = [piece.strip() for piece in _SEPARATOR.split(bare)]
    if not all(pieces):
        raise ValueError(f"a defect is missing between two signs; {FORMS}")
    return tuple(parse_defect(piece) for piece in pieces)


def parse_defect(text: str) -> WrittenDefect:
    """One defect, with a number before or after it and a place behind it.

    Raises
    ------
    ValueError
        With the reason, if it cannot be read.
    """
    name, sign, place = (part.strip() for part in text.partition("@"))
    count, name = _count(name)
    was, now = _what(name)
    site, position = _where(place) if sign else (None, None)
    if count < 1 or (count > 1 and sign):
        raise ValueError(f"{text!r} names {count} defects" + " at one place" * bool(sign))
    return WrittenDefect(was, now, count, site, position)


def _count(name: str) -> tuple[int, str]:
    """How many, and the defect: of ``"2 v(S)"``, ``"2x v(S)"``, ``"v(S):2"``, ``"v(S) x2"``."""
    bare = name.lstrip("0123456789")
    before = name[: len(name) - len(bare)]
    if before and bare[:1] in ("x", "*", " "):
        return int(before), bare.lstrip().removeprefix("x").removeprefix("*").strip()
    bare = name.rstrip("0123456789")
    after, rest = name[len(bare) :], bare.rstrip()
    if after and rest[-1:] in (":", "x", "*"):
        return int(after), rest[:-1].strip()
    return 1, name


def _what(name: str) -> tuple[int, int]:
    """The atomic numbers before and after."""
    wrapped, indexed = _WRAPPED.match(name), _INDEXED.match(name)
    if wrapped:
        new, old = wrapped.groups()
        if new in _EMPTY or (new in _BETWEEN):
            return (_number(old), 0) if new in _EMPTY else (0, _number(old))
        return _substitution(_number(old), _number(new))
    if indexed is None:
        raise ValueError(f"{name!r} is no defect; {FORMS}")
    new, old, _ = indexed.groups()
    if new == "V":
        meant = "an interstitial V" if old == "i" else f"a vacancy on {old} or vanadium on {old}"
        if old != "i":
            raise ValueError(f"{name!r} is {meant}: write v({old}) or Va_{old} for the vacancy, V({old}) for vanadium")
    if old == "i":
        return 0, _number(new)
    return (_number(old), 0) if new in _EMPTY else _substitution(_number(old), _number(new))


def _substitution(was: int, now: int) -> tuple[int, int]:
    if was == now:
        raise ValueError(f"{SYMBOLS[now - 1]} on its own site is no defect")
    return was, now


def _number(symbol: str) -> int:
    if symbol not in ATOMIC_NUMBERS:
        raise ValueError(f"{symbol!r} is no element")
    return ATOMIC_NUMBERS[symbol]


def _where(place: str) -> tuple[int | None, tuple[float, float, float] | None]:
    if place.isdigit():
        return int(place), None
    parts = place.replace(",", " ").split()
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != 3:
        raise ValueError(f"{place!r} is no place: give the number of the site, or x,y,z in Å")
    return None, (numbers[0], numbers[1], numbers[2])


def is_arrangement(text: str) -> bool:
    """Whether a text names defects, one at least."""
    try:
        return bool(parse_arrangement(text))
    except ValueError:
        return False


def written_arrangement(names: Sequence[str], positions: Sequence[Sequence[float]]) -> str:
    """``"v(Mo)@9.57095,7.36772,3.71975; ..."``; without places where these are NaN."""
    parts = [
        name if place[0] != place[0] else f"{name}@{','.join(f'{x:.6f}' for x in place)}"
        for name, place in zip(names, positions, strict=True)
    ]
    return "; ".join(parts) or NOTHING[0]

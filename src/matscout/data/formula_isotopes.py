"""Numbers of isotopes, as in ``H2^18O`` and ``[13C]O2``; an isotope counts as its element."""

from __future__ import annotations

import re

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formula_alloys import atomic_mass
from matscout.data.formula_findings import Interpretation

_SYMBOL = re.compile("[A-Z][a-z]?")
_BRACKETED = re.compile(r"[(\[](?P<number>\d{1,3})(?P<symbol>[A-Z][a-z]?)[)\]]")
_SPREAD = 0.05


def isotope_left_out(number: str) -> Interpretation:
    """That the number of an isotope is left out."""
    return Interpretation("isotope number left out", f"the isotope number {number} is left out")


def marks_isotope(number: int, text: str, position: int) -> bool:
    """Whether a raised number before the symbol at a position of a text is that of an isotope."""
    symbol = _SYMBOL.match(text, position)
    return symbol is not None and _is_isotope(number, symbol.group())


def without_isotopes(text: str) -> tuple[str, list[Interpretation]]:
    """The formula without the numbers of isotopes in brackets of their own, and what was left out."""
    found = []

    def settle(match: re.Match[str]) -> str:
        if not _is_isotope(int(match["number"]), match["symbol"]):
            return match.group()
        found.append(isotope_left_out(match["number"]))
        return f"({match['symbol']})" if match.string[match.end() : match.end() + 1].isdecimal() else match["symbol"]

    return _BRACKETED.sub(settle, text), found


def _is_isotope(number: int, symbol: str) -> bool:
    """Whether an element but hydrogen (``C^2H^6``) has an isotope of about that number of nucleons."""
    if symbol not in ATOMIC_NUMBERS or symbol == "H":
        return False
    mass = atomic_mass(symbol)
    return abs(number - mass) <= _SPREAD * mass + 2

"""Numbers of isotopes, as in ``H2^18O`` and ``[13C]O2``; an isotope counts as its element."""

from __future__ import annotations

import re

from matscout.data.elements import is_mass_number
from matscout.data.formula_findings import Interpretation

_SYMBOL = re.compile("[A-Z][a-z]?")
_BRACKETED = re.compile(r"[(\[](?P<number>\d{1,3})(?P<symbol>[A-Z][a-z]?)[)\]]")


def isotope_left_out(number: str) -> Interpretation:
    """That the number of an isotope is left out."""
    return Interpretation("isotope number left out", f"the isotope number {number} is left out")


def marks_isotope(number: int, text: str, position: int) -> bool:
    """Whether a raised number before the symbol at a position of a text is that of an isotope."""
    symbol = _SYMBOL.match(text, position)
    # C^2H^6 is ethane.
    return symbol is not None and symbol.group() != "H" and is_mass_number(number, symbol.group())


def without_isotopes(text: str) -> tuple[str, list[Interpretation]]:
    """The formula without the numbers of isotopes in brackets of their own, and what was left out."""
    interpretations = []

    def settle(match: re.Match[str]) -> str:
        if match["symbol"] == "H" or not is_mass_number(int(match["number"]), match["symbol"]):
            return match.group()
        interpretations.append(isotope_left_out(match["number"]))
        return f"({match['symbol']})" if match.string[match.end() : match.end() + 1].isdecimal() else match["symbol"]

    return _BRACKETED.sub(settle, text), interpretations

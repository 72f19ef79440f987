"""A minus before a variable: less of an element (``Bi2Te3-xSex``), or a mixture (``BiFeO3-xBaTiO3``)."""

from __future__ import annotations

import re

from matscout.data.formula_charges import Balance, balance
from matscout.data.formula_findings import FormulaError
from matscout.data.formula_grammar import FormulaReader

_MINUS = re.compile(r"-(?P<share>[a-z]|\([^()A-Z]*[a-z][^()A-Z]*\))(?=[A-Z(\[])")


def refuse_open_mixture(text: str) -> None:
    """Refuse a minus before a variable that may join two compounds of which the first has no share.

    Parameters
    ----------
    text
        The formula in plain characters.

    Raises
    ------
    FormulaError
        If compounds with balanced charges stand on both sides of it, and the variable nowhere else.
    """
    for minus in _MINUS.finditer(text):
        left, share, right = text[: minus.start()], minus["share"], text[minus.end() :]
        name = next(letter for letter in share if letter.islower())
        elsewhere = re.search(rf"(?<![A-Z]){name}", f"{left} {right}")
        if elsewhere or not (left[:1].isupper() and _balances(left) and _balances(right)):
            continue
        raise FormulaError(
            text,
            f"'-{share}' may be taken from the amount before it, or be the share of {right} in a mixture",
            f"write (1-{name}){left}-{name}{right} for a mixture",
        )


def _balances(text: str) -> bool:
    try:
        return balance(FormulaReader(text).read()) != Balance.NONE
    except FormulaError:
        return False

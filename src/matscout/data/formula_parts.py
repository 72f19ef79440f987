"""Commas, colons, slashes and brackets around what a formula is made of, before the grammar reads it.

``(K0.5,Na0.5)NbO3`` and ``Sc2O3:Yb0.01`` give all amounts and are read; ``Pt/Al2O3`` is more than one material.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_spelling import VARIABLE_LETTERS

_LISTED = re.compile(r"(?<=[(\[])[^()\[\],]+(?:,[^()\[\],]+)+(?=[)\]])")
_SHARE = re.compile(r"(?P<symbol>[A-Z][a-z]?)(?P<amount>[-+/\d.a-z]*)")
_DOPED = re.compile(r"(?P<host>[A-Z][^:]*):(?P<dopants>[^:]+)")
_DOPANT = re.compile(r" ?(?P<symbol>[A-Z][a-z]?)(?P<amount>0?\.\d+|\d(?:\.\d+)?[eE]-\d{1,2}) ?")
_PERCENT = re.compile(r"(?P<host>[A-Z][^:]*): ?(?P<dopant>[A-Z][a-z]?)[ ,(]+(?P<share>[\d.]+ ?[a-z. ]*%)\)?")
_SLASH = re.compile(r" ?/ ?(?:[α-ω]-|r)?(?=[A-Z])")
_HYDRATE = re.compile(r"(?<=[\d)\]])x(?=\d+(?:\.\d+)?(?:H2O|D2O)$)")
_AROUND = re.compile(r"[(\[](\d[^()\[\]]*[·+-][^()\[\]]*)[)\]]")

Failure = Callable[[str, str], FormulaError]


def refuse_composite(text: str, fail: Failure) -> None:
    """Refuse two materials with a slash between them.

    Raises
    ------
    FormulaError
        If there are such: a supported catalyst, a coated or layered material.
    """
    match = _SLASH.search(text)
    if match and match.start() and text.count("(", 0, match.start()) == text.count(")", 0, match.start()):
        raise fail(
            "a slash joins several materials: a composite or a supported catalyst, not one material",
            "write the material that has the property, or all atoms in one formula",
        )


def plain_parts(text: str, fail: Failure) -> tuple[str, list[Interpretation]]:
    """The formula without commas between shares, with its dopants added, and how it was understood.

    Parameters
    ----------
    text
        The formula, without notes and values of variables.
    fail
        Makes the error to raise from a reason and an advice.

    Raises
    ------
    FormulaError
        If the amount of a dopant is given in percent.
    """
    share = _PERCENT.fullmatch(text)
    if share:
        host, dopant = share["host"].strip(), share["dopant"]
        raise fail(
            f"{share['share']} of {dopant} in {host} may replace atoms or be added, by atoms or by weight",
            "write the amounts of all elements in atoms, e.g. Pb0.98Na0.02Te",
        )
    text = _HYDRATE.sub("·", _LISTED.sub(_joined, text))
    around = _AROUND.fullmatch(text)
    return _with_dopants(around[1] if around else text)


def _joined(match: re.Match[str]) -> str:
    """A list of elements without its commas where each has its share."""
    items = re.split(",(?= ?[A-Z])", match.group())
    if not all(_has_share(item.strip().replace(",", ".")) for item in items):
        return match.group()
    return "".join(item.strip() for item in items)


def _has_share(item: str) -> bool:
    match = _SHARE.fullmatch(item)
    if not match:
        return False
    symbol, amount = match["symbol"], match["amount"]
    return bool(amount) if symbol in ATOMIC_NUMBERS else symbol[1:] in tuple(VARIABLE_LETTERS)


def _with_dopants(text: str) -> tuple[str, list[Interpretation]]:
    doped = _DOPED.fullmatch(text)
    dopants = [_DOPANT.fullmatch(item) for item in re.split("[,+]", doped["dopants"])] if doped else []
    if not doped or not all(dopants):
        return text, []
    added = "".join(f"{match['symbol']}{match['amount']}" for match in dopants if match)
    remark = f"the dopant is added to one formula unit: {doped['host'].strip()} and {added}"
    return doped["host"].strip() + added, [Interpretation("dopant added", remark)]

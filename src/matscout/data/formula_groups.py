"""Elements that share a site without their shares: ``(BiSb)2Te3`` for ``(Bi,Sb)2Te3``, ``InGaAs`` for ``(In,Ga)As``.

The charges tell: they add up where the elements of the group stand for one atom together, and not as written, where
all have their common oxidation states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from matscout.data.formula_charges import NONMETALS, Balance, balance
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_grammar import Group

_NO_AMOUNTS = re.compile(r"(?:[A-Z][a-z]?){3,6}")
_SYMBOL = re.compile(r"[A-Z][a-z]?")

_LIKE_ELEMENTS = (
    frozenset(("Zn", "Cd", "Hg", "Mg", "Be")),
    frozenset(("Al", "Ga", "In")),
    frozenset(("Al", "Ti")),
    frozenset(("Al", "Cr")),
    frozenset(("Si", "Ge", "Sn", "Pb")),
    frozenset(("N", "P", "As", "Sb", "Bi")),
    frozenset(("S", "Se", "Te")),
)
"""Elements that replace each other in alloys that are named without shares: InGaAs, PbSnTe, TiAlN, ZnSSe."""


def may_share_site(text: str) -> bool:
    """Whether a plain formula is one atom of each of several elements, which may stand for shared sites; quick."""
    return text.isalpha() and _NO_AMOUNTS.fullmatch(text) is not None


def check_groups(text: str, atoms: Mapping[str, float], groups: Sequence[Group]) -> list[Interpretation]:
    """A remark on elements that may share a site.

    Parameters
    ----------
    text
        The formula.
    atoms
        Element symbol -> amount, as written.
    groups
        Its brackets of elements without amounts.

    Raises
    ------
    FormulaError
        If they are metals in a bracket, and the charges add up only if they share a site.
    """
    for group in groups:
        if not _is_shared(group.symbols, group.amount, atoms):
            continue
        if not NONMETALS.isdisjoint(group.symbols):
            return [_one_of_each(group.symbols)]
        elements = ",".join(group.symbols)
        example = "".join(f"{symbol}{1 / len(group.symbols):.2g}" for symbol in group.symbols)
        raise FormulaError(
            text,
            f"the charges add up only if {' and '.join(group.symbols)} share a site, as in ({elements}), and then "
            "their shares are not given",
            f"write the shares, e.g. ({example}); without brackets if each has its own site",
        )
    if not may_share_site(text):
        return []
    for symbols in _like_elements(_SYMBOL.findall(text)):
        if _is_shared(symbols, 1.0, atoms):
            return [_one_of_each(symbols)]
    return []


def _one_of_each(symbols: Sequence[str]) -> Interpretation:
    together = " and ".join(symbols)
    return Interpretation(
        "one atom of each element",
        f"{together} may share a site, and then their shares are not given: read as one atom of each",
    )


def _like_elements(symbols: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Elements that stand together and can replace each other."""
    for like in _LIKE_ELEMENTS:
        found = tuple(symbol for symbol in symbols if symbol in like)
        if len(found) > 1 and "".join(found) in "".join(symbols):
            yield found


def _is_shared(symbols: tuple[str, ...], amount: float, atoms: Mapping[str, float]) -> bool:
    """Whether charges add up with all symbols together on ``amount`` atoms, and not with ``amount`` of each."""
    others = [symbol for symbol in atoms if symbol not in symbols]
    alike = NONMETALS.isdisjoint(symbols) or any(like.issuperset(symbols) for like in _LIKE_ELEMENTS)
    if len(symbols) < 2 or not others or not alike:
        return False
    shared = {**atoms, **{symbol: atoms[symbol] - amount * (1 - 1 / len(symbols)) for symbol in symbols}}
    return balance(atoms, rare=False) == Balance.NONE and balance(shared) != Balance.NONE

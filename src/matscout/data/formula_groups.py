"""Elements that share a site without their shares: ``(BiSb)2Te3`` for ``(Bi,Sb)2Te3``, ``InGaAs`` for ``(In,Ga)As``.

The charges tell: they add up where the elements of the group stand for one atom together, and not as written, where
all have their common oxidation states.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from matscout.data.formula_charges import NONMETALS, Balance, balance
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_grammar import Group

_TOKEN = re.compile(r"([A-Z][a-z]?)([\d.]*)")
_PLAIN = re.compile(r"(?:[A-Z][a-z]?[\d.]*)+")
_BARE_PAIR = re.compile(r"([A-Z][a-z]?)(?=([A-Z][a-z]?)(?![a-z\d.(\[{]))")

_LIKE_ELEMENTS = tuple(
    frozenset(symbols.split())
    for symbols in (
        "Li Na K Rb Cs", "Mg Ca Sr Ba", "La Ce Pr Nd Sm Eu Gd Y Ca Sr Ba", "Ti Zr Hf Sn", "Nb Ta", "Zn Cd Hg Mg Be",
        "Al Ga In", "Al Ti", "Al Cr", "Si Ge Sn Pb", "N P As Sb", "S Se Te",
    )
)  # fmt: skip
"""Elements that replace each other where shares are often left out: InGaAs, PbSnTe, LaSrMnO3, TiAlN, ZnSSe."""

_PNICTOGENS = frozenset(("N", "P", "As", "Sb"))
_SEMICONDUCTING = frozenset(("Al", "Ga", "In"))
"""Metals whose pnictides mix; those of others (CoAsSb) may order."""

_LIKE_PAIRS = frozenset(pair for like in _LIKE_ELEMENTS for pair in itertools.permutations(like, 2))


def may_share_site(text: str) -> bool:
    """Whether elements that can replace each other stand together in a formula, one atom of each; quick."""
    return any(pair in _LIKE_PAIRS for pair in _BARE_PAIR.findall(text))


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
    if not may_share_site(text) or not _PLAIN.fullmatch(text):
        return []
    shared = (symbols for symbols in _runs(text) if _is_shared(symbols, 1.0, atoms))
    return [_one_of_each(symbols) for symbols in itertools.islice(shared, 1)]


def _one_of_each(symbols: Sequence[str]) -> Interpretation:
    together = " and ".join(symbols)
    return Interpretation(
        "one atom of each element",
        f"{together} may share a site, and then their shares are not given: read as one atom of each",
    )


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Elements without amounts that stand together and can replace each other."""
    tokens = _TOKEN.findall(text)
    for like in _LIKE_ELEMENTS:
        marked = [(symbol in like and not amount, symbol) for symbol, amount in tokens]
        for bare, run in itertools.groupby(marked, itemgetter(0)):
            symbols = tuple(symbol for _, symbol in run)
            if bare and len(symbols) > 1:
                yield symbols


def _is_shared(symbols: tuple[str, ...], amount: float, atoms: Mapping[str, float]) -> bool:
    """Whether charges add up with all symbols together on ``amount`` atoms, and not with ``amount`` of each."""
    others = [symbol for symbol in atoms if symbol not in symbols]
    if _PNICTOGENS.issuperset(symbols) and not _SEMICONDUCTING.issuperset(others):
        return False
    alike = NONMETALS.isdisjoint(symbols) or any(like.issuperset(symbols) for like in _LIKE_ELEMENTS)
    if len(symbols) < 2 or not others or not alike:
        return False
    shared = {**atoms, **{symbol: atoms[symbol] - amount * (1 - 1 / len(symbols)) for symbol in symbols}}
    return balance(atoms, rare=False) == Balance.NONE and balance(shared) != Balance.NONE

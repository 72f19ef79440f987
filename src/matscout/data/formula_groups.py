"""Elements that share a site without their shares: ``(BiSb)2Te3`` for ``(Bi,Sb)2Te3``, ``InGaAs`` for ``(In,Ga)As``.

The charges tell: they add up where the elements of the group stand for one atom together, and not as written, where
all have their common oxidation states.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from matscout.data.formula_charges import NONMETALS, Balance, balance, electronegativity
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_grammar import FormulaGroup

_TOKEN = re.compile(r"([A-Z][a-z]?)([\d.]*)")
_PLAIN = re.compile(r"(?:[A-Z][a-z]?[\d.]*)+")
_BARE_PAIR = re.compile(r"([A-Z][a-z]?)(?=([A-Z][a-z]?)(?![a-z\d.(\[{]))")

_LIKE_ELEMENTS = tuple(
    frozenset(symbols.split())
    for symbols in (
        "Li Na K Rb Cs", "Mg Ca Sr Ba", "La Ce Pr Nd Sm Eu Gd Y Ca Sr Ba", "Ti Zr Hf Sn", "Nb Ta", "Zn Cd Hg Mg Be",
        "Al Ga In", "Al Ti", "Al Cr", "Si Ge Sn Pb", "N P As Sb", "S Se Te", "Mn Fe Co Ni",
    )
)  # fmt: skip
"""Elements that replace each other where shares are often left out: InGaAs, PbSnTe, LaSrMnO3, TiAlN, ZnSSe."""

_PNICTOGENS = frozenset(("N", "P", "As", "Sb"))
_SEMICONDUCTING = frozenset(("Al", "Ga", "In"))
"""Metals whose pnictides mix; those of others (CoAsSb) may order."""

_TRANSITION_METALS = _LIKE_ELEMENTS[-1]
"""Metals that share the sites of oxides; their phosphides and intermetallic phases order."""

_INTERSTITIAL = frozenset(("B", "C", "N"))
"""Anions of compounds that are metals: (Ti,Al)N, (Nb,Ta)C."""

_ANION_ROLES = (frozenset(("S", "Se", "Te")), frozenset(("F", "Cl", "Br", "I")), _PNICTOGENS)

_LIKE_PAIRS = frozenset(pair for like in _LIKE_ELEMENTS for pair in itertools.permutations(like, 2))


def may_share_site(text: str) -> bool:
    """Whether elements that can replace each other stand together in a formula, one atom of each; quick."""
    return any(pair in _LIKE_PAIRS for pair in _BARE_PAIR.findall(text))


def check_groups(text: str, atoms: Mapping[str, float], groups: Sequence[FormulaGroup]) -> list[Interpretation]:
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
        If they are of one role (metals, chalcogens, halogens) in a bracket, and the charges do not tell that each has
        its own site.
    """
    n_alike = sum(len(group.symbols) > 1 and _same_role(group.symbols) for group in groups)
    for group in groups:
        if len(group.symbols) < 2 or len(atoms) == len(group.symbols):
            continue
        if n_alike < 2 and _has_own_sites(group.symbols, group.amount, atoms):
            continue
        shared = _is_shared(group.symbols, group.amount, atoms)
        if not _same_role(group.symbols) or _counts_pair(text, group):
            if shared:
                return [_one_of_each(group.symbols)]
            continue
        if not shared and group.amount != round(group.amount):
            # A part of a mixture, as in (CaZnSb)0.95(LiZnSb)0.05.
            continue
        raise _without_shares(text, group.symbols, shared=shared)
    if not may_share_site(text) or not _PLAIN.fullmatch(text):
        return []
    runs = (symbols for symbols in _runs(text) if _is_shared(symbols, 1.0, atoms))
    return [_one_of_each(symbols) for symbols in itertools.islice(runs, 1)]


def _without_shares(text: str, symbols: Sequence[str], *, shared: bool) -> FormulaError:
    elements, together = ",".join(symbols), " and ".join(symbols)
    example = "".join(f"{symbol}{1 / len(symbols):.2g}" for symbol in symbols)
    reason = (
        f"the charges add up only if {together} share a site, as in ({elements})"
        if shared
        else f"{together} are in a bracket without numbers: they may share a site, as in ({elements})"
    )
    reason = f"{reason}, but their shares are not given"
    return FormulaError(text, reason, f"write the shares, e.g. ({example}); without brackets if each has its own site")


def _has_own_sites(symbols: tuple[str, ...], amount: float, atoms: Mapping[str, float]) -> bool:
    """Whether the charges say that each element of a bracket has its own site."""
    own = balance(atoms, rare=False) == Balance.WHOLE
    return own and balance(_shared(symbols, amount, atoms)) == Balance.NONE


def _same_role(symbols: tuple[str, ...]) -> bool:
    return NONMETALS.isdisjoint(symbols) or any(role.issuperset(symbols) for role in _ANION_ROLES)


def _counts_pair(text: str, group: FormulaGroup) -> bool:
    """Whether two elements end the formula as pymatgen and the databases made with it factor them: ``Sr3(SnIr)4``."""
    if len(group.symbols) > 2 or group.amount < 2 or not text.endswith(f"({''.join(group.symbols)}){group.amount:g}"):
        return False
    first, second = map(electronegativity, group.symbols)
    return first <= second


def _one_of_each(symbols: Sequence[str]) -> Interpretation:
    together = " and ".join(symbols)
    return Interpretation(
        "one atom of each element",
        f"{together} may share a site without stated shares: read as one atom of each",
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
    if _TRANSITION_METALS.issuperset(symbols) and "O" not in others:
        return False
    alike = NONMETALS.isdisjoint(symbols) or any(like.issuperset(symbols) for like in _LIKE_ELEMENTS)
    if len(symbols) < 2 or not others or not alike:
        return False
    # By rare states nearly any pair adds up, but metals of nitrides and carbides have no states to go by.
    rare = _INTERSTITIAL.issuperset(others)
    together = balance(_shared(symbols, amount, atoms), rare=rare)
    return balance(atoms, rare=False) == Balance.NONE and together != Balance.NONE


def _shared(symbols: tuple[str, ...], amount: float, atoms: Mapping[str, float]) -> dict[str, float]:
    """The atoms where all symbols stand for ``amount`` atoms together."""
    return {**atoms, **{symbol: atoms[symbol] - amount * (1 - 1 / len(symbols)) for symbol in symbols}}

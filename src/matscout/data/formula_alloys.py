"""Alloys named by shares: ``Ti-6Al-4V``, ``CuZn37``, ``AlSi10Mg0.3``; read where the shares are declared wt% or at%.

The names of EN and ISO standards put the number behind the symbol, those of ASTM before it; the first element without
a share is the rest to 100 %.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from matscout.data.elements import ATOMIC_NUMBERS, atomic_mass
from matscout.data.formula_charges import NONMETALS
from matscout.data.formula_findings import FormulaError, Interpretation

Shares = Literal["wt%", "at%"]
"""What the numbers in the names of alloys are."""

_ADDITIONS = {
    base: frozenset(additions.split())
    for base, additions in {
        "Ti": "Al V Mo Nb Sn Zr Fe Cr Mn Ta Si Pd Ru",
        "Zr": "Nb Sn Fe Cr Cu Mo",
        "Al": "Si Mg Cu Zn Mn Fe Li Sc Zr Ni Sn Cr Ti",
        "Mg": "Al Zn Mn Zr Y Nd Gd Ca Li Sn Ce La Si",
        "Cu": "Zn Sn Al Ni Be Mn Si Pb Cr Zr Fe Co Ag Ti P",
        "Ni": "Cr Fe Mo Co Al Ti Cu W Nb Ta Mn",
        "Co": "Cr Mo W Ni Fe",
        "Fe": "Cr Ni Mo Mn Si Al Co V W C",
        "Sn": "Ag Cu Pb Sb Bi Zn",
        "Pb": "Sb Sn Ag Ca",
        "Au": "Sn Ge Si Cu Ag Ni Pd Pt",
        "Ag": "Cu Zn Pd Sn Cd",
        "W": "Cu Ni Fe Re Ag",
        "Mo": "Cu Ti Zr Re W",
    }.items()
}
"""What technical alloys of each metal are made with."""

_NAMED_BY_WEIGHT = {"Al": frozenset(("Mg", "Mn", "Si", "Zn")), "Cu": frozenset(("Be", "Sn", "Cr", "Ni", "Fe", "Ag"))}
"""Additions of few percent after which wrought alloys of aluminium and copper are named: AlMg3, CuSn6, CuBe2."""

METALLOIDS = frozenset(("B", "C", "Si", "P", "N"))
_UNIT = re.compile(
    r"(?<![ ,;_])[ ,;_]*+[(\[]? ?(?:in )?(?<![a-z])"
    r"(?P<unit>wt|weight|mass|at|atom|atomic|mol)[. -]{0,2}(?:%|pct|percent) ?[)\]]?$",
    re.IGNORECASE,
)
_NUMBER = r"(?:\d+(?:[.,]\d+)?|[.,]\d+)"
_BEHIND = re.compile(rf"[A-Z][a-z]?{_NUMBER}?(?:-?[A-Z][a-z]?{_NUMBER}?)+")
_BEFORE = re.compile(rf"[A-Z][a-z]?(?:{_NUMBER}[A-Z][a-z]?)+")
_DASHED = re.compile(rf"[A-Z][a-z]?(?: ?- ?{_NUMBER} ?[A-Z][a-z]?)+")
_SYMBOL_BEHIND = re.compile(rf"([A-Z][a-z]?)({_NUMBER})?")
_SYMBOL_BEFORE = re.compile(rf"((?<![\d.,]){_NUMBER})? ?([A-Z][a-z]?)")
_STARTS_LIKE_ALLOY = re.compile(rf"(?:{'|'.join(_ADDITIONS)})(?:[A-Z][A-Za-z]*\d|\d[A-Za-z\d.]*[A-Za-z]$)")
_HARD_METAL = re.compile(rf"WC ?-? ?{_NUMBER}-?(?:Co|Ni|Fe)")
_NOTE = re.compile(r" [(\[]?[A-Za-z]{2}[A-Za-z -]*\d{0,3}[)\]]?$")
_MANY = 10
_MOST_CARBON = 2.1
"""Per cent by weight that austenite holds: with more, iron and carbon are cast iron or a carbide such as Fe3W3C."""
_STRONG_SHARE = 6.0
_BROKEN_SHARE = 3.0
"""Shares behind the symbols that hardly count atoms: whole ones, and where some are broken."""
_PRINCIPAL = 4
_MOST_OF_PRINCIPAL = 3.0
"""Elements of an alloy of several principal ones, and the atoms of one for one of the others at most."""
_MORE_THAN_ATOMS = 13.0
"""No intermetallic phase holds more atoms of one element for one of the other (NaZn13), but for rare ones."""


@dataclass(frozen=True)
class AlloyName:
    """An alloy by shares.

    Parameters
    ----------
    shares
        Element symbol -> share in percent, None where it is not written, the first element first.
    certain
        Whether it can hardly be a formula that counts atoms.
    """

    shares: tuple[tuple[str, float | None], ...]
    certain: bool

    def percents(self) -> dict[str, float] | None:
        """Shares that add up to 100; None where they do not or an alloying element has none."""
        (base, own), *others = self.shares
        given = {symbol: share for symbol, share in others if share is not None}
        rest = 100 - sum(given.values())
        if len(given) < len(others) or (own is not None and abs(own - rest) > 0.5) or rest <= 0:
            return None
        return {base: rest, **given}


def split_unit(text: str) -> tuple[str, Shares | None]:
    """A formula without "wt%" or "at%" behind it, and which of them stood there (None: neither)."""
    match = _UNIT.search(text)
    if not match or not match.start():
        return text, None
    return text[: match.start()], "wt%" if match["unit"].lower() in ("wt", "weight", "mass") else "at%"


def alloy_name(text: str, *, declared: bool = False) -> AlloyName | None:
    """The alloy that a text names by shares; None where it does not.

    Parameters
    ----------
    text
        In plain characters, without a unit.
    declared
        Whether its numbers are known to be shares: then any metals will do, else only those of technical alloys.
    """
    if _DASHED.fullmatch(text):
        shares = _read_before(text.replace("-", " "))
        return AlloyName(shares, certain=True) if _metallic(shares) else None
    if _BEFORE.fullmatch(text):
        shares = _read_before(text)
        if _metallic(shares) and (declared or _technical(shares)):
            return AlloyName(shares, certain=_hardly_atoms(shares))
    if _BEHIND.fullmatch(text):
        shares = _shares_behind(text)
        known = [share for _, share in shares[1:] if share is not None]
        if not known or not _metallic(shares):
            return None
        if _counts_atoms(shares):
            return None
        if declared or (shares[0][1] is None and _technical(shares)):
            broken = any(share != round(share) for share in known)
            return AlloyName(shares, certain=max(known) >= (_BROKEN_SHARE if broken else _STRONG_SHARE))
    return None


def _shares_behind(text: str) -> tuple[tuple[str, float | None], ...]:
    return tuple((symbol, _value(number)) for symbol, number in _SYMBOL_BEHIND.findall(text))


def _read_before(text: str) -> tuple[tuple[str, float | None], ...]:
    return tuple((symbol, _value(number)) for number, symbol in _SYMBOL_BEFORE.findall(text))


def _value(number: str) -> float | None:
    return float(number.replace(",", ".")) if number else None


def _metallic(shares: Sequence[tuple[str, float | None]]) -> bool:
    symbols = [symbol for symbol, _ in shares]
    return (
        len(set(symbols)) == len(symbols)
        and all(symbol in ATOMIC_NUMBERS for symbol in symbols)
        and symbols[0] not in NONMETALS
        and all(symbol not in NONMETALS or symbol in METALLOIDS for symbol in symbols)
    )


def _counts_atoms(shares: Sequence[tuple[str, float | None]]) -> bool:
    """Whether an alloy of several principal elements gives atoms: most have no number, or all numbers are small."""
    given = [share for _, share in shares if share is not None]
    small = max(given) <= _MOST_OF_PRINCIPAL
    n_bare = len(shares) - len(given)
    return small and len(shares) >= _PRINCIPAL and (n_bare >= _PRINCIPAL or shares[0][1] is not None)


def _technical(shares: Sequence[tuple[str, float | None]]) -> bool:
    """Whether the additions are those of technical alloys, carbon as in steel, and the first metal is half or more."""
    additions = _ADDITIONS.get(shares[0][0], frozenset())
    carbon = max((share or 0.0 for symbol, share in shares[1:] if symbol == "C"), default=0.0)
    known = all(symbol in additions for symbol, _ in shares[1:]) and carbon <= _MOST_CARBON
    return known and sum(share or 0 for _, share in shares[1:]) <= 50


def _hardly_atoms(shares: Sequence[tuple[str, float | None]]) -> bool:
    """Whether numbers before the symbols can hardly count atoms: several of them, broken or large ones."""
    numbers = [share for _, share in shares[1:] if share is not None]
    return len(numbers) > 1 or numbers[0] != round(numbers[0]) or numbers[0] > _MORE_THAN_ATOMS


def alloy_formula(name: AlloyName, shares: Shares, fail: Callable[[str, str], FormulaError]) -> str:
    """The formula in percent of atoms of an alloy whose shares are declared.

    Raises
    ------
    FormulaError
        If the share of an element but the first is missing, or they do not add up to 100.
    """
    percents = name.percents()
    if percents is None:
        missing = [symbol for symbol, share in name.shares[1:] if share is None]
        reason = f"the share of {missing[0]} is not given" if missing else "its shares do not add up to 100"
        raise fail(reason, "write the share of each element but the first, e.g. AlSi10Mg0.35")
    moles = {symbol: share / (atomic_mass(symbol) if shares == "wt%" else 1.0) for symbol, share in percents.items()}
    total = sum(moles.values())
    return "".join(f"{symbol}{100 * amount / total:.10f}" for symbol, amount in moles.items())


@dataclass(frozen=True)
class AlloyContext:
    """What is known about the numbers in the names of alloys of a list.

    Parameters
    ----------
    shares
        What the user declared, None if nothing.
    usage
        What the other formulas tell: "atoms" if many of them count the atoms of metals, "shares" if some can hardly
        do so, "" if there are neither.
    """

    shares: Shares | None = None
    usage: Literal["", "atoms", "shares"] = ""


def alloy_context(shares: Shares | None, texts: Iterable[str], n_atoms: int) -> AlloyContext:
    """The context that formulas make for each other.

    Parameters
    ----------
    shares
        What the user declared, None if nothing.
    texts
        Formulas that may name alloys by shares.
    n_atoms
        How many others count the atoms of metals and do not add up to 100.
    """
    n_certain = sum((name := alloy_name(text)) is not None and name.certain for text in texts)
    if n_atoms >= max(_MANY, n_certain):
        return AlloyContext(shares, "atoms")
    return AlloyContext(shares, "shares" if n_certain else "")


def may_name_alloy(text: str) -> bool:
    """Whether a plain formula can be the name of a technical alloy; quick, and rather too often."""
    return _STARTS_LIKE_ALLOY.match(text) is not None


def read_alloy(
    text: str, context: AlloyContext, fail: Callable[[str, str], FormulaError]
) -> tuple[str, list[Interpretation]]:
    """A formula in percent of atoms where the text names an alloy by shares, else the text itself.

    Parameters
    ----------
    text
        A formula in plain characters, perhaps with "wt%" or "at%" behind it.
    context
        What is known about all formulas.
    fail
        Makes the error to raise from a reason and an advice.

    Raises
    ------
    FormulaError
        If it names an alloy, and nobody says what its shares are.
    """
    whole, own = split_unit(text)
    declared = own or context.shares
    bare, noted = _without_note(whole)
    name = alloy_name(bare, declared=bool(declared))
    if name is not None and declared:
        rule = "alloy by weight" if declared == "wt%" else "alloy in percent of atoms"
        return alloy_formula(name, declared, fail), [Interpretation(rule), *noted]
    if name is not None and context.usage == "atoms" and "-" not in bare:
        remark = "this may be an alloy by weight: read as atoms, as the other formulas (else --alloys=wt%)"
        return text, [Interpretation("numbers as atoms", remark)] if name.certain else []
    if name is None and _HARD_METAL.fullmatch(bare):
        raise fail(
            "this names a hard metal by weight", "write it in atoms, e.g. W0.459C0.459Co0.082 for 10 % of Co by weight"
        )
    if name is not None and (name.certain or context.usage == "shares"):
        raise fail(
            "this may name an alloy by weight, or count atoms",
            "state what the numbers are (--alloys=wt% or --alloys=at%, or a unit in the header or cell), or write "
            "the number of atoms of every element, as in Ni3Al1",
        )
    if name is not None and not context.usage and _looks_by_weight(name):
        return text, [
            Interpretation("numbers as atoms", "this may be an alloy by weight: read as atoms (else --alloys)")
        ]
    if context.usage != "atoms" and not declared and adds_up(bare):
        remark = "its numbers add up to 100: read as percent of atoms (by weight: --alloys=wt%)"
        return whole, [Interpretation("percent of atoms", remark)]
    return text, []


def _without_note(text: str) -> tuple[str, list[Interpretation]]:
    """The name of an alloy without the words behind it, as in ``Ti-6Al-4V (grade 5)``."""
    match = _NOTE.search(text)
    if not match or alloy_name(text[: match.start()]) is None:
        return text, []
    note = match.group().strip()
    return text[: match.start()], [Interpretation("note left out", f"the note {note!r} is left out")]


def adds_up(text: str) -> bool:
    """Whether the numbers of an alloy are all there and add up to 100."""
    if not _BEHIND.fullmatch(text):
        return False
    shares = sorted(_shares_behind(text), key=lambda item: item[0] in NONMETALS)
    return (
        all(share for _, share in shares)
        and abs(sum(share or 0 for _, share in shares) - 100) <= 0.5
        and _metallic(shares)
    )


def _looks_by_weight(name: AlloyName) -> bool:
    """Whether a name is written as the standards of alloys do: a number 1, or an addition that makes no phase of it."""
    (base, _), *others = name.shares
    common = _NAMED_BY_WEIGHT.get(base, frozenset())
    return any(share == 1 for _, share in others) or all(symbol in common for symbol, _ in others)

"""Wishes for crystals from plain English: ``lead-free cubic chalcogenide with 5 atoms, gap near 1.4 eV``.

A grammar of a few patterns; each takes the words that it understands out of the text. What is left must be empty words,
else the text is refused with the words that were not understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from matscout.crystal.space_groups import SYSTEMS
from matscout.crystal.tables import own_rows
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.space_group_settings import settings_of_symbol
from matscout.errors import UsageError

NEAR = 0.1
"""How far from a value "near" it is, relative."""

ANIONS = {
    "oxide": ("O",), "sulfide": ("S",), "sulphide": ("S",), "selenide": ("Se",), "telluride": ("Te",),
    "nitride": ("N",), "phosphide": ("P",), "arsenide": ("As",), "antimonide": ("Sb",), "fluoride": ("F",),
    "chloride": ("Cl",), "bromide": ("Br",), "iodide": ("I",), "carbide": ("C",), "boride": ("B",),
    "silicide": ("Si",), "hydride": ("H",), "chalcogenide": ("S", "Se", "Te"), "halide": ("F", "Cl", "Br", "I"),
    "pnictide": ("N", "P", "As", "Sb"),
}  # fmt: skip
"""Class of compounds -> elements of which each holds one."""

PROTOTYPES = {
    "rock salt": "AB_cF8_225_4m-3m_4m-3m",
    "rock-salt": "AB_cF8_225_4m-3m_4m-3m",
    "caesium chloride": "AB_cP2_221_1m-3m_1m-3m",
    "zinc blende": "AB_cF8_216_4-43m_4-43m",
    "zincblende": "AB_cF8_216_4-43m_4-43m",
    "wurtzite": "AB_hP4_186_23m._23m.",
    "fluorite": "AB2_cF12_225_4m-3m_8-43m",
    "cubic perovskite": "ABC3_cP5_221_1m-3m_1m-3m_34/mm.m",
    "spinel": "AB2C4_cF56_227_8-43m_16.-3m_32.3m",
}
"""Name of a structure type -> its prototype label."""

_EMPTY = """
a an the and or of in with that which is are be has have for me please find generate make crystal crystals structure
structures material materials compound compounds new phase phases per primitive cell its their type like as i we want
wish need
"""
EMPTY = frozenset(_EMPTY.split())
"""Words that say nothing."""

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_ELEMENT = r"([A-Z][a-z]?|[A-Za-z]{3,})"
_JOINT = r",? and |,? or | nor |, ?"
_LIST = rf"((?:[A-Z][a-z]?|[A-Za-z]{{3,}})(?:(?:{_JOINT})(?:[A-Z][a-z]?|[A-Za-z]{{3,}})(?![\w-]))*)"
_UNITS = r"(?:\s*(?:eV/atom|eV|GPa|g/cm3|g/cm³|Å3|Å³|K|%))?"
_PROPERTY = r"((?:[A-Za-z]+ ){0,2}(?:gap|modulus|energy|density|temperature|conductivity|hardness|index))"


class _WishText:
    """A text, of which what has been understood is taken out."""

    def __init__(self, text: str) -> None:
        self.left = f" {' '.join(text.split())} "
        self.wishes: dict[str, Any] = {}

    def take(self, pattern: str, use: Callable[[re.Match[str]], bool], flags: int = re.IGNORECASE) -> None:
        """Give each part that fits a pattern to a function, and take it out if that understands it."""
        self.left = re.sub(
            rf"(?<![\w-])(?:{pattern})(?![\w])", lambda part: " " if use(part) else part[0], self.left, flags=flags
        )

    def add(self, name: str, *values: Any) -> bool:
        """Append to a list of wishes."""
        self.wishes[name] = (*self.wishes.get(name, ()), *values)
        return True

    def put(self, name: str, value: Any) -> bool:
        """Set a wish, which may be named once."""
        if self.wishes.get(name, value) != value:
            raise UsageError(f"the wish names two things for {name}: {self.wishes[name]} and {value}; leave one out")
        self.wishes[name] = value
        return True


def wishes_of_text(text: str) -> dict[str, Any]:
    """The fields of :class:`~matscout.generate.crystal_wishes.CrystalWishes` that a text names.

    Raises
    ------
    UsageError
        If words are left that are not understood; it names them, and what was understood.
    """
    reading = _WishText(text)
    for part in (_prototypes, _properties, _atoms, _groups, _without, _with, _classes, _formulas):
        part(reading)
    words = [word for word in re.findall(r"[^\s,;.]+", reading.left) if word.lower() not in EMPTY]
    if words:
        known = "; ".join(f"{name} {value}" for name, value in reading.wishes.items()) or "nothing"
        raise UsageError(f"not understood in {text!r}: {', '.join(map(repr, words))} (understood: {known})")
    if not reading.wishes:
        raise UsageError(f"{text!r} names no wish: write a formula, or for example 'cubic oxide with 5 atoms'")
    return reading.wishes


def _prototypes(text: _WishText) -> None:
    for name, label in PROTOTYPES.items():
        text.take(name, lambda _, label=label: text.put("prototype", label))  # type: ignore[misc]


def _properties(text: _WishText) -> None:
    def put(part: re.Match[str], low: float, high: float) -> bool:
        held = dict(text.wishes.get("properties", {}))
        words = [word for word in part[1].split() if word.lower() not in EMPTY]
        held[" ".join(words).lower()] = (low, high)
        text.wishes["properties"] = held
        return True

    of, verbs = rf"{_PROPERTY}(?: of)?", r"(?:is )?"
    text.take(
        rf"{of} {verbs}(?:from |between )?{_NUMBER}{_UNITS}\s*(?:-|–|to|and|:)\s*{_NUMBER}{_UNITS}",
        lambda part: put(part, float(part[2]), float(part[3])),
    )
    text.take(
        rf"{of} {verbs}(?:near|about|around|~|close to) ?{_NUMBER}{_UNITS}",
        lambda part: put(part, *sorted(float(part[2]) * (1 + sign * NEAR) for sign in (-1, 1))),
    )
    more, less = r"(?:>|>=|above|over|more than|at least)", r"(?:<|<=|below|under|less than|at most)"
    text.take(rf"{of} {verbs}{more} ?{_NUMBER}{_UNITS}", lambda part: put(part, float(part[2]), math.inf))
    text.take(rf"{of} {verbs}{less} ?{_NUMBER}{_UNITS}", lambda part: put(part, -math.inf, float(part[2])))


def _atoms(text: _WishText) -> None:
    text.take(r"(\d+) ?(?:-|–|to) ?(\d+) atoms", lambda part: text.put("atoms", (int(part[1]), int(part[2]))))
    text.take(
        r"(?:at most|up to|fewer than|no more than) (\d+) atoms", lambda part: text.put("atoms", (1, int(part[1])))
    )
    text.take(r"(\d+) atoms?", lambda part: text.put("atoms", (int(part[1]), int(part[1]))))


def _groups(text: _WishText) -> None:
    def symbol(part: re.Match[str]) -> bool:
        numbers = {setting.number for setting in settings_of_symbol(part[1])}
        return len(numbers) == 1 and text.add("space_groups", *numbers)

    text.take("|".join(SYSTEMS), lambda part: text.add("space_groups", part[0].lower()))
    text.take(r"space group(?: number)? (\d{1,3})", lambda part: text.add("space_groups", int(part[1])))
    text.take(r"space group ([PABCIFR][-\w/]*)", symbol, 0)
    text.take(r"([PABCIFR](?:-?\d|m)[-\w/]*)", symbol, 0)


def _without(text: _WishText) -> None:
    text.take(rf"{_ELEMENT}-free", lambda part: _elements(text, "exclude", part[1]), 0)
    text.take(rf"(?:without|no|not|free of) {_LIST}", lambda part: _elements(text, "exclude", part[1]), 0)


def _with(text: _WishText) -> None:
    text.take(rf"(?:with|containing|contains|holds|of) {_LIST}", lambda part: _elements(text, "must", part[1]), 0)


def _elements(text: _WishText, name: str, words: str) -> bool:
    """Take a list of elements, if it holds nothing else."""
    symbols = [_symbol(word) for word in re.split(_JOINT, words)]
    return all(symbols) and text.add(name, *symbols)


def _symbol(word: str) -> str:
    """The symbol of an element by its symbol or English name; "" if it is none."""
    return word if word in ATOMIC_NUMBERS else _names().get(word.lower(), "")


def _classes(text: _WishText) -> None:
    for name, symbols in ANIONS.items():
        wish = ("must", *symbols) if len(symbols) == 1 else ("one_of", *symbols)
        text.take(rf"{name}s?", lambda _, wish=wish: text.add(*wish))  # type: ignore[misc]


def _formulas(text: _WishText) -> None:
    def formula(part: re.Match[str]) -> bool:
        symbols = re.findall(r"[A-Z][a-z]?", part[0])
        return all(symbol in ATOMIC_NUMBERS for symbol in symbols) and text.put("formula", part[0])

    amount = r"(?:\d+(?:\.\d+)?)?"
    text.take(rf"(?:[A-Z][a-z]?{amount}|\((?:[A-Z][a-z]?{amount})+\){amount})+", formula, 0)


@cache
def _names() -> dict[str, str]:
    """English names of elements -> symbols."""
    names = {row["name"].lower(): row["element"] for row in own_rows("facts")}
    return names | {"aluminum": "Al", "cesium": "Cs", "sulphur": "S"}

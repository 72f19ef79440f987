"""Units in column headers and cells: what they are, whether two are the same quantity, how to convert.

A unit is reduced to powers of the SI base units and a factor, so that ``W m-1 K-1``, ``W/(m K)`` and ``W/mK`` are the
same and ``S/cm`` is 100 ``S/m``. A mole counts as 6.02214076e23, so that ``kJ/mol`` and ``eV`` convert into each other.
Values of the constants: CODATA 2018 (doi:10.1103/RevModPhys.93.025010).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.data.missing import FULL_WIDTH
from matscout.data.powers import with_plain_digits, with_plain_powers

_CHARGE, _AVOGADRO = 1.602176634e-19, 6.02214076e23

_BASE: dict[str, tuple[float, str]] = {
    # symbol: (factor, dimensions), dimensions written as base units with powers
    "m": (1, "m"), "g": (1e-3, "kg"), "s": (1, "s"), "A": (1, "A"), "K": (1, "K"), "cd": (1, "cd"),
    "J": (1, "kg m2 s-2"), "eV": (_CHARGE, "kg m2 s-2"), "cal": (4.184, "kg m2 s-2"),
    "N": (1, "kg m s-2"), "Pa": (1, "kg m-1 s-2"), "bar": (1e5, "kg m-1 s-2"), "W": (1, "kg m2 s-3"),
    "V": (1, "kg m2 s-3 A-1"), "Ω": (1, "kg m2 s-3 A-2"), "ohm": (1, "kg m2 s-3 A-2"),
    "Ohm": (1, "kg m2 s-3 A-2"), "S": (1, "kg-1 m-2 s3 A2"),
    "C": (1, "A s"), "F": (1, "kg-1 m-2 s4 A2"), "T": (1, "kg s-2 A-1"), "Hz": (1, "s-1"), "mol": (_AVOGADRO, ""),
    "M": (_AVOGADRO * 1e3, "m-3"), "L": (1e-3, "m3"), "l": (1e-3, "m3"),
}  # fmt: skip
_ALONE: dict[str, tuple[float, str]] = {
    # never with a prefix
    "Å": (1e-10, "m"), "bohr": (5.29177210903e-11, "m"), "min": (60, "s"), "h": (3600, "s"), "day": (86400, "s"),
    "Ha": (4.3597447222071e-18, "kg m2 s-2"), "Ry": (2.1798723611035e-18, "kg m2 s-2"),
    "atm": (101325, "kg m-1 s-2"), "psi": (6894.757293168, "kg m-1 s-2"), "Torr": (101325 / 760, "kg m-1 s-2"),
    "u": (1.66053906660e-27, "kg"), "amu": (1.66053906660e-27, "kg"), "µB": (9.2740100783e-24, "m2 A"),
    "%": (1e-2, ""), "ppm": (1e-6, ""), "fraction": (1, ""),
    "atom": (1, "atom"), "1": (1, ""), "rad": (1, ""), "deg": (np.pi / 180, ""),
    "cell": (1, "cell"), "f.u.": (1, "formula-unit"), "site": (1, "site"),
    "at%": (1, "atomic-percent"), "wt%": (1, "weight-percent"), "vol%": (1, "volume-percent"),
    "mol%": (1, "mole-percent"),
    "HV": (1, "Vickers"), "emu": (1e-3, "m2 A"), "Oe": (1e3 / (4 * np.pi), "A m-1"),
}  # fmt: skip
_PREFIXES = {
    "f": 1e-15, "p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "c": 1e-2, "d": 1e-1,
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
}  # fmt: skip
_WHOLE = {
    # read so only where nothing else stands beside it: A is the ampere in A/cm2, but Å as the unit of a length
    "A": "Å", "A^2": "Å2", "A^3": "Å3", "A2": "Å2", "A3": "Å3",
    "cm2/Vs": "cm2/(V s)", "cm^2/Vs": "cm2/(V s)",
}  # fmt: skip
_SPELLED = {
    "ev": "eV", "mev": "meV", "gpa": "GPa", "mpa": "MPa", "kpa": "kPa", "kj": "kJ", "kelvin": "K", "Kelvin": "K",
    "volt": "V", "volts": "V", "watt": "W", "siemens": "S", "ohms": "ohm", "Ohms": "ohm", "OHM": "ohm",
    "angstrom": "Å", "angstroms": "Å",
    "Angstrom": "Å", "ang": "Å", "Ang": "Å", "atoms": "atom", "hartree": "Ha", "Hartree": "Ha", "rydberg": "Ry",
    "percent": "%", "at.%": "at%", "wt.%": "wt%", "vol.%": "vol%", "mol.%": "mol%", "mub": "µB", "muB": "µB",
    "µ_B": "µB", "fu": "f.u.", "sec": "s", "mins": "min", "hr": "h", "hour": "h", "hours": "h", "days": "day",
    "degree": "deg", "degrees": "deg",
}  # fmt: skip
_TEMPERATURES = {
    "°C": (1.0, 273.15), "degC": (1.0, 273.15), "deg C": (1.0, 273.15), "C": (1.0, 273.15),
    "celsius": (1.0, 273.15), "Celsius": (1.0, 273.15), "° C": (1.0, 273.15), "oC": (1.0, 273.15),
    "°F": (5 / 9, 459.67 * 5 / 9), "degF": (5 / 9, 459.67 * 5 / 9), "deg F": (5 / 9, 459.67 * 5 / 9),
}  # fmt: skip
_SAME = str.maketrans(
    # Greek mu, Ångström sign, Ohm sign, minus and dash, dots, thin spaces, degrees: each to the characters used above
    {"\u03bc": "µ", "\u212b": "Å", "\u2126": "Ω", "−": "-", "–": "-", "⋅": "·", "•": "·", "\u00a0": " ", "\u2009": " "}
    | {"℃": "°C", "℉": "°F", "㎝": "cm", "Ａ": "A"}
    | FULL_WIDTH
)
_LONGEST = 50  # characters of a unit
_TOKEN = re.compile(
    r"(?P<name>(?:at|wt|vol|mol)\.?\s?%|f\.u\.|µ_B|%|Å|Ω|[^\W\d_]+)(?:\^?\(?(?P<power>-?\d)(?!\d)\)?)?"
    r"|10(?:\^|(?=-))\(?(?P<exponent>[+-]?\d{1,2})(?!\d)\)?|(?P<number>10{0,6}(?:e[+-]?\d{1,2})?)(?!\d)"
    r"|(?P<sign>[/()])|[\s·*.]+"
)
_PER_METRE_KELVIN = re.compile(r"(?<=W)/mK(?:\^?(2))?$")
"""Conductivities per metre and kelvin, powers of both, and never per millikelvin."""
_LEADING_POWER = re.compile(r"^[x×*·]\s?(?=10)|^1?[eE](?=[+-]?\d{1,2}(?:[\s/·*]|$))")


@dataclass(frozen=True)
class Unit:
    """A unit: value in SI = factor x (number) + offset.

    Parameters
    ----------
    text
        As it was written.
    factor, offset
        How a number in this unit becomes SI.
    dimensions
        Base unit -> power, e.g. ``{"kg": 1, "m": -1, "s": -2}``.
    """

    text: str
    factor: float
    offset: float = 0.0
    dimensions: Mapping[str, int] = field(default_factory=dict)

    def converts_to(self, other: Unit) -> bool:
        """True if both measure the same quantity."""
        return dict(self.dimensions) == dict(other.dimensions)


KELVIN = Unit("K", 1.0, 0.0, {"K": 1})
_ROOM_TEMPERATURE = frozenset(["rt", "r.t.", "r. t.", "room temperature", "room temp", "room temp.", "ambient"])


def _powers(text: str) -> dict[str, int]:
    pairs = [re.fullmatch(r"(\D+?)(-?\d+)?", part) for part in text.split()]
    return {pair[1]: int(pair[2] or 1) for pair in pairs if pair}


@cache
def _symbol(name: str) -> tuple[float, str] | None:
    """Factor and dimensions of one symbol with or without prefix, of two run together (``Vs``), or None."""
    name = _SPELLED.get(name, name)
    name = "µ" + name[1:] if len(name) > 1 and name[0] == "u" and name[1:] in _BASE else name
    known = _ALONE.get(name) or _BASE.get(name)
    if known:
        return known
    if name[:1] in _PREFIXES and name[1:] in _BASE:
        factor, dimensions = _BASE[name[1:]]
        return factor * _PREFIXES[name[0]], dimensions
    return None


def _add(total: dict[str, int], dimensions: str, power: int) -> None:
    for base, own in _powers(dimensions).items():
        total[base] = total.get(base, 0) + own * power


def _product(text: str) -> tuple[float, dict[str, int]] | None:
    """Factor and dimensions of a product of powers; after a ``/`` everything to its right divides (``W/m K``)."""
    factor, dimensions, sign, position = 1.0, dict[str, int](), 1, 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        position = token.end()
        if token["sign"]:
            sign = -1 if token["sign"] == "/" else sign
        elif token["number"] or token["exponent"]:
            factor *= float(token["number"] or f"1e{token['exponent']}") ** sign
        elif token["name"]:
            for name, power in _split_symbols(token["name"].replace(" ", ""), int(token["power"] or 1)):
                symbol = _symbol(name)
                if symbol is None:
                    return None
                factor *= symbol[0] ** (sign * power)
                _add(dimensions, symbol[1], sign * power)
    return factor, {base: power for base, power in dimensions.items() if power}


def _split_symbols(name: str, power: int) -> list[tuple[str, int]]:
    """A name that is no unit may be two, ``Vs`` V times s and ``Wm-1`` W times m-1: the power belongs to the last."""
    if _symbol(name) is None:
        for cut in range(len(name) - 1, 0, -1):
            if _symbol(name[:cut]) and _symbol(name[cut:]):
                return [(name[:cut], 1), (name[cut:], power)]
    return [(name, power)]


@cache
def parse_unit(text: str) -> Unit | None:
    """Understand a unit, or None if it is none.

    >>> parse_unit("W m-1 K-1").converts_to(parse_unit("W/mK"))
    True
    """
    written = text.strip()
    if len(written) > _LONGEST:
        return None
    plain = with_plain_powers(written.translate(_SAME))
    plain = _LEADING_POWER.sub(lambda match: "" if match.group()[0] in "x×*·" else "1e", plain)
    plain = with_plain_digits(plain)
    plain = re.sub(r"\^\{([^{}]*)\}", r"^\1", plain).replace("**", "^")
    plain = re.sub(r"(?<!\s)(?:\s++per\s+|\s*+/\s*)|_per_", "/", plain).replace("_", " ").strip("^ ")
    if plain in _TEMPERATURES:
        factor, offset = _TEMPERATURES[plain]
        return Unit(written, factor, offset, {"K": 1})
    plain = re.sub(r"°\s?([CF])\b", "K", plain) if re.search(r"[/ ·]", plain) else plain
    plain = re.sub(r"(?<=[mΩl])[-·](?=K|c?m\b)", " ", _WHOLE.get(plain.replace("·", "").replace("-K", "K"), plain))
    plain = _PER_METRE_KELVIN.sub(r"/(m K\1)", plain)
    try:
        product = _product(plain) if plain and plain.count("(") == plain.count(")") else None
    except OverflowError:
        return None
    if product is None or not 0 < product[0] < np.inf or (re.fullmatch(r"[\d.\s()/·*^e-]+", plain) and plain != "1"):
        return None
    return Unit(written, product[0], 0.0, product[1])


def convert(values: NDArray[np.float64], source: Unit, wanted: Unit) -> NDArray[np.float64]:
    """Values given in ``source``, expressed in ``wanted``; only for units of the same quantity."""
    if not source.converts_to(wanted):
        raise ValueError(f"{source.text} does not convert to {wanted.text}")
    if source.offset == wanted.offset:
        return np.asarray(values * (source.factor / wanted.factor), dtype=np.float64)
    return np.asarray((values * source.factor + source.offset - wanted.offset) / wanted.factor, dtype=np.float64)


def room_temperature(text: str, unit: Unit) -> float | None:
    """25 °C in ``unit`` if a text says room temperature, and that is a unit of temperatures."""
    if text.strip().lower() not in _ROOM_TEMPERATURE or not unit.converts_to(KELVIN):
        return None
    return float(convert(np.array([298.15]), KELVIN, unit)[0])


_REMARKS = re.compile(r"(.+?)(?<!\s)(\s*+)(?:(?:\([^()]{0,200}\)|\[[^\[\]]{0,200}\])\s*+){1,9}")
_WRAPPED = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)|\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")


def bare_unit(text: str) -> str:
    """The unit in what stands behind a number: without brackets around it, or remarks in brackets behind it.

    >>> bare_unit("[W/(m K)]"), bare_unit("% (isolated)"), bare_unit("% (S)")
    ('W/(m K)', '%', '%')
    """
    written = text.strip()
    match = _REMARKS.fullmatch(written)
    # What a blank divides from a unit is a remark, even if it could be read as one more unit.
    if match and parse_unit(match[1]) is not None and (match[2] or parse_unit(written) is None):
        written = match[1]
    wrapped = _WRAPPED.fullmatch(written)
    return written if wrapped is None else (wrapped[1] or wrapped[2] or "").strip()


def unit_and_note(text: str) -> tuple[str, str]:
    """What stands behind a number, as unit and remark.

    >>> unit_and_note("% (isolated)"), unit_and_note("(theory)"), unit_and_note("(eV)")
    (('%', '% (isolated)'), ('', 'theory'), ('eV', ''))
    """
    unit = bare_unit(text)
    if parse_unit(unit) is None and re.fullmatch(r"\([^()]*\)|\[[^\[\]]*\]", text.strip()):
        return "", unit
    return unit, text if len(unit) < len(text.strip("()[] ")) else ""


def is_signed(unit: str | None) -> bool:
    """True for units of quantities whose zero is no lower end, though a sample may lie on one side of it.

    Temperatures that are not in kelvin, voltages, thermopowers.
    """
    parsed = parse_unit(unit) if unit else None
    return parsed is not None and (parsed.offset != 0 or any(parsed.converts_to(signed) for signed in _SIGNED))


_SIGNED = tuple(unit for unit in (parse_unit("V"), parse_unit("V/K")) if unit)

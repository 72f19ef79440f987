"""Column headers taken apart: ``log sigma (S/cm)``, ``kappa / W m-1 K-1``, ``T_K``, ``alpha x 10^6 (1/K)``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from matscout.data.missing import FULL_WIDTH
from matscout.data.powers import with_plain_powers
from matscout.data.units import parse_unit

_LONGEST = 200  # characters of a header that may hold a unit


@dataclass(frozen=True)
class Heading:
    """A column header taken apart: the name of the quantity and its unit (None if none is written).

    ``factor`` is what the quantity was multiplied by, as the name says: 1e6 of ``alpha x 10^6 (1/K)``.
    """

    name: str
    unit: str | None = None
    factor: float = 1.0


_COMPOUND = tuple(
    tuple(sorted(parse_unit(text).dimensions.items()))  # type: ignore[union-attr]
    for text in (
        "S/m",
        "W/(m K)",
        "V/K",
        "g/cm3",
        "W/(m K2)",
        "cm2/(V s)",
        "A/m2",
        "V/m",
        "J/(kg K)",
        "J/K",
        "J/m2",
        "ohm m",
    )
)
_OF_TWO = ("/", " ")
_SEPARATED = re.compile(r"(?P<name>.+?)(?:(?<!\s)(?:\s++/\s*|\s*+,\s+|\s++in\s+)|,)(?P<unit>[^,]+)")
_BEHIND_SLASH = re.compile(r"(?P<name>[^/\s]+(?:\s[^/]+)?)/(?P<unit>.+)")
_LOGARITHM = re.compile(
    r"(?P<minus>-\s?)?(?P<kind>[lL][oO][gG]_?(?:10|2|₁₀|₂|e(?![a-z]))?|l[gn]|L[gn])(?=$|[\W\d_]|[A-ZΑ-Ωα-ω])"
)
_BASES = {"ln": math.e, "loge": math.e, "log2": 2.0, "log₂": 2.0}
_NATURAL = re.compile(r"natural log(?:arithm)?\b|natürlicher logarithmus|logarithme naturel", re.IGNORECASE)
_FACTOR = re.compile(r"(?:^10\^|[x×·*]\s?10(?:\^|(?=-)))\(?(?P<power>[+-]?\d{1,2})\)?(?![\d.])")


@lru_cache(maxsize=100_000)
def split_heading(header: str) -> Heading:
    """Take a header apart: ``band gap (eV)``, ``sigma [S/m]``, ``kappa / W m-1 K-1``, ``Eg, eV``, ``T_K``.

    What stands in the place of a unit but is none ("band gap (indirect)") stays part of the name.
    """
    text = header.strip().translate(str.maketrans(FULL_WIDTH))
    if len(text) > _LONGEST:
        return Heading(text)
    heading = _split(text)
    return replace(heading, factor=_factor(heading.name))


def _split(text: str) -> Heading:
    for name, unit in filter(None, (_in_brackets(text), _parts(_SEPARATED, text), _parts(_BEHIND_SLASH, text))):
        if re.search(r"\w", name) and (parse_unit(unit) or unit in ("-", "—", "–")):
            return Heading(name.strip(" _"), unit if parse_unit(unit) else None)
    if (inside := _of_logarithm(text)) and (quantity := _split(inside[1])).unit:
        return Heading(f"{inside[0]}({quantity.name})", quantity.unit)
    return _split_underscores(text)


def _parts(pattern: re.Pattern[str], text: str) -> tuple[str, str] | None:
    match = pattern.fullmatch(text)
    return (match["name"], match["unit"].strip()) if match else None


def _in_brackets(text: str) -> tuple[str, str] | None:
    """What stands before brackets at the end, and within them."""
    if text[-1:] not in (")", "]", "}"):
        return None
    depth = 0
    for place in range(len(text) - 1, 0, -1):
        depth += (text[place] in ")]}") - (text[place] in "([{")
        if depth == 0:
            return text[:place].strip(), text[place + 1 : -1].strip()
    return None


def _of_logarithm(text: str) -> tuple[str, str] | None:
    """``"log10(sigma / S cm-1)"`` -> ``"log10"`` and ``"sigma / S cm-1"``."""
    parts = _in_brackets(text)
    return parts if parts and _LOGARITHM.fullmatch(parts[0]) else None


def _factor(name: str) -> float:
    """What a quantity was multiplied by: 1e6 of ``alpha x 10^6``, ``10⁶ α`` and ``α·10⁶``."""
    plain = with_plain_powers(name).replace("**", "^")
    match = _FACTOR.search(plain)
    return float(f"1e{match['power']}") if match and match.group() != plain else 1.0


@dataclass(frozen=True)
class Logarithm:
    """What a column holds instead of the quantity: ``sign`` times its logarithm to a base."""

    base: float
    sign: int = 1

    @property
    def name(self) -> str:
        """As people write it: ``"log10"``, ``"ln"``, ``"-log2"``."""
        return "-" * (self.sign < 0) + ("ln" if self.base == math.e else f"log{self.base:g}")

    def shift(self, factor: float) -> float:
        """What is added where the quantity is multiplied by a factor."""
        return self.sign * math.log(factor) / math.log(self.base)


def logarithm_of(header: str) -> Logarithm | None:
    """The logarithm that a column holds, as its header says; None if it holds the quantity itself.

    >>> logarithm_of("log10 conductivity (S/cm)").base, logarithm_of("ln(kappa) (W/mK)").name, logarithm_of("logo")
    (10.0, 'ln', None)
    """
    text = header.strip()[:_LONGEST]
    if _NATURAL.match(text):
        return Logarithm(math.e)
    match = _LOGARITHM.match(text)
    if match is None:
        return None
    base = _BASES.get(match["kind"].lower().replace("_", ""), 10.0)
    return Logarithm(base, -1 if match["minus"] else 1)


def _is_ohm(symbol: str) -> bool:
    """Ohms stand before a length, and nothing is measured per length in them: ``rho_ohm_cm``."""
    return symbol.lower().endswith("ohm") and parse_unit(symbol) is not None


def _split_underscores(text: str) -> Heading:
    parts = text.split("_")
    for start in range(1, len(parts)):
        tail = parts[start:]
        unit = "_".join(tail)
        if (
            tail[0] == "per"
            or (len(tail) == 1 and len(unit) == 1 and unit not in "KV")
            or unit in ("min", "h", "atom", "cell", "site")
        ):
            continue
        if "per" in tail or len(tail) == 1:
            parsed = parse_unit(unit)
        else:
            unit = f"{tail[0]}/({' '.join(tail[1:])})" if len(tail) > 2 else _OF_TWO[_is_ohm(tail[0])].join(tail)
            parsed = parse_unit(unit)
            if parsed is None or tuple(sorted(parsed.dimensions.items())) not in _COMPOUND:
                continue
        if parsed:
            readable = unit.replace("_per_", "/").replace("_", " ")
            return Heading("_".join(parts[:start]), readable)
    return Heading(text)

"""Measured values as people write them in cells: ``1.2 ± 0.1``, ``<0.1``, ``1,2``, ``1.2×10^-3 S/m``, ``n.d.``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset([
    "", "-", "--", "---", "/", "?", "*", "...", "n/a", "na", "n.a.", "n.a", "#n/a", "#na", "nan", "none", "null", "nil",
    "missing", "unknown", "not measured", "not available", "not reported", "#value!", "#ref!",
])  # fmt: skip
"""Cells (lower case, dashes made equal) that mean: no value."""

NO_LIMIT = "not detected, but no limit is given: the row has no value"
"""Note on a cell of :data:`NOT_DETECTED`."""
NOT_DETECTED = frozenset(["n.d.", "nd", "n.d", "n/d", "not detected", "not determined", "bdl", "below detection limit"])
"""Cells (lower case) that mean: below a detection limit that is not given, or not determined."""

_LONGEST = 100  # characters of a value; matching longer text, such as a CIF, could take very long

_SAME = str.maketrans(
    {"−": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "﹣": "-", "－": "-", "＋": "+"}
    | {"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2007": " ", "≲": "<", "≳": ">", "∼": "~", "≈": "~", "’": "'"}
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TEN_TO = re.compile(r"(?<=10)([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_TOKEN = re.compile(r"\d[\d.,]*|[.,]\d+")
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*")
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, eq=False)
class ParsedValues:
    """One column of n cells read as numbers.

    Parameters
    ----------
    values
        float64 [n], NaN where nothing was measured or the cell cannot be read; of a censored cell the bound.
    errors
        float64 [n], one standard deviation as written beside the value (half the width of a range), NaN where none.
    censored
        int8 [n]: -1 for ``<``, +1 for ``>``, otherwise 0.
    units
        text [n], what follows the number in the cell, "" where nothing does.
    readable
        bool [n], False where there is text that is no value; missing values are readable.
    notes
        Position -> what a reader should know of the way that cell was understood (ranges, "about", ...).
    decimal_comma
        True if the comma was taken as decimal sign.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    censored: NDArray[np.int8]
    units: NDArray[np.str_]
    readable: NDArray[np.bool_]
    notes: Mapping[int, str]
    decimal_comma: bool


@dataclass(frozen=True)
class _Cell:
    value: float = math.nan
    error: float = math.nan
    censored: int = 0
    unit: str = ""
    note: str = ""


def tidy(cell: str | None) -> str:
    """The cell without outer blanks, with one kind of dash, minus and space."""
    return "" if cell is None else cell.translate(_SAME).strip()


def is_missing(cell: str | None) -> bool:
    """True for a cell that says there is no value (blank, dash, ``n/a``, ``nan``, ``n.d.``, ...)."""
    text = tidy(cell).lower()
    return text in MISSING or text in NOT_DETECTED


def uses_decimal_comma(cells: Sequence[str | None], hint: bool = False) -> bool:
    """Whether a column writes its numbers with a decimal comma, judged from all of its cells.

    ``1.234,5`` and ``0,12`` speak for the comma, ``1,234.5`` and ``0.12`` for the point; ``1,234`` alone says nothing.

    Parameters
    ----------
    cells
        The column.
    hint
        The answer where the cells say nothing (see :class:`matscout.data.tables.Table`).
    """
    votes = [_decimal_sign(token) for cell in cells if cell for token in _TOKEN.findall(tidy(cell))]
    commas, points = votes.count(","), votes.count(".")
    return commas > points if commas or points else hint


def _decimal_sign(token: str) -> str:
    """The character that must be the decimal sign of a written number, "" if either reading is possible."""
    token = token.rstrip(".,")
    signs = [character for character in token if character in ".,"]
    if not signs:
        return ""
    other = {",": ".", ".": ","}
    if len(set(signs)) == 2:
        return signs[-1]
    if len(signs) > 1:
        return other[signs[0]]
    may_be_thousands = _GROUPED.fullmatch(token) and not token.startswith("0")
    return "" if may_be_thousands else signs[0]


@cache
def _pattern(decimal_comma: bool) -> re.Pattern[str]:
    decimal, thousands = (",", r"[.' ]") if decimal_comma else (r"\.", "[,' ]")
    number = rf"(?:\d{{1,3}}(?:{thousands}\d{{3}})+(?!\d)(?:{decimal}\d+)?|\d+(?:{decimal}\d*)?|{decimal}\d+)"
    power = r"(?:[eE][+-]?\d+|\s*[x×·*]\s*10\s*(?:\^|\*\*)?\s*(?:[+-]?\d+|\([+-]?\d+\)))"
    spread = (
        rf"(?:\s?\((?P<digits>{number})\)"
        rf"|\s*(?:±|\+/-|\+-|\+\\-)\s*(?P<error>{number})(?P<error_power>{power})?"
        rf"|\s*(?:-|\bto\b|\.{{2,3}}|…)\s*(?P<upper>-?{number})(?P<upper_power>{power})?)"
    )
    return re.compile(
        r"(?P<bound><=|>=|=<|=>|[<>≤≥])?\s*(?P<about>~|ca\.?|about|approx\.?|circa)?\s*(?P<open>\()?\s*"
        rf"(?:(?P<decade>10\s*\^\s*[+-]?\d+)|(?P<value>[+-]?{number})(?P<power>{power})?){spread}?"
        rf"\s*(?P<close>\))?(?P<common>{power})?(?P<mark>\s*[*†‡]+)?\s*(?P<unit>[^\W\d_].*|[°%(\[/].*|(?<!\d)1/.*)?",
        re.IGNORECASE,
    )


def _exponent(power: str | None) -> int:
    """The power of ten of ``e-3`` or ``×10^-3``; 0 where there is none."""
    if not power:
        return 0
    written = re.search(r"[+-]?\d+\)?$", re.sub(r"^\s*[x×·*]\s*10", "", power))
    return int(written.group().rstrip(")")) if written else 0


def _number(text: str, exponent: int, decimal_comma: bool) -> float:
    """The float nearest to ``text`` times ten to ``exponent``."""
    plain = re.sub(r"[.' ]", "", text).replace(",", ".") if decimal_comma else re.sub(r"[,' ]", "", text)
    return float(f"{plain}e{exponent}")


def _digits_error(digits: str, value: str, exponent: int, decimal_comma: bool) -> float:
    """The error of ``1.23(4)``: 4 in the last digit written; ``1.23(0.04)`` is taken as it stands."""
    decimal = "," if decimal_comma else "."
    if decimal not in digits:
        _, _, decimals = value.partition(decimal)
        exponent -= len(decimals)
    return _number(digits, exponent, decimal_comma)


def _read_cell(text: str, decimal_comma: bool) -> _Cell | None:
    """One tidy cell that holds something, or None if it is no value."""
    match = _pattern(decimal_comma).fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    unit, bound = (match["unit"] or "").strip(), match["bound"]
    note = "'about' is read as the value itself" if match["about"] else ""
    if match["decade"]:
        return _Cell(float(f"1e{_exponent(match['decade'])}"), unit=unit, note=note)
    common = _exponent(match["common"])
    exponent = common + _exponent(match["power"])
    value, error = _number(match["value"], exponent, decimal_comma), math.nan
    if match["digits"]:
        error = _digits_error(match["digits"], match["value"], exponent, decimal_comma)
        if re.fullmatch(r"\d+ \(\d{2,}\)\D*", text) and error >= value / 2:
            return None  # 68 (61): two results of different kinds, not a value and its error
    if match["error"]:
        error = _number(match["error"], common + _exponent(match["error_power"]), decimal_comma)
    if match["upper"]:
        upper = _number(match["upper"], common + _exponent(match["upper_power"]), decimal_comma)
        if bound or upper <= value:
            return None
        value, error = (value + upper) / 2, (upper - value) / 2
        note = "a range is read as its middle, half its width as the error"
    if bound:
        error, note = math.nan, ""
    return _Cell(value, error, (-1 if "<" in bound or "≤" in bound else 1) if bound else 0, unit, note)


def _cell(cell: str | None, decimal_comma: bool) -> _Cell | None:
    if cell is None:
        return _Cell()
    if not decimal_comma and _PLAIN.fullmatch(cell):
        found: _Cell | None = _Cell(float(cell))
    else:
        text = _TEN_TO.sub(lambda match: "^" + match.group().translate(_SUPERSCRIPT), tidy(cell))
        if text.lower() in MISSING:
            return _Cell()
        if text.lower() in NOT_DETECTED:
            return _Cell(note=NO_LIMIT)
        found = _read_cell(text, decimal_comma)
    if found is None or not math.isfinite(found.value) or math.isinf(found.error):
        return None
    return found


def parse_values(cells: Sequence[str | None], decimal_comma: bool | None = None) -> ParsedValues:
    """Read a column of cells as numbers with errors, bounds and units.

    Understood are ``1.2``, ``1e-3``, ``1.2×10^-3``, ``1.2·10⁻³``, ``10^-3``; ``1.2 ± 0.1``, ``1.2 +/- 0.1``,
    ``1.2(1)``, ``(1.2 ± 0.1)e-3``; ``<0.1``, ``≤ 0.1``, ``>5``; ``1.1-1.3``, ``1.1 to 1.3``; ``~1.2``, ``ca. 1.2``;
    thousands separators; a unit after the number; and the usual ways of saying that there is no value.

    Parameters
    ----------
    cells
        n cells, None where blank.
    decimal_comma
        Whether the comma is the decimal sign; None decides it from the column (:func:`uses_decimal_comma`).
    """
    comma = uses_decimal_comma(cells) if decimal_comma is None else decimal_comma
    found = [_cell(cell, comma) for cell in cells]
    filled = [_Cell() if cell is None else cell for cell in found]
    return ParsedValues(
        values=np.array([cell.value for cell in filled], dtype=np.float64),
        errors=np.array([cell.error for cell in filled], dtype=np.float64),
        censored=np.array([cell.censored for cell in filled], dtype=np.int8),
        units=np.array([cell.unit for cell in filled], dtype=np.str_),
        readable=np.array([cell is not None for cell in found], dtype=np.bool_),
        notes={position: cell.note for position, cell in enumerate(filled) if cell.note},
        decimal_comma=comma,
    )

"""Measured values as people write them in cells: ``1.2 ± 0.1``, ``<0.1``, ``1,2``, ``1.2×10^-3 S/m``, ``n.d.``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.decimal_signs import NAMES, DecimalSign, both_readings, decimal_sign
from matscout.data.missing import says_missing, says_not_detected, tidy
from matscout.data.powers import with_plain_powers

if TYPE_CHECKING:
    import polars

NO_LIMIT = "not detected, but no limit is given: the row has no value"
"""Note on a cell that says "not detected"."""

_LONGEST = 100  # characters of a value; matching longer text, such as a CIF, could take very long

_ERROR_IN_BRACKETS = re.compile(r" ?[(\[] ?(?:±|\+/-|\+-|\+\\-) ?([^()\[\] ]{1,30}) ?[)\]]")
_WHOLE = r"[+-]?[0-9]+(?:[eE][+-]?[0-9]+)?"
_PLAIN: dict[str, str] = {
    ".": r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$",
    ",": rf"^{_WHOLE}$",
}
_PLAIN_POINT = re.compile(_PLAIN["."].strip("^$"))
_WITH_COMMA = r"^[+-]?(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_GROUP = r"^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$"
_SCIENTIFIC = re.compile(r"(?:^|[^\d.,])\d+([.,])\d+ ?(?:[eE][+-]?\d|[x×·*] ?10)")


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
    rules
        Position -> what makes a cell a number that is not written as one: ``"decimal comma"``, ``"power of ten"``.
    reasons
        Position -> why a cell cannot be read, where there is more to say than that it is no number.
    sign
        The decimal sign and what decided it.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    censored: NDArray[np.int8]
    units: NDArray[np.str_]
    readable: NDArray[np.bool_]
    notes: Mapping[int, str]
    rules: Mapping[int, str]
    reasons: Mapping[int, str]
    sign: DecimalSign


@dataclass(frozen=True)
class _TableCell:
    value: float = math.nan
    error: float = math.nan
    censored: int = 0
    unit: str = ""
    note: str = ""
    rules: tuple[str, ...] = ()
    reason: str | None = None
    """Why it is no value, None if it is one (or missing)."""


_UNREADABLE = _TableCell(reason="")


@cache
def _pattern(sign: str) -> re.Pattern[str]:
    decimal, thousands = (",", "[.' ]") if sign == "," else (r"\.", "[,' ]")
    number = rf"(?:[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+(?!\d)(?:{decimal}\d+)?|\d+(?:{decimal}\d*)?|{decimal}\d+)"
    power = r"(?: ?[eE][+-]\d+|[eE]\d+| ?[x×·*] ?10 ?(?:\^|\*\*)? ?(?:[+-]?\d+|\([+-]?\d+\)))"
    spread = (
        rf"(?: ?\((?P<digits>{number})\)"
        rf"| ?(?:±|\+/-|\+-|\+\\-) ?(?P<error>{number})(?P<error_power>{power})?"
        rf"| ?(?:-|\bto\b|\.{{2,3}}|…) ?(?P<upper>-?{number})(?P<upper_power>{power})?)"
    )
    return re.compile(
        r"(?P<bound><=|>=|=<|=>|[<>≤≥])? ?(?P<about>~|ca\.?|about|approx\.?|circa)? ?(?P<open>\()? ?"
        rf"(?:(?P<decade>10 ?\^ ?[+-]?\d+)|(?P<value>[+-]?{number})(?P<power>{power})?){spread}?"
        rf" ?(?P<close>\))?(?P<common>{power})?(?P<mark> ?[*†‡]+)? ?(?P<unit>[^\W\d_].*|[°%(\[/].*|(?<!\d)1/.*)?",
        re.IGNORECASE,
    )


def _exponent(power: str | None) -> int:
    """The power of ten of ``e-3`` or ``×10^-3``; 0 where there is none."""
    if not power:
        return 0
    written = re.search(r"[+-]?\d+\)?$", re.sub(r"^ ?[x×·*] ?10", "", power))
    return int(written.group().rstrip(")")) if written else 0


def _number(text: str, exponent: int, sign: str) -> float:
    """The float nearest to ``text`` times ten to ``exponent``."""
    plain = re.sub(r"[.' ]", "", text).replace(",", ".") if sign == "," else re.sub(r"[,' ]", "", text)
    return float(f"{plain}e{exponent}")


def _digits_error(digits: str, value: str, exponent: int, sign: str) -> float:
    """The error of ``1.23(4)``: 4 in the last digit written; ``1.23(0.04)`` is taken as it stands."""
    if sign not in digits:
        _, _, decimals = value.partition(sign)
        exponent -= len(decimals)
    return _number(digits, exponent, sign)


def _read_cell(text: str, sign: str) -> _TableCell:
    """One tidy cell that holds something."""
    match = _pattern(sign).fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return _UNREADABLE
    unit, bound = (match["unit"] or "").strip(), match["bound"]
    note, rules = "'about' is ignored" if match["about"] else "", _rules(match, sign)
    if match["decade"]:
        return _TableCell(float(f"1e{_exponent(match['decade'])}"), unit=unit, note=note, rules=rules)
    common = _exponent(match["common"])
    exponent = common + _exponent(match["power"])
    value, error = _number(match["value"], exponent, sign), math.nan
    if match["digits"]:
        error = _digits_error(match["digits"], match["value"], exponent, sign)
        if re.fullmatch(r"\d+ \(\d{2,}\)\D*", text) and error >= value / 2:
            return _UNREADABLE  # 68 (61): two results of different kinds, not a value and its error
    if match["error"]:
        error = _number(match["error"], common + _exponent(match["error_power"]), sign)
    if match["upper"]:
        upper = _number(match["upper"], common + _exponent(match["upper_power"]), sign)
        if bound or upper <= value:
            return _UNREADABLE
        value, error = (value + upper) / 2, (upper - value) / 2
        note = "a range is read as its midpoint, with half its width as the error"
    if bound:
        error, note = math.nan, ""
    return _TableCell(value, error, (-1 if "<" in bound or "≤" in bound else 1) if bound else 0, unit, note, rules)


def _rules(match: re.Match[str], sign: str) -> tuple[str, ...]:
    """What a number that is not written plainly has to be read by."""
    numbers = "".join(filter(None, (match["value"], match["digits"], match["error"], match["upper"])))
    powers = "".join(filter(None, (match["power"], match["error_power"], match["upper_power"], match["common"])))
    rules = {
        "decimal comma": sign == "," and "," in numbers,
        "thousands": bool(re.search("[.' ]" if sign == "," else "[,' ]", numbers)),
        "power of ten": bool(match["decade"]) or bool(powers and re.search("10|[( ]", powers)),
        "error in last digits": bool(match["digits"]),
        "value ± error": bool(match["error"]),
        "range": bool(match["upper"]),
        "bound": bool(match["bound"]),
        "about": bool(match["about"]),
        "mark left out": bool(match["mark"]),
    }
    return tuple(rule for rule, applies in rules.items() if applies)


def _cell(cell: str, sign: DecimalSign) -> _TableCell:
    text = " ".join(with_plain_powers(tidy(cell)).split())
    text = _ERROR_IN_BRACKETS.sub(r" ± \1 ", text).strip() if len(text) <= _LONGEST else text
    if says_missing(text):
        return _TableCell(rules=("no value",) if text else ())
    if says_not_detected(text):
        return _TableCell(note=NO_LIMIT, rules=("no value",))
    if len(text) <= _LONGEST and (unclear := sign.unclear(text)):
        return _TableCell(reason=f"may be {both_readings(unclear)}")
    # An exponent leaves one meaning to the sign before it, whatever other numbers are written with.
    scientific = _SCIENTIFIC.search(text) if len(text) <= _LONGEST else None
    read = _read_cell(text, scientific[1] if scientific else sign.sign)
    if read.reason is not None or not math.isfinite(read.value) or math.isinf(read.error):
        return _cell_against(text, sign)
    if scientific and scientific[1] != sign.sign:
        rule = f"{NAMES[scientific[1]]} before an exponent"
        return replace(read, rules=(rule, *(other for other in read.rules if other != "decimal comma")))
    return read


def _cell_against(text: str, sign: DecimalSign) -> _TableCell:
    """A cell that is no value; with the reason where it would be one with the other decimal sign."""
    other = "," if sign.sign == "." else "."
    if other in text and _read_cell(text, other).reason is None:
        names = NAMES[other], NAMES[sign.sign]
        return _TableCell(
            reason=f"has the {names[0]} as decimal sign, and the column the {names[1]} ({sign.decided_by})"
        )
    return _UNREADABLE


def is_number(cell: str) -> bool:
    """Whether a cell that stands alone is a number, with whichever decimal sign."""
    if _PLAIN_POINT.fullmatch(cell):
        return True
    text = tidy(cell)
    if says_missing(text) or says_not_detected(text):
        return False
    return _cell(text, DecimalSign(".")).reason != ""


def text_series(cells: Sequence[str | None] | polars.Series) -> polars.Series:
    """Cells as a column of text."""
    import polars

    return cells if isinstance(cells, polars.Series) else polars.Series(cells, dtype=polars.String)


def parse_values(
    cells: Sequence[str | None] | polars.Series,
    sign: DecimalSign | None = None,
    typed: NDArray[np.float64] | None = None,
) -> ParsedValues:
    """Read a column of cells as numbers with errors, bounds and units.

    Understood are ``1.2``, ``1e-3``, ``1.2×10^-3``, ``1.2·10⁻³``, ``10^-3``; ``1.2 ± 0.1``, ``1.2 +/- 0.1``,
    ``1.2(1)``, ``(1.2 ± 0.1)e-3``; ``<0.1``, ``≤ 0.1``, ``>5``; ``1.1-1.3``, ``1.1 to 1.3``; ``~1.2``, ``ca. 1.2``;
    thousands separators; a unit after the number; and the usual ways of saying that there is no value.

    Parameters
    ----------
    cells
        n cells, None where blank.
    sign
        The decimal sign; None decides it from the column (:func:`matscout.data.decimal_signs.decimal_sign`).
    typed
        float64 [n], numbers that are numbers already, whatever stands in their cells as text; NaN elsewhere.
    """
    series = text_series(cells)
    values = np.full(len(series), np.nan) if typed is None else typed.copy()
    texts = series if typed is None else series.set(_mask(~np.isnan(values)), None)
    if sign is None:
        sign = decimal_sign(texts)
    values, left, with_comma = _plain_numbers(texts, sign, values)
    errors, censored = np.full(len(values), np.nan), np.zeros(len(values), dtype=np.int8)
    readable, units = np.ones(len(values), dtype=np.bool_), np.full(len(values), "", dtype=object)
    notes: dict[int, str] = {}
    reasons: dict[int, str] = {}
    rules: dict[int, str] = dict.fromkeys(with_comma, "decimal comma")
    known: dict[str, _TableCell] = {}
    for position, text in zip(left.tolist(), texts.gather(left).to_list(), strict=True):
        if (cell := known.get(text)) is None:
            cell = known[text] = _cell(text, sign)
        readable[position] = cell.reason is None
        values[position], errors[position], censored[position] = cell.value, cell.error, cell.censored
        units[position] = cell.unit
        if cell.note:
            notes[position] = cell.note
        if cell.reason:
            reasons[position] = cell.reason
        if cell.rules:
            rules[position] = ", ".join(cell.rules)
    written = np.array(units.tolist(), dtype=np.str_)
    return ParsedValues(values, errors, censored, written, readable, notes, rules, reasons, sign)


def _mask(which: NDArray[np.bool_]) -> polars.Series:
    import polars

    return polars.Series(which)


def _plain_numbers(
    texts: polars.Series, sign: DecimalSign, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], list[int]]:
    """Values with those of plain numbers, the positions of the other cells, and those that have a decimal comma."""
    import polars

    plain = texts.str.contains(_PLAIN[sign.sign])
    commas = texts.str.contains(_WITH_COMMA) & ~plain if sign.sign == "," else plain & False
    if sign.is_open:
        clear = ~texts.str.contains(_GROUP)
        plain, commas = plain & clear, commas & clear
    numbers = texts.set((~(plain | commas)).fill_null(True), None).str.replace(",", ".", literal=True)
    read = numbers.cast(polars.Float64, strict=False).to_numpy().astype(np.float64)
    known = np.isfinite(read)
    left = np.flatnonzero(~known & texts.is_not_null().to_numpy())
    is_comma = commas.fill_null(False).to_numpy() & known
    return np.where(known, read, values), left, np.flatnonzero(is_comma).tolist()

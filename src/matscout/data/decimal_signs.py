"""Which sign divides the whole from its parts in a column of numbers, and what says so.

``1.234`` is one and a quarter or more than a thousand. A column is read by what can only be read one way in it
(``0.12``, ``1.234,5``), else by the rest of its table, else a point is the decimal sign and a comma is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matscout.data.missing import tidy
from matscout.errors import UsageError

if TYPE_CHECKING:
    import polars

Sign = Literal[".", ","]
NAMES: dict[str, str] = {".": "point", ",": "comma"}
_OTHER: dict[str, Sign] = {".": ",", ",": "."}

_TOKEN = re.compile(r"\d[\d.,]*|[.,]\d+")
_SCIENTIFIC = re.compile(r"(?<![\d.,])\d+[.,]\d+ ?(?:[eE][+-]?\d|[x×·*] ?10)")
_SPACED = re.compile(r"(?<=\d)[' ](?=\d{3}(?!\d))")
GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
"""Numbers whose sign may stand between thousands; no group of thousands begins with 0."""
_GROUP_OF_POINTS = r"^[1-9][0-9]{0,2}\.[0-9]{3}$"
NO_SIGN = "no number has one"
"""Why a decimal sign is as it is where it does not matter."""
_LARGE = 100.0
"""Where numbers reach this, others of the column may be thousands."""


@dataclass(frozen=True)
class NumberNotation:
    """How the user says numbers are written: the decimal sign, and whether groups of three digits are thousands."""

    decimal: Sign | None = None
    thousands: bool = False

    @classmethod
    def of(cls, decimal: str | None, thousands: bool) -> NumberNotation:
        """The same from plain values.

        Raises
        ------
        UsageError
            If the sign is neither a point nor a comma.
        """
        if decimal is None:
            return cls(None, thousands)
        if decimal == ".":
            return cls(".", thousands)
        if decimal == ",":
            return cls(",", thousands)
        raise UsageError(f"the decimal sign is a point or a comma (--decimal=. or --decimal=,), got {decimal!r}")


@dataclass(frozen=True)
class DecimalSign:
    """How the numbers of a column are written.

    Parameters
    ----------
    sign
        The decimal sign.
    decided_by
        What says so, in words.
    question
        Why the column cannot be read as it is, "" where it can.
    is_contradicted
        True if some numbers can only be read with the other sign: those that could be read either way say nothing.
    groups
        Whether three digits behind the other sign are thousands; else such a number is left open.
    """

    sign: Sign = "."
    decided_by: str = ""
    question: str = ""
    is_contradicted: bool = False
    groups: bool = False

    def unclear(self, text: str) -> str:
        """The first number in a tidy text that could be read two ways, "" if there is none."""
        for token in _tokens(text):
            if (match := GROUPED.fullmatch(token)) and token.count(match[1]) == 1 and self._is_open(match[1]):
                return _with_minus(token, text)
        return ""

    def _is_open(self, sign: str) -> bool:
        return bool(self.question) or self.is_contradicted or (sign != self.sign and not self.groups)

    @property
    def is_open(self) -> bool:
        """Whether three digits behind the decimal sign itself say nothing."""
        return bool(self.question) or self.is_contradicted


def _tokens(text: str) -> list[str]:
    """The numbers of a tidy text that have no exponent; blanks and apostrophes group thousands beyond doubt."""
    plain = _SPACED.sub("", _SCIENTIFIC.sub(" ", text))
    return [token.rstrip(".,") for token in _TOKEN.findall(plain)]


def _with_minus(token: str, text: str) -> str:
    """A number as it stands in a tidy text: with its minus, which stands behind no other number."""
    return f"-{token}" if re.search(rf"(?<![\w.,)] )(?<![\w.,)])-{re.escape(token)}(?![\d.,])", text) else token


def both_readings(token: str) -> str:
    """``"1,234"`` -> ``"1.234 or 1234"``."""
    return f"{token.replace(',', '.')} or {re.sub(r'[.,]', '', token)}"


@dataclass(frozen=True)
class _Written:
    """Numbers of a column by what they say: clear ones, ones that may be either, whole ones; without their minus."""

    cells: polars.Series
    clear: dict[Sign, list[str]]
    scientific: dict[Sign, list[str]]
    either: dict[Sign, list[str]]
    whole: list[str]

    def shown(self, token: str) -> str:
        """A number as a reader finds it in the column: with its minus."""
        holding = self.cells.filter(self.cells.str.contains(token, literal=True).fill_null(False))
        return _with_minus(token, tidy(holding[0])) if len(holding) else token

    def reaches(self, least: float, sign: Sign) -> bool:
        """Whether numbers of one reading are as large as ``least``, or have groups of thousands."""
        grouped = any(len(re.findall("[.,]", token)) > 1 for token in self.clear[sign])
        digits, numbers = len(f"{least:.0f}"), (*self.clear[sign], *self.whole)
        return grouped or any(len(token.partition(sign)[0].lstrip("0")) >= digits for token in numbers)


def _sign_of(token: str) -> Sign | None:
    """The character that must be the decimal sign of a written number, None if either reading is possible."""
    signs = [character for character in token if character in ".,"]
    if len(set(signs)) == 2:
        return "," if signs[-1] == "," else "."
    if len(signs) > 1:
        return _OTHER[signs[0]] if GROUPED.fullmatch(token) else None
    return None if GROUPED.fullmatch(token) else ("," if signs[0] == "," else ".")


def _sort(cells: polars.Series) -> _Written:
    written = _Written(cells, {".": [], ",": []}, {".": [], ",": []}, {".": [], ",": []}, [])
    texts = cells.drop_nulls().str.strip_chars("+- ").unique(maintain_order=True)
    plain = texts.str.contains(r"^(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)$")
    numbers = texts.filter(plain)
    is_whole, may_be_group = ~numbers.str.contains(".", literal=True), numbers.str.contains(_GROUP_OF_POINTS)
    written.whole.extend(numbers.filter(is_whole))
    written.either["."].extend(numbers.filter(may_be_group))
    written.clear["."].extend(numbers.filter(~is_whole & ~may_be_group))
    for cell in texts.filter(~plain):
        text = tidy(cell)
        for part in _SCIENTIFIC.findall(text):
            written.scientific["," if "," in part else "."].append(part)
        for token in _tokens(text):
            _put(written, token)
    return written


def _put(written: _Written, token: str) -> None:
    if token.isdigit():
        written.whole.append(token)
    elif token and (sign := _sign_of(token)):
        written.clear[sign].append(token)
    elif GROUPED.fullmatch(token):
        written.either["," if "," in token else "."].append(token)


def decimal_sign(
    cells: polars.Series, *, asked: NumberNotation | None = None, elsewhere: DecimalSign | None = None
) -> DecimalSign:
    """The decimal sign of a column.

    Parameters
    ----------
    cells
        What stands in it, text.
    asked
        What the user says.
    elsewhere
        What the rest of the table says (:func:`sign_of_table`).
    """
    asked = asked or NumberNotation()
    written = _sort(cells)
    if asked.decimal:
        return DecimalSign(asked.decimal, f"--decimal {asked.decimal}", groups=True)
    clear = written.clear if any(written.clear.values()) else written.scientific
    if any(clear.values()):
        sign: Sign = "," if len(clear[","]) > len(clear["."]) else "."
        against = written.clear[_OTHER[sign]]
        example = f"{written.shown(clear[sign][0])!r} can only be read this way"
        beside = f", {written.shown(against[0])!r} contradicts it" if against else ""
        groups = asked.thousands or written.reaches(_LARGE, sign)
        return DecimalSign(sign, example + beside, is_contradicted=bool(against), groups=groups)
    if written.either["."] and written.either[","]:
        point, comma = (written.shown(written.either[sign][0]) for sign in (".", ","))
        return _asks(point, f"{comma!r} is next to it")
    for sign in (".", ","):
        if written.either[sign]:
            return _by_the_rest(sign, written, asked.thousands, elsewhere)
    return DecimalSign(elsewhere.sign if elsewhere else ".", NO_SIGN)


def _asks(example: str, why: str) -> DecimalSign:
    mark = "point" if "." in example else "comma"
    question = (
        f"{example!r} may be {both_readings(example)}: {why}; state which sign is the decimal sign (--decimal=. or "
        f"--decimal=,), or that three digits after a {mark} are thousands (--thousands)"
    )
    return DecimalSign(question=question)


def _by_the_rest(sign: Sign, written: _Written, thousands: bool, elsewhere: DecimalSign | None) -> DecimalSign:
    """The decimal sign where three digits follow the sign in every number that has one."""
    either = written.either[sign]
    if thousands:
        return DecimalSign(_OTHER[sign], "--thousands", groups=True)
    as_decimals = max(float(token.replace(",", ".")) for token in either)
    whole = [token for token in written.whole if len(token) == 3 and float(token) > as_decimals]
    bare = bool(whole) and not any(len(token) > 3 for token in written.whole)
    decided_by = elsewhere.decided_by if elsewhere else ""
    behind = f"three digits follow every {NAMES[sign]}"
    beside = f", and {written.shown(whole[0])} in the same column has none" if bare else ""
    looks_grouped = bare and all(token.endswith("0") for token in either)
    if looks_grouped and not (elsewhere and elsewhere.sign == sign):
        return DecimalSign(_OTHER[sign], f"{behind}, the last of them 0{beside}", groups=True)
    if elsewhere and not looks_grouped and sign in (elsewhere.sign, ","):
        return DecimalSign(elsewhere.sign, decided_by, groups=elsewhere.sign != sign)
    if sign == "." and not bare and not elsewhere:
        return DecimalSign(".", "a single point is the decimal sign")
    return _asks(written.shown(either[0]), f"{behind}{beside}" + f", and elsewhere {decided_by}" * bool(decided_by))


def sign_of_table(cells: polars.Series, delimiter: str) -> DecimalSign | None:
    """What the cells of a text file that look like numbers say on the decimal sign; None if they say nothing.

    Semicolons stand between columns because the comma is the decimal sign, unless numbers say otherwise.
    """
    written = _sort(cells)
    points, commas = written.clear["."], written.clear[","]
    if points and commas:
        return None
    if points or commas:
        sign: Sign = "," if commas else "."
        example = written.shown((points or commas)[0])
        return DecimalSign(sign, f"numbers of the table such as {example!r} can only be read this way")
    if delimiter == ";" and not written.either["."]:
        return DecimalSign(",", "semicolons separate the columns")
    return None

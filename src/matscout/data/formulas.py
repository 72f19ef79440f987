"""Formulas as people write them, read fast: one sweep over all plain ones, a grammar for the rest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formula_grammar import MAX_AMOUNT, FormulaError, FormulaReader
from matscout.data.formula_notation import MAX_LENGTH, tidy
from matscout.data.formula_spelling import recased
from matscout.errors import RowProblem

_PLAIN = re.compile(r"(?!.*\.\d+H2O)(?:[A-Z][a-z]?(?:[0-9]+(?:\.[0-9]+)?)?)+")
_TOKEN = re.compile(r"([A-Z][a-z]?)([0-9.]*)|\n")

_MIN_SHOUTS = 5
"""So many distinct formulas without one lower-case letter are taken for a column that lost its case."""

_WRITING_ORDER = """
Rn Xe Kr Ar Ne He Fr Cs Rb K Na Li Ra Ba Sr Ca Mg Be
Lr No Md Fm Es Cf Bk Cm Am Pu Np U Pa Th Ac Lu Yb Tm Er Ho Dy Tb Gd Eu Sm Pm Nd Pr Ce La Y Sc
Rf Hf Zr Ti Db Ta Nb V Sg W Mo Cr Bh Re Tc Mn Hs Os Ru Fe Mt Ir Rh Co Ds Pt Pd Ni Rg Au Ag Cu
Cn Hg Cd Zn Nh Tl In Ga Al B Fl Pb Sn Ge Si C Mc Bi Sb As P N H Lv Po Te Se S O Ts At I Br Cl F Og
"""
_ORDER = {symbol: place for place, symbol in enumerate(_WRITING_ORDER.split())}
"""Place of each element in a written formula (IUPAC Red Book 2005, table VI)."""


@dataclass(frozen=True, eq=False)
class ParsedFormulas:
    """What n formulas mean.

    Parameters
    ----------
    compositions
        Of the m formulas that could be read, amounts as written.
    rows
        int64 [m], ascending: which of the n formulas each composition belongs to.
    problems
        One per formula that could not be read (``dropped``) or was read with a remark; ``row`` is the position from 1.
    """

    compositions: Compositions
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True)
class _Reading:
    """One formula read by the grammar: its atoms, or the error, and remarks."""

    atoms: Mapping[str, float]
    remarks: tuple[str, ...] = ()
    error: FormulaError | None = None

    def problem(self, row: int, text: str) -> RowProblem | None:
        if self.error is not None:
            return RowProblem(row, text, self.error.reason, self.error.advice)
        if self.remarks:
            return RowProblem(row, text, "; ".join(self.remarks), "nothing to do if that is right", dropped=False)
        return None


def _read(text: str, *, shouting: bool = False) -> _Reading:
    """Read one formula with the grammar; ``shouting`` if it comes from a list written in capitals only."""
    tidied = text.strip()
    try:
        draft = tidy(text)
        tidied = draft.text
        reader = FormulaReader(tidied, draft.variables)
        atoms = reader.read()
    except FormulaError as error:
        where = "" if tidied == text.strip() else f" (read as {tidied[:80]!r})"
        return _Reading({}, error=FormulaError(text, error.reason + where, error.advice))
    other = recased(tidied) if shouting else None
    capitals = (f"all is in capitals: read letter by letter, not as {other}",) if other else ()
    return _Reading(atoms, tuple(dict.fromkeys((*draft.remarks, *reader.remarks, *capitals))))


def parse_formula(text: str) -> dict[str, float]:
    """Element symbol -> amount of one formula as people write it, e.g. ``{"Fe": 2.0, "O": 3.0}``.

    Raises
    ------
    InputError
        If it cannot be read; the message says where and what to write instead.

    Examples
    --------
    >>> parse_formula("BiSb(Se0.9Br0.1)3")
    {'Bi': 1.0, 'Sb': 1.0, 'Se': 2.7, 'Br': 0.30000000000000004}
    >>> parse_formula("NaN")
    {'Na': 1.0, 'N': 1.0}
    """
    reading = _read(text)
    if reading.error is not None:
        raise reading.error
    return dict(reading.atoms)


def parse_formulas(formulas: Sequence[str]) -> ParsedFormulas:
    """Read many formulas; each one that cannot be read becomes a problem, none is lost in silence.

    Understood are plain formulas with fractions (``Bi2Te2.7Se0.3``), nested brackets, adducts (``CuSO4·5H2O``),
    Unicode, HTML and LaTeX sub- and superscripts, named amounts (``La1-xSrxMnO3 (x=0.3)``), an unknown ``O3-δ``
    (as zero), mixtures with shares (``0.7BiFeO3-0.3BaTiO3``), vacancies, D and T, and notes (``TiO2 (rutile)``).

    Parameters
    ----------
    formulas
        n texts.
    """
    distinct = {text: place for place, text in enumerate(dict.fromkeys(formulas))}
    compositions, readings = _parse_distinct(list(distinct))
    places = np.fromiter((distinct[text] for text in formulas), dtype=np.int64, count=len(formulas))
    good = np.ones(len(distinct), dtype=bool)
    good[[place for place, reading in readings.items() if reading.error]] = False
    rows = np.flatnonzero(good[places])
    noted = np.zeros(len(distinct), dtype=bool)
    noted[list(readings)] = True
    problems = (
        readings[int(places[row])].problem(row + 1, formulas[row]) for row in np.flatnonzero(noted[places]).tolist()
    )
    return ParsedFormulas(compositions[places[rows]], rows, tuple(problem for problem in problems if problem))


def _parse_distinct(texts: list[str]) -> tuple[Compositions, dict[int, _Reading]]:
    """Compositions of all texts (empty where unreadable), and the readings of those that went through the grammar."""
    shouting = len(texts) >= _MIN_SHOUTS and "".join(texts).isupper()
    plain = np.array([_is_plain(text) and not shouting for text in texts], dtype=bool)
    rows, elements, amounts = _sweep([text for text, is_plain in zip(texts, plain, strict=True) if is_plain])
    plain_rows = np.flatnonzero(plain)
    rows = plain_rows[rows]
    fine = (elements > 0) & (amounts > 0) & (amounts <= MAX_AMOUNT)
    plain[rows[~fine]] = False
    kept = plain[rows]
    readings = {int(row): _read(texts[row], shouting=shouting) for row in np.flatnonzero(~plain)}
    entries = [
        (row, ATOMIC_NUMBERS[symbol], amount)
        for row, reading in readings.items()
        for symbol, amount in reading.atoms.items()
    ]
    more = np.array(entries, dtype=np.float64).reshape(-1, 3)
    return _assemble(
        len(texts),
        np.concatenate([rows[kept], more[:, 0].astype(np.int64)]),
        np.concatenate([elements[kept], more[:, 1].astype(np.int64)]),
        np.concatenate([amounts[kept], more[:, 2]]),
    ), readings


def _is_plain(text: str) -> bool:
    return len(text) <= MAX_LENGTH and _PLAIN.fullmatch(text) is not None


def _sweep(texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row, atomic number (0 if there is no such element) and amount of every element written in plain formulas."""
    tokens = _TOKEN.findall("\n".join(texts))
    numbers = np.array([ATOMIC_NUMBERS.get(symbol, 0) for symbol, _ in tokens], dtype=np.int64)
    values = {written: float(written) if written else 1.0 for written in {amount for _, amount in tokens}}
    amounts = np.array([values[amount] for _, amount in tokens], dtype=np.float64)
    breaks = np.array([not symbol for symbol, _ in tokens], dtype=bool)
    rows = np.cumsum(breaks)
    return rows[~breaks], numbers[~breaks], amounts[~breaks]


def _assemble(
    n: int, rows: NDArray[np.int64], elements: NDArray[np.int64], amounts: NDArray[np.float64]
) -> Compositions:
    """Sorted by row and element, repeated elements added up."""
    keys = rows * 256 + elements
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    summed = np.add.reduceat(amounts[order], first) if len(first) else amounts
    offsets = np.searchsorted(keys[first] // 256, np.arange(n + 1)).astype(np.int64)
    return Compositions(offsets, (keys[first] % 256).astype(np.uint8), summed)


def format_formula(amounts: Mapping[str, float]) -> str:
    """A readable formula, reduced where all amounts are whole: ``"Fe2O3"``, ``"Bi2Te2.7Se0.3"``.

    Elements stand in the order of the IUPAC Red Book (2005, table VI); amounts keep six significant digits.

    Parameters
    ----------
    amounts
        Element symbol -> positive amount.
    """
    symbols = sorted(amounts, key=lambda symbol: _ORDER[symbol])
    values = _reduced([amounts[symbol] for symbol in symbols])
    return "".join(symbol + _written(value) for symbol, value in zip(symbols, values, strict=True))


def _reduced(values: Iterable[float]) -> list[float]:
    exact = list(values)
    whole = [round(value) for value in exact]
    if all(number > 0 and abs(value - number) <= 1e-6 * number for value, number in zip(exact, whole, strict=True)):
        divisor = math.gcd(*whole)
        return [number / divisor for number in whole]
    return exact


def _written(value: float) -> str:
    """Six significant digits without an exponent, nothing for one."""
    digits = f"{value:.{max(0, 5 - math.floor(math.log10(value)))}f}"
    text = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "" if text == "1" else text

"""Formulas as people write them, read fast: one sweep over all plain ones, a grammar for the rest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.cell_readings import CellReading
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.formula_alloys import METALLOIDS, Shares, adds_up, alloy_context, may_name_alloy
from matscout.data.formula_charges import NONMETALS
from matscout.data.formula_grammar import MAX_AMOUNT
from matscout.data.formula_groups import may_share_site
from matscout.data.formula_ligands import is_abbreviated
from matscout.data.formula_names import may_be_name
from matscout.data.formula_notation import MAX_LENGTH
from matscout.data.formula_reading import FormulaReading, Surroundings, read_formula
from matscout.errors import RowProblem

_PLAIN = re.compile(r"(?:[A-Z][a-z]?(?:[0-9]+(?:\.[0-9]+)?)?)+")
_UNSURE = re.compile(
    r"(?:[HCNOFPSI]|Cl|As|Se|Br|Te)(?!0\.)\d*\.[1-9]\d*[A-Z][a-z]?[\d.]*[A-Z]"  # Na2O.2SiO2
    r"|[A-Za-z]0\d"  # Bi05Sb15Te3
)
"""Where a plain formula may not mean what it says: a point that joins, a point that is missing."""
_TOKEN = re.compile(r"([A-Z][a-z]?)([0-9.]*)|\n")

_NOT_IN_ALLOYS = np.array([True] + [symbol in NONMETALS - METALLOIDS for symbol in SYMBOLS])
"""By atomic number (0: no element), whether no alloy holds it."""

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
    readings
        One per formula that was read, but not letter by letter; ``row`` is the position from 1.
    """

    compositions: Compositions
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]
    readings: tuple[CellReading, ...] = ()


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
    reading = read_formula(text, Surroundings())
    if reading.error is not None:
        raise reading.error
    return dict(reading.atoms)


def parse_formulas(
    formulas: Sequence[str], *, alloys: Shares | None = None, counts_atoms: bool = False
) -> ParsedFormulas:
    """Read many formulas; each one that cannot be read becomes a problem, none is lost in silence.

    Understood are plain formulas with fractions (``Bi2Te2.7Se0.3``), nested brackets, adducts (``CuSO4·5H2O``),
    Unicode, HTML and LaTeX sub- and superscripts, named amounts (``La1-xSrxMnO3 (x=0.3)``), an unknown ``O3-δ``
    (as zero), mixtures with shares (``0.7BiFeO3-0.3BaTiO3``), vacancies, D and T, and notes (``TiO2 (rutile)``).
    Where one text has several readings (``Na2O.2SiO2``), charge balance decides, then the other formulas.

    Parameters
    ----------
    formulas
        n texts.
    alloys
        What the numbers in the names of alloys (``CuZn37``, ``Ti-6Al-4V``) are: "wt%" or "at%"; None if nobody has
        said, and then such names are refused.
    counts_atoms
        Whether plain formulas are known to count atoms, as those of :func:`format_formula` do: then none is doubted.
    """
    distinct = {text: place for place, text in enumerate(dict.fromkeys(formulas))}
    compositions, readings = _parse_distinct(list(distinct), alloys, counts_atoms=counts_atoms)
    places = np.fromiter((distinct[text] for text in formulas), dtype=np.int64, count=len(formulas))
    good = np.ones(len(distinct), dtype=bool)
    good[[place for place, reading in readings.items() if reading.error]] = False
    rows = np.flatnonzero(good[places])
    noted = np.zeros(len(distinct), dtype=bool)
    noted[list(readings)] = True
    listed = [(row, readings[int(places[row])]) for row in np.flatnonzero(noted[places]).tolist()]
    problems = (reading.problem(row + 1, formulas[row]) for row, reading in listed)
    return ParsedFormulas(
        compositions[places[rows]],
        rows,
        tuple(problem for problem in problems if problem),
        tuple(
            CellReading(row + 1, "", formulas[row], format_formula(reading.atoms), reading.rule)
            for row, reading in listed
            if reading.rule and reading.error is None
        ),
    )


def _parse_distinct(
    texts: list[str], alloys: Shares | None, *, counts_atoms: bool
) -> tuple[Compositions, dict[int, FormulaReading]]:
    """Compositions of all texts (empty where unreadable), and the readings of those that went through the grammar."""
    shouting = len(texts) >= _MIN_SHOUTS and "".join(texts).isupper()
    plain = np.array(
        [_is_plain(text) and (counts_atoms or not (shouting or _is_unsure(text))) for text in texts], dtype=bool
    )
    swept = _sweep([text for text, is_plain in zip(texts, plain, strict=True) if is_plain], np.flatnonzero(plain))
    rows, elements, amounts = swept
    fine = (elements > 0) & (amounts > 0) & (amounts <= MAX_AMOUNT)
    plain[rows[~fine]] = False
    metallic, full = _metallic(len(texts), swept, plain & (not counts_atoms))
    named = {
        row
        for row in np.flatnonzero(metallic | ~plain).tolist()
        if alloys is not None or not plain[row] or may_name_alloy(texts[row])
    }
    plain[sorted(named | {row for row in np.flatnonzero(full).tolist() if adds_up(texts[row])})] = False
    context = alloy_context(alloys, (texts[row] for row in sorted(named)), int((metallic & plain).sum()))
    kept = plain[rows]
    readings = _read_others(texts, np.flatnonzero(~plain), Surroundings(shouting, context))
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


def _read_others(texts: list[str], rows: NDArray[np.int64], known: Surroundings) -> dict[int, FormulaReading]:
    """What is not plain, read with the grammar; those that are undecided once more, with what the others tell."""
    readings = {int(row): read_formula(texts[row], known) for row in rows}
    known.usage.counts.update(sign for reading in readings.values() for sign in reading.meanings)
    again = {row: read_formula(texts[row], known) for row, reading in readings.items() if reading.undecided}
    return readings | again


def _metallic(
    n: int, swept: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]], plain: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which plain texts hold only metals and metalloids, two or more; in which of them amounts add up to 100, [n]."""
    rows, elements, amounts = swept
    n_others = np.bincount(rows, _NOT_IN_ALLOYS[elements], minlength=n)
    metallic = plain & (n_others == 0) & (np.bincount(rows, minlength=n) > 1)
    return metallic, metallic & (np.abs(np.bincount(rows, amounts, minlength=n) - 100) <= 0.5)


def _is_plain(text: str) -> bool:
    return len(text) <= MAX_LENGTH and _PLAIN.fullmatch(text) is not None


def _is_unsure(text: str) -> bool:
    """Whether a plain formula may not mean what it says."""
    return bool(_UNSURE.search(text)) or may_be_name(text) or is_abbreviated(text) or may_share_site(text)


def _sweep(
    texts: list[str], numbering: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row, atomic number (0 if there is no such element) and amount of every element written in plain formulas.

    ``numbering`` is the row of each text.
    """
    tokens = _TOKEN.findall("\n".join(texts))
    numbers = np.array([ATOMIC_NUMBERS.get(symbol, 0) for symbol, _ in tokens], dtype=np.int64)
    values = {written: float(written) if written else 1.0 for written in {amount for _, amount in tokens}}
    amounts = np.array([values[amount] for _, amount in tokens], dtype=np.float64)
    breaks = np.array([not symbol for symbol, _ in tokens], dtype=bool)
    rows = np.cumsum(breaks)
    return numbering[rows[~breaks]], numbers[~breaks], amounts[~breaks]


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

"""Facts about the elements that candidates are made and judged by, as arrays over atomic numbers.

All come from smact (the tables ``facts.csv`` and ``states.csv``): oxidation states with the number of times the ICSD
(2024) reports each, Pauling electronegativity, crustal abundance (CRC Handbook) and the concentration of known reserves
in few countries (Herfindahl-Hirschman index; Gaultois et al., 2013, DOI 10.1021/cm400893e).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_rows
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS, SYMBOLS
from matscout.errors import UsageError

MIN_REPORTS = 3
"""An oxidation state counts when the ICSD reports it at least this often (smact's own default)."""

MISPRINTED = {"S": 350.0, "Nb": 20.0, "Lu": 0.8}
"""Crustal abundance, mg/kg, as the CRC Handbook has it, where the file of smact says 3.5, 220 and 80."""

NONE_CORRECTED: Mapping[str, float] = {}

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ElementFacts:
    """Element z is row ``z - 1`` of every array; what is not known is NaN.

    Parameters
    ----------
    charges
        int8 [118, s], oxidation states, the most reported first, padded with 0.
    shares
        float64 [118, s], share of each state in the reports of its element, 0..1, padded with 0.
    n_charges
        int64 [118], number of states of each element; 0 where none is known.
    electronegativity
        float64 [118], Pauling scale.
    mass
        float64 [118], atomic mass in u.
    abundance
        float64 [118], in the earth's crust, mg/kg.
    reserve_concentration
        float64 [118], Herfindahl-Hirschman index of the reserves, 0 (everywhere) to 10,000 (one country).
    metal, mixed_valence
        bool [118], elements that smact counts as metals, and those that it lets take two states in one compound.
    """

    charges: NDArray[np.int8]
    shares: Floats
    n_charges: NDArray[np.int64]
    electronegativity: Floats
    mass: Floats
    abundance: Floats
    reserve_concentration: Floats
    metal: Bools
    mixed_valence: Bools


@cache
def element_facts() -> ElementFacts:
    """The facts, read once for each process."""
    rows = own_rows("facts")
    charges, shares = _oxidation_states()
    return ElementFacts(
        charges,
        shares,
        (charges != 0).sum(axis=1),
        _numbers(rows, "electronegativity"),
        _numbers(rows, "mass (u)"),
        _numbers(rows, "abundance (mg/kg)", MISPRINTED),
        _numbers(rows, "reserve concentration"),
        _numbers(rows, "metal") > 0,
        _numbers(rows, "mixed valence") > 0,
    )


def check_symbols(symbols: Sequence[str]) -> None:
    """Refuse what is no symbol of an element.

    Raises
    ------
    UsageError
        If one is none; the message names all of them and what may be meant (``li`` and ``lithium``: Li).
    """
    wrong = [symbol for symbol in dict.fromkeys(symbols) if symbol not in ATOMIC_NUMBERS]
    if not wrong:
        return
    meant = [_meant(symbol) for symbol in wrong]
    what = "is not the symbol of an element" if len(wrong) == 1 else "are not symbols of elements"
    if all(len(one) == 1 for one in meant):
        hint = f"did you mean {', '.join(one[0] for one in meant)}?"
    elif len(wrong) == 1 and meant[0]:
        hint = f"did you mean {' or '.join(meant[0])}?"
    else:
        hint = "give symbols with commas between them, like Cd,Pb"
    raise UsageError(f"{' and '.join(map(repr, wrong))} {what}; {hint}")


def _meant(word: str) -> tuple[str, ...]:
    """Symbols that a word may stand for: in the wrong case, the name of an element, or written nearly so."""
    word = word.strip()
    if word.capitalize() in ATOMIC_NUMBERS:
        return (word.capitalize(),)
    names = {row["name"]: row["element"] for row in own_rows("facts")}
    if word.lower() in names:
        return (names[word.lower()],)
    return tuple(difflib.get_close_matches(word, ATOMIC_NUMBERS, n=3, cutoff=0.5))


def most_electronegative(compositions: Compositions) -> NDArray[np.str_]:
    """The symbol of the most electronegative element of each of n compositions, its anion where it has one, [n]."""
    scale = np.nan_to_num(element_facts().electronegativity)
    own = scale[compositions.elements.astype(np.int64) - 1]
    first = np.lexsort((-own, compositions.rows))[compositions.offsets[:-1]]
    return np.array([SYMBOLS[z - 1] for z in compositions.elements[first]], dtype=np.str_)


def _oxidation_states() -> tuple[NDArray[np.int8], Floats]:
    reports: dict[int, list[tuple[int, int]]] = {}
    for row in own_rows("states"):
        if int(row["reports"]) >= MIN_REPORTS:
            reports.setdefault(ATOMIC_NUMBERS[row["element"]], []).append((int(row["reports"]), int(row["state"])))
    width = max(map(len, reports.values()))
    charges, shares = np.zeros((N_ELEMENTS, width), dtype=np.int8), np.zeros((N_ELEMENTS, width))
    for number, states in reports.items():
        states.sort(reverse=True)
        charges[number - 1, : len(states)] = [charge for _, charge in states]
        shares[number - 1, : len(states)] = np.array([count for count, _ in states]) / sum(count for count, _ in states)
    return charges, shares


def _numbers(rows: Iterable[Mapping[str, str]], name: str, corrected: Mapping[str, float] = NONE_CORRECTED) -> Floats:
    """A column of the table of facts, [118]; NaN where it is blank."""
    column = np.full(N_ELEMENTS, np.nan)
    for row in rows:
        if row[name]:
            column[ATOMIC_NUMBERS[row["element"]] - 1] = corrected.get(row["element"], float(row[name]))
    return column

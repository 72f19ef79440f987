"""In what a found material is like the one that was sought, in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts
from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.materials import Materials

DESCRIPTORS = {
    "Electronegativity": "electronegativity",
    "CovalentRadius": "covalent radius",
    "AtomicWeight": "atomic weight",
    "NValence": "number of valence electrons",
    "MeltingT": "melting point of the elements",
    "MendeleevNumber": "Mendeleev number",
}
"""Columns of Magpie's table whose means over the atoms a chemist may look at -> what they are called."""

NAMED = 2
"""Descriptors that are named for each material."""

NEAR, FAR = 0.15, 0.5
"""In standard deviations over the elements: two means that differ less are alike; it says nothing of common ones."""

SAME_AMOUNT = 1e-3
"""Atomic fractions that differ less are equal."""

Floats = NDArray[np.float64]


def reasons(sought: Materials, found: Materials, prototype: str | None, prototypes: Sequence[str | None]) -> list[str]:
    """A sentence part for each of n found materials.

    Parameters
    ----------
    sought
        One material.
    found
        n materials.
    prototype, prototypes
        Labels of the one and of the others, None where they are not known.
    """
    descriptors = _shared_descriptors(sought, found)
    (one,) = _fractions(sought.compositions)
    lines = []
    for row, (other, label) in enumerate(zip(_fractions(found.compositions), prototypes, strict=True)):
        parts = [_composition(one, other)]
        if prototype is not None and label == prototype:
            parts.append(f"the same prototype ({label})")
        lines.append("; ".join([*parts, *descriptors[row]]))
    return lines


def _fractions(compositions: Compositions) -> list[dict[str, float]]:
    """Of each composition the atomic fractions of its elements."""
    symbols = [SYMBOLS[number - 1] for number in compositions.elements.tolist()]
    pairs = list(zip(symbols, compositions.fractions.tolist(), strict=True))
    return [dict(pairs[start:stop]) for start, stop in pairwise(compositions.offsets.tolist())]


def _composition(first: dict[str, float], second: dict[str, float]) -> str:
    """What two compositions have in common."""
    if first.keys() == second.keys():
        equal = all(abs(first[symbol] - second[symbol]) < SAME_AMOUNT for symbol in first)
        return "the same composition" if equal else "the same elements in another ratio"
    swaps = element_swaps(first, second)
    if swaps:
        return " and ".join(f"{new} instead of {old}" for old, new in swaps.items())
    shared = [symbol for symbol in first if symbol in second]
    return f"shares {', '.join(shared)}" if shared else "no element in common"


@cache
def _electronegativities() -> tuple[float, ...]:
    """By atomic number - 1; 0 where it is not known."""
    return tuple(np.nan_to_num(element_facts().electronegativity).tolist())


def element_swaps(first: dict[str, float], second: dict[str, float]) -> dict[str, str]:
    """Element of one composition -> that of the other that has its place; empty if more than elements differ.

    Elements that both have keep their place; the others are paired by their amounts, of equal ones by their
    electronegativity. Compositions are atomic fractions by element.
    """
    scale = _electronegativities()
    if len(first) != len(second):
        return {}
    if any(abs(first[symbol] - second[symbol]) >= SAME_AMOUNT for symbol in first if symbol in second):
        return {}

    def order(amounts: dict[str, float], others: dict[str, float]) -> list[str]:
        alone = [symbol for symbol in amounts if symbol not in others]
        return sorted(alone, key=lambda symbol: (round(amounts[symbol], 3), scale[ATOMIC_NUMBERS[symbol] - 1]))

    pairs = dict(zip(order(first, second), order(second, first), strict=True))
    return pairs if all(abs(first[old] - second[new]) < SAME_AMOUNT for old, new in pairs.items()) else {}


def _shared_descriptors(sought: Materials, others: Materials) -> list[list[str]]:
    """The descriptors by which each is like what is sought, and unlike most materials; the most unusual first."""
    table = own_table("magpie")
    columns = np.stack([table.column(name) for name in DESCRIPTORS])
    scaled = (columns - np.nanmean(columns, axis=1)[:, None]) / np.nanstd(columns, axis=1)[:, None]
    means = Compositions.concatenate([sought.compositions, others.compositions]).dense() @ np.nan_to_num(scaled).T
    near = np.abs(means[1:] - means[0]) < NEAR
    unusual = np.where(near & (np.abs(means[0]) > FAR), np.abs(means[0]), 0.0)
    return [_names(list(DESCRIPTORS.values()), row) for row in unusual]


def _names(words: Sequence[str], unusual: Floats) -> list[str]:
    best = [words[place] for place in np.argsort(-unusual, kind="stable")[:NAMED] if unusual[place] > 0]
    return [f"similar in {' and '.join(best)}"] if best else []

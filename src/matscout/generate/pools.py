"""Which elements candidates are made of, and how often labelled materials hold each element and ratio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from matscout.crystal.chemistry import check_symbols
from matscout.crystal.ions import ion_similarity
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.errors import UsageError

RARE_OR_RADIOACTIVE = ("Tc", "Pm", *SYMBOLS[83:], "He", "Ne", "Ar", "Kr", "Xe")
"""Elements that are proposed only if the labels contain them or the user names them."""

LIKENESS = 0.6
"""Elements with an ion this similar to one in the labels are combined too."""

FEW_ELEMENTS = 12
"""So many are named; of more it is said how they differ from those of the labels."""


def element_pool(
    labels: Compositions, elements: Sequence[str] = (), exclude: Sequence[str] = (), must: Sequence[str] = ()
) -> tuple[str, ...]:
    """Symbols to make candidates of, by atomic number: those named, or those of the labels, their likes and ``must``.

    Raises
    ------
    UsageError
        If a symbol is not an element, or fewer than two are left.
    """
    check_symbols((*elements, *exclude, *must))
    if elements:
        pool = {ATOMIC_NUMBERS[symbol] for symbol in elements}
    else:
        present = np.unique(labels.elements).astype(np.int64)
        likes = np.flatnonzero((ion_similarity().any_charge[present - 1] >= LIKENESS).any(axis=0)) + 1
        pool = {*present.tolist(), *(int(z) for z in likes if SYMBOLS[z - 1] not in RARE_OR_RADIOACTIVE)}
    pool |= {ATOMIC_NUMBERS[symbol] for symbol in must}
    left = tuple(SYMBOLS[z - 1] for z in sorted(pool - {ATOMIC_NUMBERS[symbol] for symbol in exclude}))
    if len(left) < 2:
        raise UsageError(
            f"candidates need at least two elements; after the exclusions, these are left: {', '.join(left) or 'none'}"
        )
    return left


def element_weights(labels: Compositions, pool: Sequence[str]) -> dict[str, float]:
    """Share of the labelled compositions that contain each element; half a composition where none does."""
    shares = np.bincount(labels.elements, minlength=len(SYMBOLS) + 1) / len(labels)
    return {symbol: max(float(shares[ATOMIC_NUMBERS[symbol]]), 0.5 / len(labels)) for symbol in pool}


def ratio_weights(labels: Compositions) -> dict[tuple[int, ...], float]:
    """Share of each ratio (ascending, without common factor) among the labelled compositions with whole amounts."""
    whole = np.bincount(labels.rows, labels.amounts != np.round(labels.amounts), len(labels)) == 0
    ratios = Counter[tuple[int, ...]]()
    for row in np.flatnonzero(whole):
        amounts = labels.amounts[labels.offsets[row] : labels.offsets[row + 1]].astype(np.int64)
        ratios[tuple(sorted((amounts // np.gcd.reduce(amounts)).tolist()))] += 1
    return {ratio: count / ratios.total() for ratio, count in ratios.items()}


def pool_words(labels: Compositions, pool: Sequence[str]) -> str:
    """The elements that are combined: of many, how many, and those in which they differ from those of the labels."""
    if len(pool) <= FEW_ELEMENTS:
        return f"Elements: {', '.join(pool)}."
    own = [SYMBOLS[z - 1] for z in np.unique(labels.elements)]
    added, left = [one for one in pool if one not in own], [one for one in own if one not in pool]
    parts = [f"{len(pool) - len(added)} of the labels"]
    parts += [f"{len(added)} that resemble these ({', '.join(added)})"] if added else []
    without = f"; of the labels not {', '.join(left)}" if left else ""
    return f"Elements: {' and '.join(parts)}{without}."

"""Candidates made for the user: substitution in the labels, filled up by enumeration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matscout.crystal.chemistry import check_symbols
from matscout.crystal.element_kinds import holds_any
from matscout.crystal.ions import ion_similarity
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.discover.base import Candidates
from matscout.discover.candidates.assembly import first_of_each, join_candidates
from matscout.discover.candidates.enumeration import ENUMERATED, MOST_ELEMENTS, enumerate_neutral, has_states
from matscout.discover.candidates.substitution import substitute
from matscout.discover.must import listed
from matscout.errors import InputError, UsageError

RARE_OR_RADIOACTIVE = ("Tc", "Pm", *SYMBOLS[83:], "He", "Ne", "Ar", "Kr", "Xe")
"""Elements that are proposed only if the labels contain them or the user names them."""

LIKENESS = 0.6
"""Elements with an ion this similar to one in the labels are combined too."""

FEW_ELEMENTS = 12
"""So many are named; of more it is said how they differ from those of the labels."""

SUBSTITUTED_SHARE = 0.5
"""Substitution provides at most this share of the candidates, so that new element combinations come up too."""


def generate(
    labels: Dataset,
    n_candidates: int = 20_000,
    *,
    elements: Sequence[str] = (),
    exclude: Sequence[str] = (),
    must: Sequence[str] = (),
) -> Candidates:
    """About ``n_candidates`` new compositions: up to half by substitution in the labels, the rest by enumeration.

    Parameters
    ----------
    labels
        The labelled materials.
    n_candidates
        How many are wanted; fewer come if the rules give fewer.
    elements
        Symbols to combine; if none are named: those of the labels, and those that resemble them.
    exclude
        Symbols never to use.
    must
        Symbols of which each candidate holds all: they are not replaced, and always among what is combined.

    Raises
    ------
    UsageError
        If a symbol is not an element, or fewer than two elements are left.
    InputError
        If no candidate holds all that it must.
    """
    compositions = labels.materials.compositions
    pool = element_pool(compositions, elements, exclude, must)
    substituted = substitute(compositions, labels.materials.formulas.tolist(), pool, n_candidates, must=must)
    enumerated = enumerate_neutral(
        pool,
        n_candidates + len(compositions),
        weights=_weights(compositions, pool),
        ratio_weights=_ratio_weights(compositions),
        must=must,
    )
    enumerated = _unlabelled(enumerated, compositions)
    n_substituted = max(round(n_candidates * SUBSTITUTED_SHARE), n_candidates - len(enumerated))
    generated = join_candidates([substituted[:n_substituted], enumerated])[:n_candidates]
    if must and not len(generated):
        raise InputError(_why_none(compositions, must))
    remarks = [*_counts(generated), _pool_words(compositions, pool)]
    if len(generated) < n_candidates:
        remarks.append(f"{n_candidates:,} candidates were wanted; the rules give {len(generated):,}.")
    return replace(generated, remarks=tuple(remarks))


def _why_none(labels: Compositions, must: Sequence[str]) -> str:
    """Why no candidate holds all of some elements, and what to do."""
    different = labels[first_of_each(labels)]
    held = ", ".join(f"{int(holds_any(different, (symbol,)).sum()):,} hold {symbol}" for symbol in must)
    unusable = [symbol for symbol in must if not has_states(symbol)]
    reasons = [f"combinations have at most {MOST_ELEMENTS} elements"] if len(must) > MOST_ELEMENTS else []
    reasons += [f"no oxidation state or electronegativity is known of {', '.join(unusable)}"] if unusable else []
    why = "; ".join(reasons) or "no combination of them is charge-neutral by common oxidation states"
    return (
        f"no candidate can be generated that holds {listed(must)}: {why}, and no label does so with one or two "
        f"elements replaced (of {len(different):,} different labels, {held}); name fewer elements (--must), or give "
        "the candidates (--candidates FILE)"
    )


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
            f"candidates need at least two elements; after the exclusions there are: {', '.join(left) or 'none'}"
        )
    return left


def _weights(labels: Compositions, pool: Sequence[str]) -> dict[str, float]:
    """Share of the labelled compositions that contain each element; half a composition where none does."""
    shares = np.bincount(labels.elements, minlength=len(SYMBOLS) + 1) / len(labels)
    return {symbol: max(float(shares[ATOMIC_NUMBERS[symbol]]), 0.5 / len(labels)) for symbol in pool}


def _ratio_weights(labels: Compositions) -> dict[tuple[int, ...], float]:
    """Share of each ratio (ascending, without common factor) among the labelled compositions with whole amounts."""
    whole = np.bincount(labels.rows, labels.amounts != np.round(labels.amounts), len(labels)) == 0
    ratios = Counter[tuple[int, ...]]()
    for row in np.flatnonzero(whole):
        amounts = labels.amounts[labels.offsets[row] : labels.offsets[row + 1]].astype(np.int64)
        ratios[tuple(sorted((amounts // np.gcd.reduce(amounts)).tolist()))] += 1
    return {ratio: count / ratios.total() for ratio, count in ratios.items()}


def _unlabelled(candidates: Candidates, labels: Compositions) -> Candidates:
    return candidates[~np.isin(candidates.materials.compositions.keys(), labels.keys())]


def _counts(candidates: Candidates) -> tuple[str, str]:
    n_enumerated = int((candidates.origins == ENUMERATED).sum())
    return (
        f"{len(candidates) - n_enumerated:,} candidates by substituting one or two elements in the labelled materials.",
        f"{n_enumerated:,} candidates by enumerating charge-neutral compositions.",
    )


def _pool_words(labels: Compositions, pool: Sequence[str]) -> str:
    """The elements that are combined: of many, how many, and those in which they differ from those of the labels."""
    if len(pool) <= FEW_ELEMENTS:
        return f"Elements: {', '.join(pool)}."
    own = [SYMBOLS[z - 1] for z in np.unique(labels.elements)]
    added, left = [one for one in pool if one not in own], [one for one in own if one not in pool]
    parts = [f"{len(pool) - len(added)} of the labels"]
    parts += [f"{len(added)} that resemble these ({', '.join(added)})"] if added else []
    without = f"; of the labels not {', '.join(left)}" if left else ""
    return f"Elements: {' and '.join(parts)}{without}."

"""Labelled materials with one or two elements replaced.

Each element of a labelled material is replaced, alone or together with a second one, by a close chemical neighbour
(:mod:`matscout.generate.neighbours`) that takes the same charge and keeps similar company in known compounds
(:mod:`matscout.crystal.ions`). Where charges decide little, in doped compositions and in materials without balanced
whole charges, any charge that the two have in common will do, but only dopants are replaced by any neighbour, the
elements of the host by those of their own column (and rare earths by one another).
The best-matching replacements come first; a metal in an oxidation state that it does not take beside the new anions
(:mod:`matscout.generate.companions`) is left out.

The amounts are those of the labelled material, rounded to what can be weighed
(:mod:`matscout.generate.weighing`); of a series that differs in them alone only a few are kept, since the labels say
enough about the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import balance_charges
from matscout.crystal.chemistry import element_facts
from matscout.crystal.ions import ion_similarity
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.generate.assembly import first_of_each, from_padded, named_candidates, to_padded
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.companions import likely_states
from matscout.generate.neighbours import neighbours
from matscout.generate.pools import element_pool
from matscout.generate.weighing import weighable
from matscout.progress import Progress, silent
from matscout.remarks import Remark

MIN_SIMILARITY = 0.3
"""Ions less similar than this are not exchanged (Pb2+ and Sn2+ have 0.49, Te2- and O2- 0.56, In3+ and Ga3+ 0.75)."""

DOPANT = 0.1
"""An element that makes up at most this share of the atoms is a dopant, or shares a site with the host's."""

SERIES = 3
"""Compositions with fractional amounts that are kept of each set of elements: the rest of a doping series is alike."""

SECOND_ROUND = 4
"""One in so many of the wanted number of single substitutions is substituted again: each gives tens of candidates."""


class Substitution(Generator):
    """Replaces one or two elements of the labelled materials by others of the pool of elements."""

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """At most ``n`` compositions, single substitutions first, each kind in order of similarity."""
        labels = wishes.labels.materials
        pool = element_pool(labels.compositions, wishes.elements, wishes.exclude, wishes.must)
        return substitute(labels.compositions, labels.formulas.tolist(), pool, n, must=wishes.must)


@dataclass(frozen=True, eq=False)
class _Derived:
    """m compositions derived from labelled ones.

    Atomic numbers [m, width], the parent and the last position replaced [m], the elements that went and came ([m] for
    each substitution), similarity [m].
    """

    numbers: NDArray[np.uint8]
    parents: NDArray[np.int64]
    positions: NDArray[np.int64]
    replaced: tuple[NDArray[np.int64], ...]
    added: tuple[NDArray[np.int64], ...]
    scores: NDArray[np.float64]

    def __getitem__(self, rows: NDArray[np.int64]) -> _Derived:
        return _Derived(
            self.numbers[rows],
            self.parents[rows],
            self.positions[rows],
            tuple(column[rows] for column in self.replaced),
            tuple(column[rows] for column in self.added),
            self.scores[rows],
        )


def substitute(
    labels: Compositions, names: Sequence[str], elements: Sequence[str], limit: int, *, must: Sequence[str] = ()
) -> Candidates:
    """At most ``limit`` new compositions by one or two substitutions in the labelled ones.

    Parameters
    ----------
    labels
        The labelled compositions.
    names
        Their formulas, as they should be called in the origins.
    elements
        Symbols that the candidates may consist of.
    limit
        Number of candidates wanted; single substitutions go first, each kind in order of similarity.
    must
        Symbols of which each candidate holds all: they are never replaced, but may come in.
    """
    kept = first_of_each(labels)
    labels, called = labels[kept], np.asarray(names, dtype=np.str_)[kept]
    replacements = _Replacements(labels, elements, must)
    numbers, amounts = to_padded(labels)
    everything = np.arange(len(labels))
    whole = _Derived(numbers.astype(np.uint8), everything, np.full(len(labels), -1), (), (), np.ones(len(labels)))
    once = replacements.applied_to(whole)
    twice = replacements.applied_to(_best(once, limit // SECOND_ROUND + 1000))
    single, double = (_best(_made_of(part, elements, must), limit) for part in (once, twice))
    compositions = weighable(
        Compositions.concatenate([from_padded(part.numbers, amounts[part.parents]) for part in (single, double)])
    )
    origins = np.concatenate([_origins(part, called) for part in (single, double)])
    new = first_of_each(compositions)
    new = new[~np.isin(compositions.keys()[new], labels.keys()) & likely_states(compositions[new])]
    new = new[_few_of_each_series(compositions[new])][:limit]
    text = f"{len(new):,} candidates by substitution of one or two elements in {len(labels):,} labelled compositions."
    return named_candidates(compositions[new], origins[new], [Remark("candidates-by-substituting", text)])


def _few_of_each_series(compositions: Compositions) -> NDArray[np.int64]:
    """Rows of the compositions with whole amounts, and of the first :data:`SERIES` others of each set of elements."""
    rows = compositions.rows
    fractional = np.bincount(rows, compositions.amounts != np.round(compositions.amounts), len(compositions)) > 0
    _, system = np.unique(compositions.chemical_systems(), return_inverse=True)
    seen = np.zeros(len(compositions), dtype=np.int64)
    kept = []
    for row in range(len(compositions)):
        seen[system[row]] += fractional[row]
        if not fractional[row] or seen[system[row]] <= SERIES:
            kept.append(row)
    return np.array(kept, dtype=np.int64)


def _charges(parents: Compositions) -> NDArray[np.float64]:
    """The balanced charges, [entries]; NaN where there are none or only metals, of which they say nothing."""
    metals = element_facts().metal[parents.elements.astype(np.int64) - 1]
    only_metals = np.bincount(parents.rows, ~metals, len(parents)) == 0
    return np.where(only_metals[parents.rows], np.nan, balance_charges(parents).charges)


def _neighbours_of(parents: Compositions, charges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What may replace the element of each entry of the compositions, [entries, 118]."""
    replacements, columns = neighbours(), parents.elements.astype(np.int64) - 1
    whole = np.bincount(parents.rows, parents.amounts != np.round(parents.amounts), len(parents)) == 0
    totals = np.bincount(parents.rows, parents.amounts, len(parents))
    dopant = parents.amounts <= DOPANT * totals[parents.rows]
    definite = whole[parents.rows] & (charges == np.round(charges))
    return np.where((definite | dopant)[:, None], replacements.near[columns], replacements.column_mates[columns])


class _Replacements:
    """Which elements may replace the one at each position of each parent, as a padded table."""

    def __init__(self, parents: Compositions, elements: Sequence[str], must: Sequence[str] = ()) -> None:
        similarity = ion_similarity()
        charges = _charges(parents)
        pairs = zip(parents.elements, charges, strict=True)
        rows = [similarity.stand_ins(int(number), float(charge)) for number, charge in pairs]
        allowed = np.isin(SYMBOLS, list(elements)) & _neighbours_of(parents, charges)
        allowed &= ~np.isin(SYMBOLS, list(must))[parents.elements.astype(np.int64) - 1, None]
        scores = np.where(allowed, np.array(rows).reshape(allowed.shape), 0.0)
        entry, column = np.nonzero(scores >= MIN_SIMILARITY)
        self.offsets = parents.offsets
        self.starts = np.searchsorted(entry, np.arange(len(scores) + 1))
        self.numbers = column + 1
        self.scores = scores[entry, column]

    def applied_to(self, derived: _Derived) -> _Derived:
        """Every composition with one more element replaced, at a position behind the last replaced one."""
        width = derived.numbers.shape[1]
        rows, positions = np.nonzero((np.arange(width) > derived.positions[:, None]) & (derived.numbers > 0))
        entries = self.offsets[derived.parents[rows]] + positions
        counts = np.diff(self.starts)[entries]
        rows, positions, entries = (np.repeat(column, counts) for column in (rows, positions, entries))
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        choice = self.starts[entries] + within
        added = self.numbers[choice]
        fits = (derived.numbers[rows] != added[:, None]).all(axis=1)
        rows, positions, choice, added = rows[fits], positions[fits], choice[fits], added[fits]
        numbers = derived.numbers[rows]
        replaced = numbers[np.arange(len(rows)), positions]
        numbers[np.arange(len(rows)), positions] = added
        return _Derived(
            numbers,
            derived.parents[rows],
            positions,
            (*(column[rows] for column in derived.replaced), replaced),
            (*(column[rows] for column in derived.added), added),
            derived.scores[rows] * self.scores[choice],
        )


def _made_of(derived: _Derived, elements: Sequence[str], must: Sequence[str]) -> _Derived:
    """Those without any other element, and with all that they must hold."""
    allowed = np.array([True, *np.isin(SYMBOLS, list(elements))])
    kept = allowed[derived.numbers].all(axis=1)
    for symbol in must:
        kept &= (derived.numbers == ATOMIC_NUMBERS[symbol]).any(axis=1)
    return derived[np.flatnonzero(kept)]


def _best(derived: _Derived, limit: int) -> _Derived:
    """The ``limit`` highest scores, best first, in an order that does not depend on the order of equal scores."""
    return derived[np.argsort(-derived.scores, kind="stable")[:limit]]


def _origins(derived: _Derived, names: NDArray[np.str_]) -> NDArray[np.str_]:
    swaps = [
        [f"{SYMBOLS[old - 1]} -> {SYMBOLS[new - 1]}" for old, new in zip(replaced, added, strict=True)]
        for replaced, added in zip(derived.replaced, derived.added, strict=True)
    ]
    parents = names[derived.parents]
    return np.array(
        [f"{name} with {', '.join(swap)}" for name, *swap in zip(parents, *swaps, strict=True)], dtype=np.str_
    )

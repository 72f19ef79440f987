"""Family: what nearly all labelled materials have in common, and so what a model of them has never seen missing.

Similarity of atomic fractions alone takes SI3Br3 for a relative of Li3SBr or LiI: few atoms differ. A chemist sees that
the lithium is gone, which every label holds. So a material is of the family if

- it holds each element and each kind of element (:data:`~matscout.crystal.element_kinds.KINDS`) that 95 % of the
  labelled units hold, or is near (similarity 0.85) to a label that lacks it, too: exceptions vouch for their likes;
- its stoichiometry, as :func:`~matscout.crystal.element_kinds.stoichiometry` has it, is as near to that of some label
  as for 99 % of the labels to one of another unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from matscout.crystal.element_kinds import KINDS, holds_any, stoichiometry
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.predict.states import Stored

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

USUAL = 0.95
"""Share of the labels from which on what they hold is what they share."""
FEWEST = 20
"""With fewer labelled units nothing is said of what they share: of ten materials, many are alike by chance."""
VOUCHES = 0.85
"""A label that lacks what the others share vouches for materials this similar to it."""
FEWEST_STOICHIOMETRIES = 50
"""With fewer labelled units, too many of the next ones have a stoichiometry of their own."""
USUAL_STOICHIOMETRY = 0.99
LEAST_REACH = 0.1
"""Stoichiometries this near (sum of differences of the shares of atoms) count as one: 5 % of the atoms differ."""
ROWS_AT_ONCE = 2048
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Shared(Stored):
    """An element, or a kind of elements, that nearly all labels hold: what it is called, its symbols, their share."""

    name: str
    symbols: tuple[str, ...]
    share: float

    def __str__(self) -> str:
        return f"{self.name}, which {share_words(self.share)} hold{'s' if self.share == 1.0 else ''}"


@dataclass(frozen=True, eq=False)
class Family(Stored):
    """What the labelled compositions have in common.

    Parameters
    ----------
    shared
        What nearly all of them hold.
    reach
        How far the stoichiometry of a material of the family may lie from the nearest label's; infinite where nothing
        is asked of it.
    """

    shared: tuple[Shared, ...] = ()
    reach: float = math.inf

    @classmethod
    def fit(cls, known: Compositions, units: NDArray[np.int64]) -> Family:
        """Learn from n labelled compositions; each unit [n] counts once, and does not vouch for itself."""
        _, unit = np.unique(units, return_inverse=True)
        n_units = int(unit.max(initial=-1)) + 1
        shared = tuple(_shared(known, unit)) if n_units >= FEWEST else ()
        asks = n_units >= FEWEST_STOICHIOMETRIES
        return cls(shared, _reach(stoichiometry(known), unit) if asks else math.inf)

    @property
    def asks(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.shared) or not math.isinf(self.reach)

    def lacking(self, known: Compositions, others: Compositions, similarities: Singles) -> Bools:
        """What each of m materials lacks without a label that vouches for it, [m, shared].

        Parameters
        ----------
        known
            The n labelled compositions.
        others
            The m materials.
        similarities
            float32 [m, n].
        """
        lacks = np.zeros((len(others), len(self.shared)), dtype=np.bool_)
        for column, one in enumerate(self.shared):
            rows = np.flatnonzero(~holds_any(others, one.symbols))
            if not len(rows):
                continue
            exceptions = np.flatnonzero(~holds_any(known, one.symbols))
            nearest = similarities[np.ix_(rows, exceptions)].max(axis=1, initial=-1.0)
            lacks[rows, column] = nearest < VOUCHES - _ROUNDING
        return lacks

    def unheard_of(self, known: Compositions, others: Compositions) -> Bools:
        """True where the stoichiometry is like that of no label, [m]."""
        if math.isinf(self.reach):
            return np.zeros(len(others), dtype=np.bool_)
        distinct = np.unique(np.round(stoichiometry(known), 6), axis=0)
        distances, _ = KDTree(distinct).query(stoichiometry(others), p=1)
        # Both were rounded: a formula that is scaled, or a label itself, must not end on the other side.
        return np.asarray(distances > self.reach + 10 * _ROUNDING)

    def words(self, lacks: Bools) -> str:
        """``"no Li, which every label holds"``: what is lacking ([shared]), without what follows from the rest."""
        missing = [one for one, lack in zip(self.shared, lacks, strict=True) if lack]
        return "; ".join(f"no {one}" for one in missing if not any(_says_more(other, one) for other in missing))


ASKS_NOTHING = Family()


def share_words(share: float) -> str:
    """``"every label"``, ``"97 % of the labels"``; cut off, so that 100 % is kept for all of them."""
    return "every label" if share == 1.0 else f"{math.floor(100 * share + 1e-9)} % of the labels"


def _says_more(other: Shared, one: Shared) -> bool:
    """True if one need not be told beside the other: a lacking element explains its kinds, a wide kind narrow ones."""
    if len(other.symbols) == 1 or len(one.symbols) == 1:
        return len(one.symbols) > 1 and other.symbols[0] in one.symbols
    return set(other.symbols) > set(one.symbols)


def _shared(known: Compositions, unit: NDArray[np.int64]) -> Iterator[Shared]:
    """Elements and kinds that :data:`USUAL` of the units hold (a unit of several compositions by its share of them)."""
    sizes = np.bincount(unit)
    for name, symbols in (*((symbol, (symbol,)) for symbol in SYMBOLS), *KINDS.items()):
        hits = np.bincount(unit, holds_any(known, symbols), len(sizes))
        share = float(np.mean(hits / sizes))
        if share >= USUAL:
            yield Shared(name, symbols, share)


def _reach(shares: Floats, unit: NDArray[np.int64]) -> float:
    """The distance within which :data:`USUAL_STOICHIOMETRY` of the labels have one of another unit."""
    distinct, which = np.unique(np.round(shares, 6), axis=0, return_inverse=True)
    which = which.ravel()
    pairs = np.unique(np.stack([which, unit]), axis=1)
    alone = np.bincount(pairs[0], minlength=len(distinct)) == 1
    owner = np.full(len(distinct), -1, dtype=np.int64)
    owner[pairs[0]] = np.where(alone[pairs[0]], pairs[1], -1)
    nearest = np.zeros(len(distinct))
    rows = np.flatnonzero(alone)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        distances = cdist(distinct[some], distinct, "cityblock")
        nearest[some] = np.where(owner[some, None] == owner, np.inf, distances).min(axis=1)
    return max(LEAST_REACH, float(np.quantile(nearest[which], USUAL_STOICHIOMETRY)))

"""Elements that candidates must hold: those that the user names, or those that nearly all labels hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.elements import SYMBOLS
from matscout.discover.candidates.assembly import first_of_each
from matscout.errors import UsageError
from matscout.predict.family import FEWEST, USUAL, share_words

OUTSIDE = "may count as outside the domain"


@dataclass(frozen=True)
class Must:
    """What candidates must hold.

    Parameters
    ----------
    symbols
        Elements that each candidate must hold, all of them; nothing is asked if there are none.
    step
        What this step of the funnel is called, ``"holds Li, as 100 % of the labels do"``.
    remarks
        What a reader should know of it, a sentence each.
    """

    symbols: tuple[str, ...] = ()
    step: str = ""
    remarks: tuple[str, ...] = ()


NOTHING = Must()


@dataclass(frozen=True)
class _Common:
    """An element and how many of n distinct labelled materials hold it."""

    symbol: str
    count: int
    n: int

    @property
    def share(self) -> float:
        return self.count / self.n

    def __str__(self) -> str:
        return f"{self.symbol} ({self.count:,} of {self.n:,})"


def must_of(
    labels: Dataset,
    targets: Sequence[str],
    asked: Sequence[str] | None,
    *,
    exclude: Sequence[str] = (),
    elements: Sequence[str] = (),
) -> Must:
    """What candidates must hold.

    Parameters
    ----------
    labels
        The labelled rows.
    targets
        Those of the goals: rows with a known value of any of them count as labelled; all rows if none is named.
    asked
        Elements named by the user; none of them asks for nothing. If None: what at least 95 % of the distinct labelled
        materials hold, where 20 rows or more are labelled, unless the user leaves it out. Nothing of reactions.
    exclude, elements
        Elements that candidates must not hold; elements that they may hold (all if empty).

    Raises
    ------
    UsageError
        If an element is named that candidates may not hold, or elements are named for reactions.
    """
    if labels.materials.reactions is not None:
        if asked:
            raise UsageError("--must names elements of materials, and the labels are reactions: leave it out")
        return NOTHING
    common = _common(labels, targets)
    if asked:
        return _asked_for(tuple(dict.fromkeys(asked)), exclude, elements)
    if asked is not None:
        return Must(remarks=tuple(f"{_hold([one])}: candidates without it {OUTSIDE}." for one in common))
    out = dict.fromkeys(exclude, "it is excluded")
    out |= {symbol: "it is not among --elements" for symbol in SYMBOLS if elements and symbol not in elements}
    told = [
        f"{_hold([one])}, but {out[one.symbol]}: candidates need not hold it, and {OUTSIDE}."
        for one in common
        if one.symbol in out
    ]
    kept = [one for one in common if one.symbol not in out]
    if not kept:
        return Must(remarks=tuple(told))
    fewest = min(one.count for one in kept)
    step = f"{_names(kept)}, as {'at least ' if len({one.count for one in kept}) > 1 else ''}"
    share = f"{100 * fewest // kept[0].n} % of the labels do"
    said = f"{_hold(kept)}, so candidates must, too; --must none asks for nothing."
    return Must(tuple(one.symbol for one in kept), f"holds {step}{share}", (said, *told))


def _asked_for(asked: tuple[str, ...], exclude: Sequence[str], elements: Sequence[str]) -> Must:
    for symbol in asked:
        if symbol in exclude:
            raise UsageError(f"--must and --exclude both name {symbol}: leave it out of one of them")
        if elements and symbol not in elements:
            raise UsageError(f"--must names {symbol}, which is not among --elements: add it there, or leave it out")
    return Must(asked, f"holds {_listed(asked)}, as asked")


def _common(labels: Dataset, targets: Sequence[str]) -> list[_Common]:
    """The elements that nearly all distinct labelled materials hold, by how many do."""
    known = np.ones(len(labels), dtype=np.bool_)
    if targets:
        known = np.any([labels.target(name).known for name in targets], axis=0)
    rows = np.flatnonzero(known)
    if len(rows) < FEWEST:
        return []
    materials = labels.materials[rows]
    compositions = materials.compositions[first_of_each(materials.compositions)]
    counts: NDArray[np.int64] = np.bincount(compositions.elements, minlength=len(SYMBOLS) + 1)[1:]
    found = [
        _Common(SYMBOLS[column], int(counts[column]), len(compositions))
        for column in np.flatnonzero(counts >= USUAL * len(compositions))
    ]
    return sorted(found, key=lambda one: -one.count)


def _hold(common: Sequence[_Common]) -> str:
    """``"Every label holds Li (599 of 599)"``, ``"97 % of the labels hold O (581 of 599)"``."""
    if len({one.count for one in common}) > 1:
        return f"Nearly all labels hold {_listed([str(one) for one in common])}"
    share, first = common[0].share, common[0]
    words = f"{share_words(share)} {'holds' if share == 1.0 else 'hold'} {_names(common)}"
    return f"{words[0].upper()}{words[1:]} ({first.count:,} of {first.n:,})"


def _names(common: Sequence[_Common]) -> str:
    return _listed([one.symbol for one in common])


def _listed(words: Sequence[str]) -> str:
    """``"Li"``, ``"Li and O"``, ``"Li, P and O"``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

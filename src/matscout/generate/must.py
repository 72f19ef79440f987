"""Elements that candidates must hold: those that the user names, or those that nearly all labels hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import listed
from matscout.crystal.element_kinds import holds_all
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset
from matscout.data.elements import SYMBOLS
from matscout.errors import UsageError
from matscout.generate.assembly import first_of_each
from matscout.predict.family import FEWEST, USUAL, share_words
from matscout.remarks import Remark

OUTSIDE = "may lie outside the domain"


@dataclass(frozen=True)
class Must:
    """What candidates must hold.

    Parameters
    ----------
    symbols
        Elements that each candidate must hold, all of them; nothing is asked if there are none.
    step
        What is asked, ``"holds Li, as 100 % of the labels do"``.
    remarks
        What a reader should know of it, a sentence each.
    asked
        Whether the user named the elements: each is a step of the funnel then, which tells how many it removes.
    """

    symbols: tuple[str, ...] = ()
    step: str = ""
    remarks: tuple[str, ...] = ()
    asked: bool = False

    @property
    def steps(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        """Steps of the funnel: elements of which all must be there, and what the step is called."""
        if self.asked:
            return tuple(((symbol,), _asked_step((symbol,))) for symbol in self.symbols)
        return ((self.symbols, self.step),) if self.symbols else ()


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
    kind = labels.materials.kind
    if not kind.is_compound:
        if asked:
            raise UsageError(f"--must names elements of materials, but the labels are {kind.plural}: omit it")
        return NOTHING
    common = _common(labels, targets)
    if asked:
        return _asked_for(tuple(dict.fromkeys(asked)), _labelled(labels, targets), exclude, elements)
    if asked is not None:
        texts = [f"{_hold([one])}: candidates without it {OUTSIDE}." for one in common]
        return Must(remarks=tuple(Remark("element-of-the-labels-not-asked-for", text) for text in texts))
    out = dict.fromkeys(exclude, "it is excluded")
    out |= {symbol: "it is not among --elements" for symbol in SYMBOLS if elements and symbol not in elements}
    texts = [
        f"{_hold([one])}, but {out[one.symbol]}: candidates need not contain it, and {OUTSIDE}."
        for one in common
        if one.symbol in out
    ]
    exceptions = [Remark("element-of-the-labels-left-out", text) for text in texts]
    kept = [one for one in common if one.symbol not in out]
    if not kept:
        return Must(remarks=tuple(exceptions))
    fewest = min(one.count for one in kept)
    step = f"{_names(kept)}, as {'at least ' if len({one.count for one in kept}) > 1 else ''}"
    share = f"{100 * fewest // kept[0].n} % of the labels do"
    asked_for = f"{_hold(kept)}, so candidates must, too; --must=none allows all."
    remarks = (Remark("candidates-must-hold", asked_for), *exceptions)
    return Must(tuple(one.symbol for one in kept), f"holds {step}{share}", remarks)


def _asked_for(asked: tuple[str, ...], labels: Compositions, exclude: Sequence[str], elements: Sequence[str]) -> Must:
    for symbol in asked:
        if symbol in exclude:
            raise UsageError(f"--must and --exclude both name {symbol}: remove it from one of them")
        if elements and symbol not in elements:
            raise UsageError(f"--must names {symbol}, which is not among --elements: add it there, or omit it")
    return Must(asked, _asked_step(asked), _unlike(asked, labels), asked=True)


def _asked_step(symbols: Sequence[str]) -> str:
    return f"holds {listed(symbols)}, as asked"


def _unlike(asked: Sequence[str], labels: Compositions) -> tuple[str, ...]:
    """That no label holds some of the elements, or all of them together: predictions go far then."""
    counts = _counts(labels)
    absent = [symbol for symbol in asked if not counts[SYMBOLS.index(symbol)]]
    if absent:
        words = f"{'any of ' if len(absent) > 1 else ''}{listed(absent)}"
        text = (
            f"No label contains {words}, as all candidates must: they lie outside the knowledge of the model, even "
            "if they resemble labels."
        )
        return (Remark("asked-elements-in-no-label", text),)
    if not holds_all(labels, asked).any():
        text = f"No label holds {listed(asked)} together, as all candidates must: the model has seen nothing similar."
        return (Remark("asked-elements-never-together", text),)
    return ()


def _common(labels: Dataset, targets: Sequence[str]) -> list[_Common]:
    """The elements that nearly all distinct labelled materials hold, by how many do."""
    if _known(labels, targets).sum() < FEWEST:
        return []
    compositions = _labelled(labels, targets)
    counts = _counts(compositions)
    common = [
        _Common(SYMBOLS[column], int(counts[column]), len(compositions))
        for column in np.flatnonzero(counts >= USUAL * len(compositions))
    ]
    return sorted(common, key=lambda one: -one.count)


def _known(labels: Dataset, targets: Sequence[str]) -> NDArray[np.bool_]:
    """The rows that count as labelled, [n]."""
    if not targets:
        return np.ones(len(labels), dtype=np.bool_)
    return np.asarray(np.any([labels.target(name).known for name in targets], axis=0))


def _labelled(labels: Dataset, targets: Sequence[str]) -> Compositions:
    """The distinct compositions of the labelled rows."""
    compositions = labels.materials.compositions[np.flatnonzero(_known(labels, targets))]
    return compositions[first_of_each(compositions)]


def _counts(compositions: Compositions) -> NDArray[np.int64]:
    """How many compositions hold each element, [118]."""
    return np.bincount(compositions.elements, minlength=len(SYMBOLS) + 1)[1:]


def _hold(common: Sequence[_Common]) -> str:
    """``"Every label holds Li (599 of 599)"``, ``"97 % of the labels hold O (581 of 599)"``."""
    if len({one.count for one in common}) > 1:
        return f"Nearly all labels hold {listed([str(one) for one in common])}"
    share, first = common[0].share, common[0]
    words = f"{share_words(share)} {'holds' if share == 1.0 else 'hold'} {_names(common)}"
    return f"{words[0].upper()}{words[1:]} ({first.count:,} of {first.n:,})"


def _names(common: Sequence[_Common]) -> str:
    return listed([one.symbol for one in common])

"""What predictors say before it is calibrated: of materials, and of labelled ones that they had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matscout.errors import RowProblem
from matscout.predict.standardised import Standardised

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Raw:
    """What every predictor says of m materials, whatever it predicts.

    Parameters
    ----------
    represented
        bool [m], False where what it learns from could not be had of the material.
    problems
        Remarks on single materials.
    kinds
        int64 [m], which of the kinds of rows each is, where errors on rows left out are counted apart; None for one
        kind.
    unread
        bool [m], True where it says only what is usual among the labels; None for nowhere.
    """

    represented: Rows
    problems: tuple[RowProblem, ...] = field(default=(), kw_only=True)
    kinds: NDArray[np.int64] | None = field(default=None, kw_only=True)
    unread: Rows | None = field(default=None, kw_only=True)

    def rows_by_kind(self, n_kinds: int) -> dict[int, NDArray[np.int64]]:
        """The rows of each kind that there is; of the first one none, if there are no rows."""
        kinds = np.zeros(len(self.represented), dtype=np.int64) if self.kinds is None else self.kinds
        by_kind = {kind: np.flatnonzero(kinds == kind) for kind in range(n_kinds)}
        return {kind: rows for kind, rows in by_kind.items() if len(rows)} or {0: by_kind[0]}


@dataclass(frozen=True, eq=False)
class RawNumbers(Raw):
    """Numbers with a spread.

    Parameters
    ----------
    scale
        On which they are said.
    centre
        float64 [m].
    spread
        float64 [m], larger where it knows less.
    """

    scale: Standardised
    centre: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class RawDraws(Raw):
    """Numbers as draws from their distributions, which no error on rows left out has confirmed.

    Parameters
    ----------
    scale
        On which the halves around the median are those of normal distributions.
    values
        float64 [m, draws], in the unit of the target.
    """

    scale: Standardised
    values: Floats


@dataclass(frozen=True, eq=False)
class RawClasses(Raw):
    """Classes.

    Parameters
    ----------
    probabilities
        float64 [m, c]; rows sum to 1.
    """

    probabilities: Floats


@dataclass(frozen=True, eq=False)
class RawLikeness(Raw):
    """Likeness to known materials.

    Parameters
    ----------
    ids, formulas
        text [m].
    scores
        float64 [m] in 0..1.
    nearest_ids, nearest_formulas
        text [m], the known material with the most similar composition.
    distances
        float64 [m] in 0..1, 1 less that similarity.
    """

    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    scores: Floats
    nearest_ids: NDArray[np.str_]
    nearest_formulas: NDArray[np.str_]
    distances: Floats


@dataclass(frozen=True, eq=False)
class Unseen:
    """What is said beside the numbers, or classes, of labels that were left out.

    Parameters
    ----------
    scores
        Errors on these rows, if they are not those that every model tells.
    remark
        What a reader of the intervals should know of the rows, "" if nothing.
    """

    scores: Mapping[str, float] | None = field(default=None, kw_only=True)
    remark: str = field(default="", kw_only=True)


@dataclass(frozen=True, eq=False)
class UnseenNumbers(Unseen):
    """Numbers said of n labels by predictors that had not seen them, by kind of rows; nothing if p is 0.

    Parameters
    ----------
    scale
        On which they are said.
    centre, spread
        float64 [p, n], NaN where nothing was said or the row is of another kind.
    """

    scale: Standardised
    centre: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class UnseenClasses(Unseen):
    """Probabilities given to the classes of n labels by predictors that had not seen them, by kind of rows.

    Parameters
    ----------
    probabilities
        float64 [p, n, c], NaN where nothing was said or the row is of another kind.
    """

    probabilities: Floats


@dataclass(frozen=True, eq=False)
class UnseenLikeness(Unseen):
    """Scores of n labels by predictors that had not seen them.

    Parameters
    ----------
    likeness
        float64 [n] in 0..1, NaN where nothing was said.
    """

    likeness: Floats

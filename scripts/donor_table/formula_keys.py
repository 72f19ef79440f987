"""One key and one spelling per material: ``LiCo2O4``, ``Li4Co8O16`` and ``Li0.5CoO2`` are the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.formulas import format_formula, parse_formulas


@dataclass(frozen=True, eq=False)
class FormulaKeys:
    """The k distinct materials behind many texts.

    Parameters
    ----------
    codes
        Columns ``formula`` (distinct texts that can be read) and ``code`` (which of the k materials it is).
    formulas
        [k] one spelling each, ascending: reduced to whole numbers where any spelling is whole.
    compositions
        Of the k materials.
    unreadable
        Texts that are no formula, with the reason.
    """

    codes: polars.DataFrame
    formulas: tuple[str, ...]
    compositions: Compositions
    unreadable: tuple[str, ...]


def formula_keys(texts: polars.Series) -> FormulaKeys:
    """Find the distinct materials: those whose normalised fractions agree to five digits are one.

    Parameters
    ----------
    texts
        Formulas, repeated or not; blanks are passed over.
    """
    distinct = texts.drop_nulls().unique().sort()
    parsed = parse_formulas(distinct.to_list())
    _, groups = np.unique(parsed.compositions.keys(), return_inverse=True)
    chosen = _best_spelling(parsed.compositions, groups)
    spelled = np.array([format_formula(parsed.compositions.to_dict(row)) for row in chosen.tolist()], dtype=np.str_)
    order = np.argsort(spelled)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    codes = polars.DataFrame({"formula": distinct.gather(parsed.rows), "code": places[groups]})
    unreadable = tuple(f"{problem.value!r}: {problem.reason}" for problem in parsed.problems if problem.dropped)
    return FormulaKeys(codes, tuple(spelled[order].tolist()), parsed.compositions[chosen[order]], unreadable)


def _best_spelling(compositions: Compositions, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row of each group's spelling: whole amounts first, then the fewest atoms, then the first in text order, [k]."""
    starts = compositions.offsets[:-1]
    uneven = np.abs(compositions.amounts - np.round(compositions.amounts)) > 1e-6 * compositions.amounts
    fractional = np.logical_or.reduceat(uneven, starts)
    atoms = np.add.reduceat(compositions.amounts, starts)
    order = np.lexsort((np.arange(len(groups)), atoms, fractional, groups))
    first = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return order[first]

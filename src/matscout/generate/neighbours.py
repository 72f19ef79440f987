"""Which elements are close chemical neighbours: what a chemist would exchange and expect the compound to stay alike.

Two elements are neighbours if they belong together and have about the same size. They belong together if they stand
in one column of the periodic table, at most :data:`PLACES` places apart on the modified Pettifor scale (Glawe et al.,
2016, DOI 10.1088/1367-2630/18/9/093011, an order of the elements made so that those that replace one another in known
crystals come side by side), if both are rare earths, or if they are transition metals side by side in one period. They
have about the same size if their covalent radii (Cordero et al., 2008, DOI 10.1039/b801115j) differ by at most the
factor :data:`SIZE_RATIO`; in one column that parts O from S and B from Al, whose compounds are built differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import elementembeddings_table, own_table
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS, SYMBOLS

PLACES = 2
"""Mg and Fe, Ca and Yb, Si and Sn are 2 places apart; Mg and Co, Sb and Te 3; Si and Ti 34."""

SIZE_RATIO = 1.4
"""Si and Pb have 1.32, Na and Cs 1.47, B and Al 1.44, O and S 1.59."""

RARE_EARTHS = ("Sc", "Y", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu")

DIVALENT = ("Eu", "Yb")
"""Rare earths that are divalent in most compounds with metals and so belong to the column of Ca, too."""

_ALKALINE_EARTHS = 2
_TRANSITION_COLUMNS = (4, 11)


@dataclass(frozen=True, eq=False)
class ElementNeighbours:
    """True where element ``z - 1`` (column) may come in for element ``z - 1`` (row), [118, 118]; False for itself.

    Elements that a table does not know (beyond the actinides) have no neighbours by it.

    Parameters
    ----------
    near
        All neighbours.
    column_mates
        Only those of one column; Eu and Yb count to that of Ca, the other rare earths to that of La.
    """

    near: NDArray[np.bool_]
    column_mates: NDArray[np.bool_]


@cache
def neighbours() -> ElementNeighbours:
    """The neighbours by the tables, worked out once for each process."""
    table = own_table("magpie")
    column, period, radius = (table.column(name) for name in ("Column", "Row", "CovalentRadius"))
    with np.errstate(invalid="ignore", divide="ignore"):
        transition = (column >= _TRANSITION_COLUMNS[0]) & (column <= _TRANSITION_COLUMNS[1])
        side_by_side = (_apart(period) == 0) & (_apart(column) == 1) & np.logical_and.outer(transition, transition)
        mates = _apart(np.where(_are(DIVALENT), _ALKALINE_EARTHS, column)) == 0
        rare_earths = np.logical_and.outer(_are(RARE_EARTHS), _are(RARE_EARTHS))
        near = mates | rare_earths | side_by_side | (_apart(_places()) <= PLACES)
        alike_in_size = np.exp(_apart(np.log(radius))) <= SIZE_RATIO
    others = alike_in_size & ~np.eye(N_ELEMENTS, dtype=np.bool_)
    return ElementNeighbours(near & others, mates & others)


def _apart(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.abs(np.subtract.outer(values, values)), dtype=np.float64)


def _places() -> NDArray[np.float64]:
    """Place of each element on the modified Pettifor scale, NaN where it has none, [118]."""
    places = np.full(N_ELEMENTS, np.nan)
    for place, symbol in enumerate(elementembeddings_table("mod_petti.json").properties):
        places[ATOMIC_NUMBERS[symbol] - 1] = place
    return places


def _are(symbols: Sequence[str]) -> NDArray[np.bool_]:
    return np.isin(SYMBOLS, list(symbols))

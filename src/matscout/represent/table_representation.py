"""What all representations that pool a vector per element have in common, and how missing values are reported."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import ElementTable
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.represent.base import Embedding, Representation
from matscout.represent.element_catalogue import ElementSource, element_source
from matscout.represent.pooling import NEED_NON_NEGATIVE, FloatArray, check_poolings, pool
from matscout.store import key_of

LEARNED = ("mean", "std_dev")
"""Default poolings of learnt tables, which have many components that mean little one by one."""

PROPERTIES = ("minimum", "maximum", "range", "mean", "avg_dev", "mode")
"""Default poolings of tables of physical properties: those of Magpie (doi:10.1038/npjcompumats.2016.28)."""


class PooledRepresentation(Representation):
    """Pools vectors over a composition: ``p * q`` columns for p components and q poolings, component by component.

    Parameters
    ----------
    poolings
        Names out of :data:`matscout.represent.pooling.POOLINGS`; None for the representation's own choice,
        ``default_poolings``.
    """

    def __init__(self, poolings: tuple[str, ...] | None = None) -> None:
        self.poolings = poolings

    @property
    @abstractmethod
    def title(self) -> str:
        """How the names of columns begin."""

    @property
    def default_poolings(self) -> tuple[str, ...]:
        """The representation's own choice."""
        return LEARNED

    @property
    @abstractmethod
    def components(self) -> tuple[str, ...]:
        """Names of the p components of a vector before pooling."""

    @abstractmethod
    def vectors(self) -> FloatArray:
        """The vectors that are pooled, [rows, p]."""

    @property
    def columns(self) -> tuple[str, ...]:
        """``"<title> <pooling> <component>"``, e.g. ``"MagpieData mean Electronegativity"``."""
        poolings = self.checked_poolings()
        return tuple(f"{self.title} {pooling} {name}" for name in self.components for pooling in poolings)

    def checked_poolings(self) -> tuple[str, ...]:
        """The poolings in use.

        Raises
        ------
        UsageError
            If one is unknown, or needs non-negative values and there are negative ones.
        """
        poolings = self.default_poolings if self.poolings is None else tuple(self.poolings)
        check_poolings(poolings)
        undefined = sorted(NEED_NON_NEGATIVE.intersection(poolings))
        if undefined and np.nanmin(self.vectors()) < 0:
            raise UsageError(
                f"{self.title} has negative values, for which {' or '.join(undefined)} is not defined: choose other "
                "poolings"
            )
        return poolings


class TableRepresentation(PooledRepresentation):
    """Pools the rows of one element table.

    Parameters
    ----------
    table
        Its name in the catalogue, :mod:`matscout.represent.element_catalogue`.
    poolings
        As of :class:`PooledRepresentation`; None for those that are usual for the table.

    Raises
    ------
    UsageError
        If there is no such table.
    """

    def __init__(self, table: str, poolings: tuple[str, ...] | None = None) -> None:
        super().__init__(poolings)
        self.table = table
        if table:
            element_source(table)

    @property
    def source(self) -> ElementSource:
        """What the catalogue says of the table.

        Raises
        ------
        UsageError
            If no table is named.
        """
        if not self.table:
            raise UsageError(f"{self.name} needs {self.missing()}")
        return element_source(self.table)

    @property
    def title(self) -> str:
        """Of the table."""
        return self.source.title

    @property
    def default_poolings(self) -> tuple[str, ...]:
        """Those that are usual for the table."""
        return PROPERTIES if self.source.statistics == "properties" else LEARNED

    @property
    def components(self) -> tuple[str, ...]:
        """The properties of the table."""
        return self.source.table().properties

    @property
    def origin(self) -> str:
        """As of others, and which file is read."""
        return key_of(super().origin, self.source.source, self.source.file)

    def vectors(self) -> FloatArray:
        """The values of the table, [118, p]."""
        return self.source.table().values

    def represent(self, materials: Materials) -> Embedding:
        """Pool the element vectors of every material.

        A material with an element that the table does not list is left out; where the table lists the element but
        leaves a property blank, the columns of that property are NaN. Both are reported.
        """
        table = self.source.table()
        rows, problems = drop_unlisted(materials, table.listed, self.title)
        compositions = materials.compositions[rows]
        vectors = pool(table.values, compositions.elements.astype(np.intp) - 1, compositions, self.checked_poolings())
        problems += remark_blanks(materials, rows, table, self.title)
        return Embedding(vectors, rows, self.columns, in_row_order(problems))


def in_row_order(problems: list[RowProblem]) -> tuple[RowProblem, ...]:
    """The problems sorted by row number."""
    return tuple(sorted(problems, key=lambda problem: problem.row))


def drop_unlisted(
    materials: Materials, listed: NDArray[np.bool_], title: str
) -> tuple[NDArray[np.int64], list[RowProblem]]:
    """Rows whose elements are all listed, ascending, and one problem for each other row."""
    missing = ~listed[materials.compositions.elements.astype(np.intp) - 1]
    dropped = np.unique(materials.compositions.rows[missing])
    problems = [
        RowProblem(
            int(row) + 1,
            str(materials.formulas[row]),
            f"{title} has no vector for {', '.join(_symbols(materials, row, ~listed))}",
            "remove the material, or choose a representation that covers the element, such as magpie",
        )
        for row in dropped
    ]
    return np.setdiff1d(np.arange(len(materials)), dropped, assume_unique=True), problems


def remark_blanks(materials: Materials, rows: NDArray[np.int64], table: ElementTable, title: str) -> list[RowProblem]:
    """One remark for each of ``rows`` that has an element with blanks in the table."""
    blanks = table.blanks
    affected = np.unique(materials.compositions.rows[blanks[materials.compositions.elements.astype(np.intp) - 1]])
    return [
        RowProblem(
            int(row) + 1,
            str(materials.formulas[row]),
            f"{title} has no values of {_blank_properties(table, _symbols(materials, row, blanks))}",
            "these columns are NaN: impute them, or choose another representation",
            dropped=False,
        )
        for row in np.intersect1d(affected, rows, assume_unique=True)
    ]


def _symbols(materials: Materials, row: int, among: NDArray[np.bool_]) -> list[str]:
    compositions = materials.compositions
    numbers = compositions.elements[compositions.offsets[row] : compositions.offsets[row + 1]]
    return [SYMBOLS[number - 1] for number in numbers if among[number - 1]]


def _blank_properties(table: ElementTable, symbols: list[str]) -> str:
    described = []
    for symbol in symbols:
        blank = np.isnan(table.values[SYMBOLS.index(symbol)])
        names = "all properties" if blank.all() else ", ".join(np.array(table.properties)[blank])
        described.append(f"{names} of {symbol}")
    return "; ".join(described)

"""A table with a structure in each row that is read piece by piece, however many rows it has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from matscout.data import column_names, columns
from matscout.data.formula_columns import may_be_formula
from matscout.data.roles import Request, Roles, choose_roles
from matscout.data.sources import Source
from matscout.data.table_pieces import TablePieces, pieces_of
from matscout.data.tables import Table


@dataclass(frozen=True, eq=False)
class StructureTable:
    """A table of ``n_rows`` rows, unusable ones included, whose column ``roles.structure`` holds structures."""

    path: Path
    pieces: TablePieces
    roles: Roles
    n_rows: int

    def read(self) -> Iterator[Table]:
        """The pieces in order, with nothing but the columns of id, formula and structure."""
        yield from self.pieces.read(self._read)

    def others(self) -> Table | None:
        """All rows with the other columns; None if there are none. Texts of structures are not kept in memory."""
        import polars

        first = next(self.pieces.read(), None)
        names = [] if first is None else [name for name in first.columns if name not in self._read]
        if first is None or not names:
            return None
        pieces = list(self.pieces.read(names))
        return replace(
            pieces[0],
            cells=polars.concat([piece.cells for piece in pieces], how="diagonal"),
            row_numbers=np.concatenate([piece.row_numbers for piece in pieces]),
            n_rows=self.n_rows,
        )

    @property
    def _read(self) -> list[str]:
        """The columns that make a material."""
        return [name for name in (self.roles.id, self.roles.formula, self.roles.structure) if name]


def structure_table(
    path: Path, formula: str | None = None, structure: str | None = None, named: Collection[str] = ()
) -> StructureTable | None:
    """The table of structures that a file is; None if it is another one, or can only be read as a whole.

    The columns are those that :func:`matscout.data.reading.read_materials` chooses. All rows are looked at for it, but
    only what may be an id or a formula is kept in memory.

    Parameters
    ----------
    path
        The file.
    formula, structure
        The columns, where the user named them.
    named
        Other columns that the user named; they must be there.

    Raises
    ------
    InputError
        If the file cannot be read.
    UsageError
        If a named column does not exist or several columns are equally likely.
    """
    pieces = pieces_of(path)
    first = None if pieces is None else next(pieces.read(), None)
    if pieces is None or first is None:
        return None
    texts = structure if structure in first.columns else columns.find_structure(first)
    if texts is None:
        return None
    short = [name for name in first.columns if name != texts and _may_be_chosen(name, first, formula)]
    looked_at = _looked_at(first, pieces.read(short))
    roles = choose_roles(Source(looked_at), Request(formula, structure, wants_target=False))
    for name in named:
        column_names.find_column(name, looked_at.columns, "unit")
    return None if roles.structure is None else StructureTable(path, pieces, roles, looked_at.n_rows)


def _may_be_chosen(name: str, first: Table, formula: str | None) -> bool:
    """Whether a column may be that of ids or formulas."""
    return (
        (formula is not None and column_names.find_column(formula, first.columns, "formula") == name)
        or columns.may_be_id(name)
        or may_be_formula(name, first.column(name))
    )


def _looked_at(first: Table, pieces: Iterator[Table]) -> Table:
    """The first piece with all columns, and of the other pieces what they hold."""
    import polars

    others = list(pieces)[1:]
    return replace(
        first,
        typed={},
        cells=polars.concat([first.cells, *(piece.cells for piece in others)], how="diagonal"),
        row_numbers=np.concatenate([first.row_numbers, *(piece.row_numbers for piece in others)]),
        n_rows=first.n_rows + sum(piece.n_rows for piece in others),
    )

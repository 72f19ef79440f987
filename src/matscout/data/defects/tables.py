"""Arrangements of defects in tables: one arrangement in a row, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.defects.column_store import SAME_PLACE, Defects, type_name
from matscout.data.defects.hosts import HostCrystal, supercell_sites, translations_in
from matscout.data.defects.texts import NOTHING, WrittenDefect, is_arrangement, parse_arrangement, written_arrangement
from matscout.data.elements import SYMBOLS
from matscout.data.ragged import offsets_of
from matscout.errors import RowProblem

if TYPE_CHECKING:
    import polars

    from matscout.data.tables import Table

COLUMNS = ("defects", "defect", "sites")
"""What a column of arrangements is called."""
HOSTS = ("host", "base", "host formula", "formula")
"""What the column of the host's formula is called, the first that there is."""
WAS, NOW = "was", "now"
"""Columns with the elements before and after, where each row is one defect."""
EMPTY = ("", "0", "v", "va", "vac", "vacancy", "nothing", "none", "-")
"""What stands there for nothing."""
HOST_CELL, SUPERCELL = "host_cell", "supercell"
"""The columns that hold the cell of the host and the supercell, as :func:`frame_of` writes them."""
FEW = 200
"""Cells that say whether a column is one of arrangements."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ParsedDefects:
    """m of n arrangements, the rows they come from [m], and why the others cannot be used (``row`` from 1)."""

    defects: Defects
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]


def defect_column(columns: Sequence[str], cells: Mapping[str, Sequence[str | None]], taken: Collection[str]) -> str:
    """The column that holds arrangements of defects, "" if there is none: by its name and by what stands in it."""
    for column in columns:
        if column in taken or column.casefold() not in COLUMNS:
            continue
        held = [cell for cell in cells[column] if cell is not None][:FEW]
        plain = [cell for cell in held if cell.strip().casefold() not in NOTHING]
        if plain and sum(map(is_arrangement, plain)) >= 0.5 * len(plain):
            return column
    return ""


def defect_column_of(table: Table, taken: Collection[str] = ()) -> str:
    """As :func:`defect_column`, of a table that also says what the host is."""
    if not (host_column(table.columns) or _called(table.columns, HOST_CELL)):
        return ""
    named = [name for name in table.columns if name.casefold() in COLUMNS]
    outcome = defect_column(named, {name: table.column(name) for name in named}, taken)
    before, after = _called(table.columns, WAS), _called(table.columns, NOW)
    return outcome or (before if before and after and not {before, after} & set(taken) else "")


def columns_of_defects(columns: Sequence[str], column: str) -> tuple[str, ...]:
    """The column of arrangements, and those beside it that say what host and supercell they are in."""
    after = _called(columns, NOW) if column.casefold() == WAS else ""
    beside = (after, host_column(columns), _called(columns, HOST_CELL), _called(columns, SUPERCELL))
    return (column, *(name for name in beside if name))


def host_column(columns: Sequence[str]) -> str:
    """The column of the formula of the host, "" if there is none."""
    return next((_called(columns, name) for name in HOSTS if _called(columns, name)), "")


def _called(columns: Sequence[str], wanted: str) -> str:
    return next((name for name in columns if name.casefold() == wanted), "")


def defects_of_table(table: Table, column: str) -> ParsedDefects:
    """The arrangements in a column of a table, or one defect in columns "was" and "now", with the hosts beside them."""
    blank: list[str | None] = [None] * len(table)
    names = {name: _called(table.columns, name) for name in (HOST_CELL, SUPERCELL)}
    cells = {name: table.column(own) if own else blank for name, own in names.items()}
    host = host_column(table.columns)
    texts = table.column(column)
    if column.casefold() == WAS:
        texts = [
            _before_and_after(*pair) for pair in zip(texts, table.column(_called(table.columns, NOW)), strict=True)
        ]
    return parse_defects(texts, table.column(host) if host else blank, cells[HOST_CELL], cells[SUPERCELL])


def _before_and_after(was: str | None, now: str | None) -> str:
    """``"v(O)"`` of what stood there and what stands there now; nothing is blank, 0 or a word for it."""
    before, after = ("" if (cell or "").casefold() in EMPTY else _symbol(cell or "") for cell in (was, now))
    if not before:
        return f"i({after})" if after else ""
    return f"{after}({before})" if after else f"v({before})"


def _symbol(cell: str) -> str:
    """The symbol of an element that is given as that or as atomic number."""
    return SYMBOLS[int(cell) - 1] if cell.isdigit() and 0 < int(cell) <= len(SYMBOLS) else cell


def parse_defects(
    texts: Sequence[str | None],
    formulas: Sequence[str | None],
    host_cells: Sequence[str | None],
    supercells: Sequence[str | None],
) -> ParsedDefects:
    """Arrangements from the cells of a table.

    Parameters
    ----------
    texts
        n arrangements, see :mod:`matscout.data.defects.texts`.
    formulas, host_cells
        Formula of each host, or its cell as one line (:attr:`HostCrystal.text`).
    supercells
        ``"8 8 1"``, or nine whole numbers; None where it is not known.
    """
    hosts: dict[HostCrystal, int] = {}
    rows, kept, problems = [], [], []
    for row, (text, *about) in enumerate(zip(texts, formulas, host_cells, supercells, strict=True)):
        try:
            if not text or not text.strip():
                raise ValueError(f"no defects are named; write {NOTHING[0]!r} for a cell without any")
            held = _RowOfTable.read(text, *about)
        except (ValueError, KeyError) as error:
            problems.append(RowProblem(row + 1, text or "", str(error), "correct the cell, or remove the row"))
            continue
        hosts.setdefault(held.host, len(hosts))
        rows.append(row)
        kept.append(held)
    sites = [(*site, place) for held in kept for site, place in zip(held.sites, held.positions, strict=True)]
    defects = Defects(
        offsets_of([len(held.sites) for held in kept]),
        np.array([site[0] for site in sites], dtype=np.uint8),
        np.array([site[1] for site in sites], dtype=np.uint8),
        np.array([site[2] for site in sites], dtype=np.float64).reshape(-1, 3),
        tuple(hosts),
        np.array([hosts[held.host] for held in kept], dtype=np.int64),
        np.array([held.matrix for held in kept], dtype=np.int64).reshape(-1, 3, 3),
    )
    return ParsedDefects(defects, np.array(rows, dtype=np.int64), tuple(problems))


@dataclass(frozen=True)
class _RowOfTable:
    """One arrangement: its host, its supercell (nine numbers), was and now of its sites, and where they are."""

    host: HostCrystal
    matrix: tuple[int, ...]
    sites: tuple[tuple[int, int], ...]
    positions: tuple[tuple[float, ...], ...]

    @classmethod
    def read(cls, text: str, formula: str | None, host_cell: str | None, supercell: str | None) -> _RowOfTable:
        host = _host(host_cell, formula)
        matrix = matrix_from_text(supercell) if supercell else (0,) * 9
        written = parse_arrangement(text)
        sites = tuple((one.was, one.now) for one in written for _ in range(one.count))
        positions = tuple(_position(one, host, matrix) for one in written for _ in range(one.count))
        known = [place[0] == place[0] for place in positions]
        if any(known) and not all(known):
            raise ValueError("some defects have a place and others have none: give all places, or none")
        if any(known) and not (host.is_known and any(matrix)):
            raise ValueError(
                "places are named, but not the cell they are in: read the table with its host (matscout defects read "
                "HOST TABLE -o sites.csv.gz)"
            )
        if len({place for place in positions if place[0] == place[0]}) < sum(known):
            raise ValueError("two defects are at the same place")
        _require_room(host, matrix, sites)
        return cls(host, matrix, sites, positions)


def _require_room(host: HostCrystal, matrix: tuple[int, ...], sites: Sequence[tuple[int, int]]) -> None:
    """Refuse more defects on an element than the supercell has sites of it."""
    if not (host.is_known and any(matrix)):
        return
    size = len(translations_in(matrix))
    for was in {was for was, _ in sites if was}:
        wanted, there = sum(one == was for one, _ in sites), size * host.numbers.count(was)
        if wanted > there:
            raise ValueError(
                f"{counted(wanted, 'defect')} on sites of {type_name(was, 0)[2:-1]}, but the cell has {there}"
            )


@lru_cache(maxsize=4096)
def _host(cell: str | None, formula: str | None) -> HostCrystal:
    if cell:
        return HostCrystal.from_text(cell)
    if not formula:
        raise ValueError("the host is not named; add a column 'host' with its formula")
    from matscout.data.formulas import parse_formulas

    if not len(parse_formulas([formula]).rows):
        raise ValueError(f"the host {formula!r} is no formula")
    return HostCrystal(formula)


@lru_cache(maxsize=4096)
def matrix_from_text(text: str) -> tuple[int, ...]:
    """The nine whole numbers of ``"8 8 1"``, ``"[8, 8, 1]"``, ``"8x8x1"`` or of nine numbers.

    Raises
    ------
    ValueError
        If it is none of these, or the supercell has no volume.
    """
    parts = text.replace("x", " ").strip("[]() ")
    for sign in ",;/[]()":
        parts = parts.replace(sign, " ")
    numbers = [int(float(part)) if float(part).is_integer() else 0 for part in parts.split()]
    if len(numbers) not in (3, 9):
        raise ValueError(f"{text!r} is no supercell: give three whole numbers (8 8 1), or nine")
    matrix = np.diag(numbers) if len(numbers) == 3 else np.array(numbers).reshape(3, 3)
    if round(abs(float(np.linalg.det(matrix)))) < 1:
        raise ValueError(f"the supercell {text!r} has no volume")
    return tuple(matrix.ravel().tolist())


def _position(one: WrittenDefect, host: HostCrystal, matrix: tuple[int, ...]) -> tuple[float, ...]:
    if one.site is None and one.position is None:
        return (np.nan, np.nan, np.nan)
    if not (host.is_known and any(matrix)):
        return (0.0, 0.0, 0.0) if one.position is None else one.position
    positions, numbers = supercell_sites(host, matrix)
    if one.site is not None:
        if one.site >= len(positions):
            raise ValueError(f"site {one.site} does not exist: the cell has sites 0 to {len(positions) - 1}")
        if one.was and numbers[one.site] != one.was:
            raise ValueError(
                f"{type_name(one.was, one.now)} is named at site {one.site}, which holds "
                f"{type_name(int(numbers[one.site]), 0)[2:-1]}"
            )
        return tuple(positions[one.site].tolist())
    assert one.position is not None
    return _snapped(one, host, one.position)


def _snapped(one: WrittenDefect, host: HostCrystal, position: tuple[float, float, float]) -> tuple[float, ...]:
    """The site of the host at a position that was written with few digits; interstitials stay where they are."""
    if not one.was:
        return position
    steps = np.array(position) @ np.linalg.inv(host.cell) - host.coordinates
    whole = np.round(steps)
    apart = np.linalg.norm((steps - whole) @ host.cell, axis=1)
    apart = np.where(host.species == one.was, apart, np.inf)
    best = int(apart.argmin()) if len(apart) else 0
    if not apart[best] < SAME_PLACE:
        raise ValueError(
            f"{type_name(one.was, one.now)} is named at {','.join(f'{x:g}' for x in position)}, where {host.formula} "
            "has no such site"
        )
    return tuple(((host.coordinates[best] + whole[best]) @ host.cell).tolist())


def frame_of(defects: Defects, ids: Sequence[str]) -> polars.DataFrame:
    """A row for each arrangement, which :func:`matscout.read` reads again."""
    import polars

    names = [type_name(was, now) for was, now in zip(defects.was.tolist(), defects.now.tolist(), strict=True)]
    places, bounds = defects.positions.tolist(), defects.offsets.tolist()
    hosts = [defects.hosts[place] for place in defects.host.tolist()]
    texts = {host: host.text if host.is_known else None for host in defects.hosts}
    supercells = [
        " ".join(map(str, matrix.ravel().tolist())) if matrix.any() else None for matrix in defects.supercells
    ]
    return polars.DataFrame(
        {
            "id": list(ids),
            "host": [host.formula for host in hosts],
            "defects": [written_arrangement(names[start:stop], places[start:stop]) for start, stop in pairwise(bounds)],
            SUPERCELL: supercells,
            HOST_CELL: [texts[host] for host in hosts],
        }
    )

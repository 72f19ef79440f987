"""What arrangements of defects are read from: supercells, tables, lists of sites, folders in the format of 2DMD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matscout.crystal.defects.readings import DefectReading, GivenCells, arrangements
from matscout.data.defects.column_store import type_name
from matscout.data.defects.hosts import HostCrystal
from matscout.data.defects.tables import HOST_CELL, SUPERCELL, ParsedDefects, defect_column, parse_defects
from matscout.data.given import Given
from matscout.data.structures import Structures
from matscout.errors import InputError, RowProblem

if TYPE_CHECKING:
    import polars

    from matscout.data.tables import Table

FOLDER = ("descriptors.csv", "defects.csv.gz", "initial.tar.gz")
"""Files of a folder in the format of 2DMD; ``targets.csv.gz`` may be beside them."""
SITES = ("was", "now", "x", "y", "z")
"""Columns of a table with one defect in each row."""


def given_cells(host: HostCrystal, cells: Given) -> GivenCells | DefectReading:
    """Supercells, or arrangements that a table names.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(cells, str | Path) and Path(cells).is_dir() and _present(Path(cells), FOLDER[0]):
        return _of_folder(host, Path(cells))
    table = _table_of(cells)
    if table is not None:
        return _of_table(host, table)
    return _of_structures(cells)


def _of_table(host: HostCrystal, table: Table) -> GivenCells | DefectReading:
    from matscout.data.columns import find_structure

    frame = table.cells
    structure = find_structure(table)
    if structure is not None:
        return _of_column(table, structure)
    if set(SITES) <= {name.casefold() for name in table.columns}:
        return _of_sites(host, frame)
    column = defect_column(table.columns, {name: _cells(frame, name) for name in table.columns}, ())
    if column:
        return _of_texts(host, frame, column)
    raise InputError(
        f"{table.name} has neither a column of structures nor one of defects: add a column 'defects' with arrangements "
        "such as v(Mo)@12; Se(S)@40"
    )


def _of_column(table: Table, column: str) -> GivenCells:
    from matscout.data.columns import structure_path
    from matscout.data.structure_files import read_structures

    cells = table.column(column)
    given = [row for row, cell in enumerate(cells) if cell]
    parsed = read_structures([structure_path(cells[row] or "", table.folder) or cells[row] or "" for row in given])
    kept = np.array(given, dtype=np.int64)[parsed.rows]
    numbers = table.row_numbers
    problems = [replace(one, row=int(numbers[given[one.row - 1]])) for one in parsed.problems]
    problems += [
        RowProblem(int(numbers[row]), "", "there is no structure", "add it, or remove the row")
        for row, cell in enumerate(cells)
        if not cell
    ]
    ids = _ids(table.cells)
    return GivenCells(
        [ids[row] for row in kept.tolist()],
        parsed.structures,
        [int(numbers[row]) for row in kept.tolist()],
        table.cells.drop(column)[kept.tolist()],
        tuple(problems),
    )


def _table_of(cells: Given) -> Table | None:
    from matscout.data.given import is_table
    from matscout.data.sources import load_source

    return load_source(cells).table if not isinstance(cells, Structures) and is_table(cells) else None


def _cells(table: polars.DataFrame, name: str) -> list[str | None]:
    return [None if cell is None else str(cell) for cell in table[name].to_list()]


def _ids(table: polars.DataFrame) -> list[str]:
    name = next((name for name in table.columns if name.casefold() in ("id", "_id")), None)
    numbers = [str(row + 1) for row in range(table.height)]
    return (
        numbers if name is None else [cell or number for cell, number in zip(_cells(table, name), numbers, strict=True)]
    )


def _of_structures(cells: Given) -> GivenCells:
    """Structures of a folder, an archive, a file or other libraries, or those of materials."""
    from matscout.data.given import as_materials
    from matscout.data.structure_files import read_structure_source

    if isinstance(cells, list) and cells and all(isinstance(cell, str | Path) for cell in cells):
        return _of_files(cells)
    if isinstance(cells, str | Path):
        source = read_structure_source(Path(cells))
        numbers = [int(row) + 1 for row in source.rows]
        return GivenCells(source.ids, source.structures, numbers, None, source.problems)
    materials = as_materials(cells, "cells")
    if materials.structures is None:
        raise InputError("the cells are formulas only: give supercells as structures")
    return GivenCells(materials.ids.tolist(), materials.structures, list(range(1, len(materials) + 1)), None)


def _of_files(cells: Sequence[str | Path]) -> GivenCells:
    """Files with a structure each."""
    from matscout.data.structure_files import read_structures

    parsed = read_structures([Path(cell) for cell in cells])
    names = [Path(cells[row]).name for row in parsed.rows.tolist()]
    return GivenCells(names, parsed.structures, [row + 1 for row in parsed.rows.tolist()], None, parsed.problems)


def _of_texts(host: HostCrystal, table: polars.DataFrame, column: str) -> DefectReading:
    named = {name.casefold(): name for name in table.columns}
    blank: list[str | None] = [None] * table.height
    supercells = _cells(table, named[SUPERCELL]) if SUPERCELL in named else blank
    parsed = parse_defects(_cells(table, column), blank, [host.text] * table.height, supercells)
    others = table.drop([name for name in (column, named.get(SUPERCELL), named.get(HOST_CELL)) if name])
    return _reading(parsed, _ids(table), others)


def _of_sites(host: HostCrystal, table: polars.DataFrame) -> DefectReading:
    """A table with one defect in each row: those of one id are an arrangement, in a supercell that holds them all."""
    named = {name.casefold(): name for name in table.columns}
    ids, texts, supercells = _ids(table), dict[str, list[str]](), dict[str, str | None]()
    columns = [_cells(table, named[name]) for name in SITES]
    sizes = _cells(table, named[SUPERCELL]) if SUPERCELL in named else [None] * table.height
    for row, (key, was, now, *place) in enumerate(zip(ids, *columns, strict=True)):
        name = type_name(int(float(was or 0)), int(float(now or 0)))
        texts.setdefault(key, []).append(f"{name}@{','.join(str(x) for x in place)}")
        supercells.setdefault(key, sizes[row])
    if any(size is None for size in supercells.values()):
        raise InputError("a table with one defect in each row needs a column 'supercell', such as 8 8 1")
    parsed = parse_defects(
        ["; ".join(one) for one in texts.values()],
        [None] * len(texts),
        [host.text] * len(texts),
        list(supercells.values()),
    )
    return _reading(parsed, list(texts), None)


def _reading(parsed: ParsedDefects, ids: Sequence[str], table: polars.DataFrame | None) -> DefectReading:
    if not len(parsed.rows):
        raise InputError(f"no arrangement can be read; the first: {parsed.problems[0]}")
    kept = np.array(ids, dtype=np.str_)[parsed.rows]
    return DefectReading(
        arrangements(kept, parsed.defects),
        parsed.rows,
        np.full(len(parsed.rows), np.nan),
        None if table is None else table[parsed.rows.tolist()],
        parsed.problems,
    )


def _present(folder: Path, name: str) -> Path | None:
    """The file of a folder, packed or not; None if there is none."""
    bare = name.removesuffix(".gz")
    return next((folder / one for one in (name, bare, f"{bare}.gz") if (folder / one).is_file()), None)


def _of_folder(host: HostCrystal, folder: Path) -> GivenCells:
    """A folder in the format of 2DMD: the cells of one host, with their energies and targets.

    Raises
    ------
    InputError
        If a file is missing, or no cell is of this host.
    """
    from matscout.data.structure_files import read_structure_source
    from matscout.progress import silent

    archive = _present(folder, FOLDER[2]) or next((path for path in folder.glob("initial*") if path.exists()), None)
    listed = _present(folder, FOLDER[1])
    if archive is None or listed is None:
        raise InputError(
            f"{folder} has no {FOLDER[2] if listed else FOLDER[1]}: a folder of 2DMD holds {', '.join(FOLDER)}"
        )
    source = read_structure_source(archive, silent)
    table = _joined_tables(folder, listed)
    places = {Path(name).stem: place for place, name in enumerate(source.ids)}
    ids = _ids(table)
    bases = _cells(table, "base") if "base" in table.columns else [host.formula] * len(ids)
    kept = [
        row for row, (key, base) in enumerate(zip(ids, bases, strict=True)) if key in places and base == host.formula
    ]
    if not kept:
        raise InputError(
            f"{folder} holds no cells of {host.formula}; its hosts are {', '.join(sorted({b or '?' for b in bases}))}"
        )
    lacking = [
        RowProblem(row + 2, key, f"{archive.name} has no structure of it", "add it, or remove the row")
        for row, key in enumerate(ids)
        if key not in places
    ]
    order = np.array([places[ids[row]] for row in kept], dtype=np.int64)
    return GivenCells(
        [ids[row] for row in kept], source.structures[order], [row + 2 for row in kept], table[kept], tuple(lacking)
    )


def _joined_tables(folder: Path, listed: Path) -> polars.DataFrame:
    """The cells with what is known of their descriptors, and with their targets."""
    from matscout.data.table_files import read_table

    table = read_table(listed).cells
    descriptors = _present(folder, FOLDER[0])
    if descriptors is not None and "descriptor_id" in table.columns:
        about = read_table(descriptors).cells.rename({"_id": "descriptor_id"})
        table = table.join(_new(about, table, "descriptor_id"), on="descriptor_id", how="left")
    targets = _present(folder, "targets.csv.gz")
    if targets is not None:
        about = read_table(targets).cells
        table = table.join(_new(about, table, "_id"), on="_id", how="left")
    return table


def _new(about: polars.DataFrame, table: polars.DataFrame, key: str) -> polars.DataFrame:
    return about.select([name for name in about.columns if name == key or name not in table.columns])

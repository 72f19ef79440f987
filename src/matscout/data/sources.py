"""Whatever the user points at, as one :class:`Table`, with structures beside it where the source is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matscout.data import columns
from matscout.data.reaction_texts import columns_of_reactions, is_reaction
from matscout.data.structure_collections import ARCHIVE_ENDINGS, STRUCTURE_SUFFIXES, is_archive
from matscout.data.structure_files import read_structure_source
from matscout.data.structures import Structures
from matscout.data.tables import (
    JSON_LINES,
    SPREADSHEETS,
    Table,
    read_table,
    sheet_names,
    table_from_columns,
    table_from_formulas,
    table_from_frame,
)
from matscout.data.unpacking import opened
from matscout.errors import InputError, UsageError
from matscout.progress import Progress, silent

COLLECTIONS = (".db", ".npz")
"""Endings of files that hold many structures, besides those of archives and JSON."""
_ENDINGS = (
    *(".csv", ".tsv", ".txt", ".parquet", ".gz"),
    *(*SPREADSHEETS, *JSON_LINES, *STRUCTURE_SUFFIXES, *COLLECTIONS, *ARCHIVE_ENDINGS),
)


@dataclass(frozen=True, eq=False)
class Source:
    """A table and, where the source is a collection of structures, one structure per row of it."""

    table: Table
    structures: Structures | None = None


def load_source(
    source: Any, *, sheet: str | None = None, formula: str | None = None, progress: Progress = silent
) -> Source:
    """Load a path, frame or list of formulas; what is loaded already is given back.

    Parameters
    ----------
    source
        See :func:`matscout.data.reading.read`.
    sheet, formula
        Which sheet of a spreadsheet; without ``sheet``, the only one that has (this) formula column.
    progress
        Told how many structures are read, where they are many.
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, str | Path):
        return _load_path(Path(source), sheet, formula, progress)
    if sheet is not None:
        raise UsageError(f"a sheet ({sheet!r}) can only be named for a spreadsheet file")
    if isinstance(source, Sequence):
        if not all(isinstance(item, str) for item in source):
            raise UsageError("a list must hold formulas as text; for more columns give a polars or pandas frame")
        if source and all(map(is_reaction, source)):
            return Source(table_from_columns("list of reactions", {"reaction": list(source)}))
        return Source(table_from_formulas(source))
    return Source(table_from_frame(source, f"{type(source).__module__.split('.')[0]} frame"))


def _load_path(path: Path, sheet: str | None, formula: str | None, progress: Progress) -> Source:
    if not path.exists():
        raise InputError(
            f"there is no file or folder {str(path)!r}; check the spelling (the current folder is {Path.cwd()})"
        )
    if holds_structures(path):
        if sheet is not None:
            raise UsageError(f"a sheet ({sheet!r}) can only be named for a spreadsheet; {path.name} is none")
        return _load_structures(path, progress)
    if path.suffix.lower() in SPREADSHEETS and sheet is None:
        return Source(_choose_sheet(path, formula))
    return Source(read_table(path, sheet))


def names_file(text: str) -> bool:
    """Whether a text is called like a file that can be read, there or not: it is no formula then, and no words."""
    return text.strip().lower().endswith(_ENDINGS)


def holds_structures(path: Path) -> bool:
    """Whether a path is that of structures and nothing else."""
    plain = {*COLLECTIONS, *STRUCTURE_SUFFIXES} - {".json"}
    return path.is_dir() or is_archive(path) or path.suffix.lower() in plain or _is_pymatgen_json(path)


def _is_pymatgen_json(path: Path) -> bool:
    if ".json" not in path.suffixes:
        return False
    try:
        with opened(path) as file:
            start = file.read(100_000)
    except (OSError, InputError):
        return False
    return b'"@module"' in start or b'"lattice"' in start


def _choose_sheet(path: Path, formula: str | None) -> Table:
    names = sheet_names(path)
    if len(names) == 1:
        return read_table(path, names[0])
    tables = {}
    for name in names:
        try:
            table = read_table(path, name)
            found = columns.find_column(formula, table.columns, "formula") if formula else columns.find_formula(table)
            found = found or (None if formula else next(iter(columns_of_reactions(table)), None))
        except (InputError, UsageError):
            continue
        if found or columns.find_structure(table):
            tables[name] = table
    if len(tables) == 1:
        return next(iter(tables.values()))
    what = "a column of formulas or reactions"
    which = f"{', '.join(tables)} have {what}" if tables else f"none has {what} that is recognised"
    raise UsageError(f"{path.name} has the sheets {', '.join(names)}; {which}: name the sheet to read (--sheet)")


def _load_structures(path: Path, progress: Progress) -> Source:
    found = read_structure_source(path, progress)
    if not found.ids and not any(problem.dropped for problem in found.problems):
        raise InputError(
            f"there are no structure files in {path}; expected CIF, POSCAR (.vasp), extended XYZ or pymatgen JSON, "
            "one for each material"
        )
    left_out = {problem.row for problem in found.problems if problem.dropped or problem.value not in found.ids}
    numbers = [row for row in range(1, len(found.ids) + len(left_out) + 1) if row not in left_out]
    table = table_from_columns(path.resolve().name, {**found.properties, "id": found.ids}, numbers)
    n_bad = sum(problem.dropped for problem in found.problems)
    return Source(replace(table, problems=found.problems, n_rows=len(table) + n_bad), found.structures)

"""Whatever the user points at, as one :class:`Table`, with structures beside it where the source is made of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matscout.data import column_names, columns, structure_json
from matscout.data.encodings import decoded
from matscout.data.formula_columns import find_formula
from matscout.data.formulas import parse_formulas
from matscout.data.json_records import JSON_LINES
from matscout.data.reactions.texts import columns_of_reactions, is_reaction
from matscout.data.source_objects import as_listed, formulas_of_objects, structures_of_objects
from matscout.data.spreadsheets import SPREADSHEETS
from matscout.data.structure_bytes import head_of_file
from matscout.data.structure_collections import holds_one_structure
from matscout.data.structure_files import read_structure_source
from matscout.data.structure_folders import ARCHIVE_ENDINGS, STRUCTURE_SUFFIXES, is_archive
from matscout.data.structure_texts import KINDS
from matscout.data.structures import Structures
from matscout.data.table_files import read_table, sheet_names
from matscout.data.tables import Table, table_from_columns, table_from_formulas, table_from_frame
from matscout.data.unpacking import COMPRESSED, bare
from matscout.data.unread_formats import conversion_advice, unread_format
from matscout.errors import InputError, UsageError
from matscout.progress import Progress, silent
from matscout.remarks import Remark

COLLECTIONS = (".db", ".npz")
"""Endings of files that hold many structures, besides those of archives and JSON."""
_ENDINGS = (
    *(".csv", ".tsv", ".txt", ".parquet", *COMPRESSED),
    *(*SPREADSHEETS, *JSON_LINES, *STRUCTURE_SUFFIXES, *COLLECTIONS, *ARCHIVE_ENDINGS),
)


FEW_TABLES = 3
"""Tables beside structures that are named."""

_TABLES = (".csv", ".tsv", ".parquet", *SPREADSHEETS, *JSON_LINES)
"""Endings of files that are tables, whatever stands in their cells."""


NAMES = "id"
"""The column that names the entries of a source of structures: files, keys."""


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
        raise UsageError(f"a sheet ({sheet!r}) can only be named for a spreadsheet")
    source = as_listed(source)
    if isinstance(source, Structures):
        return _of_structures(source)
    if isinstance(source, Sequence):
        return _of_list(source)
    return Source(table_from_frame(source, f"{type(source).__module__.split('.')[0]} frame"))


def _of_list(given: Sequence[object]) -> Source:
    structures = structures_of_objects(given)
    if structures is not None:
        return _of_structures(structures)
    formulas = formulas_of_objects(given)
    if formulas is None:
        raise UsageError(
            "a list contains formulas as text, or structures or compositions of pymatgen or ASE; for more columns, "
            "pass a polars or pandas frame"
        )
    if formulas and all(map(is_reaction, formulas)):
        return Source(table_from_columns("list of reactions", {"reaction": formulas}))
    return Source(table_from_formulas(formulas))


def _of_structures(structures: Structures) -> Source:
    names = [str(number) for number in range(1, len(structures) + 1)]
    return Source(table_from_columns("list of structures", {NAMES: names}), structures)


def _load_path(path: Path, sheet: str | None, formula: str | None, progress: Progress) -> Source:
    if not path.exists():
        raise InputError(
            f"there is no file or folder {str(path)!r}; check the spelling (the current folder is {Path.cwd()})"
        )
    if holds_structures(path):
        if sheet is not None:
            raise UsageError(f"a sheet ({sheet!r}) can only be named for a spreadsheet; {path.name} is not one")
        return _load_structures(path, progress)
    if not _is_table(path) and (form := unread_format(path)):
        raise InputError(conversion_advice(path, form))
    if path.suffix.lower() in SPREADSHEETS and sheet is None:
        return Source(_choose_sheet(path, formula))
    return Source(read_table(path, sheet))


def names_file(text: str) -> bool:
    """Whether a text is called like a file that can be read, there or not: it is no formula then, and no words."""
    return text.strip().lower().endswith(_ENDINGS)


def is_written_out(text: str) -> bool:
    """Whether a text is a formula or a reaction, and not the path of something."""
    return not Path(text).exists() and (_is_formula(text) or is_reaction(text))


def _is_formula(text: str) -> bool:
    return not names_file(text) and len(parse_formulas([text]).rows) == 1


def holds_structures(path: Path) -> bool:
    """Whether a path is that of structures and nothing else: by its name, or by what a file begins with."""
    if path.is_dir() or is_archive(path) or path.suffix.lower() in COLLECTIONS:
        return True
    if bare(path.name).suffix.lower() == ".json":
        return structure_json.holds_structures(decoded(head_of_file(path)))
    return not _is_table(path) and holds_one_structure(path)


def _is_table(path: Path) -> bool:
    return bare(path.name).suffix.lower() in _TABLES


def _choose_sheet(path: Path, formula: str | None) -> Table:
    names = sheet_names(path)
    if len(names) == 1:
        return read_table(path, names[0])
    tables = {}
    for name in names:
        try:
            table = read_table(path, name)
            column = column_names.find_column(formula, table.columns, "formula") if formula else find_formula(table)
            column = column or (None if formula else next(iter(columns_of_reactions(table)), None))
        except (InputError, UsageError):
            continue
        if column or columns.find_structure(table):
            tables[name] = table
    if len(tables) == 1:
        return next(iter(tables.values()))
    what = "a column of formulas or reactions"
    which = f"{', '.join(tables)} have {what}" if tables else f"none has {what} that is recognised"
    raise UsageError(f"{path.name} has the sheets {', '.join(names)}; {which}: name the sheet to read (--sheet)")


def _load_structures(path: Path, progress: Progress) -> Source:
    source = read_structure_source(path, progress)
    if not source.ids and not any(problem.dropped for problem in source.problems):
        nothing = f"there are no structure files in {path}; expected {KINDS}, one for each material."
        raise InputError(" ".join([nothing, *source.remarks]))
    table = table_from_columns(
        path.resolve().name, {**source.properties, NAMES: source.ids}, (source.rows + 1).tolist()
    )
    n_bad = sum(problem.dropped for problem in source.problems)
    remarks = (*table.remarks, *source.remarks, *_tables_beside(path))
    whole = replace(table, problems=source.problems, n_rows=len(table) + n_bad, remarks=remarks)
    return Source(whole, source.structures)


def _tables_beside(path: Path) -> list[Remark]:
    """How to read the tables in a folder of structures, which may hold their labels."""
    if not path.is_dir():
        return []
    tables = sorted(file for file in path.iterdir() if file.is_file() and file.name.lower().endswith(_TABLES))
    how = (
        f"is a table; to read it with these structures, give it as the input with --structure {shlex.quote(str(path))}."
    )
    return [Remark("table-beside-structures", f"{file.name} {how}") for file in tables[:FEW_TABLES]]

"""Crystal structures from texts, files, folders, ASE databases and pymatgen JSON; a bad one never costs the others."""

from __future__ import annotations

import gzip
import json
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.structure_texts import (
    MAX_BYTES,
    StructureError,
    StructureReading,
    extended_xyz_frames,
    extended_xyz_structure,
    guarded,
    read_structure_text,
    recognised_format,
    structure_from_dict,
    unit_cell,
)
from matscout.data.structures import Structures
from matscout.errors import InputError, MissingExtraError, RowProblem

if TYPE_CHECKING:
    from pymatgen.core import Structure

STRUCTURE_SUFFIXES = frozenset({".cif", ".mcif", ".vasp", ".poscar", ".contcar", ".xyz", ".extxyz", ".json"})
_STRUCTURE_KEYS = ("structure", "Structure", "final_structure", "initial_structure")
_ID_KEYS = ("material_id", "entry_id", "id", "task_id", "identifier", "jid", "name")


@dataclass(frozen=True, eq=False)
class ParsedStructures:
    """What n structure texts or paths hold.

    Parameters
    ----------
    structures
        The m that could be read.
    rows
        int64 [m], ascending: which of the n inputs each structure belongs to.
    problems
        One per input that could not be read (``dropped``) or was read with a remark; ``row`` is the position from 1.
    """

    structures: Structures
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, eq=False)
class StructureSource:
    """What a folder or collection of structures holds.

    Parameters
    ----------
    ids
        m unique names: file stem, key, or position from 1.
    structures
        m structures.
    rows
        int64 [m], ascending: the position of each in the source, from 0.
    properties
        Column name -> m values as they stood in the source, None where one is missing.
    problems
        Entries left out, and remarks; ``row`` is the position from 1.
    """

    ids: tuple[str, ...]
    structures: Structures
    rows: NDArray[np.int64]
    properties: Mapping[str, list[object]] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """One structure to read: its name, how to read it, and what else is known about it."""

    name: str
    read: Callable[[], StructureReading]
    properties: Mapping[str, object] = field(default_factory=dict)
    expected: bool = True


def read_structures(texts_or_paths: Sequence[str | Path]) -> ParsedStructures:
    """Read structures given as text or as path, each a CIF, POSCAR, extended XYZ or pymatgen JSON.

    The format is told by content. Partial occupancies are kept, oxidation states are left out.

    Parameters
    ----------
    texts_or_paths
        n texts (several lines), or paths (one line) to files, also ``.gz``; relative paths start at the current folder.
    """
    collected = _Collected()
    for row, given in enumerate(texts_or_paths, start=1):
        shown = str(given).strip().splitlines()[0] if str(given).strip() else ""
        collected.add(row, _Entry(shown, _reader(given)))
    return ParsedStructures(
        collected.structures(), np.array(collected.rows, dtype=np.int64) - 1, tuple(collected.problems)
    )


def read_structure_source(path: Path) -> StructureSource:
    """Read a folder of structure files, an ASE database, pymatgen JSON, or an extended XYZ file with many frames.

    Parameters
    ----------
    path
        Folder (the file stems become the ids), ``.db`` (ASE), ``.json`` or ``.json.gz`` (a structure, a list, a
        mapping id -> structure, entries with a ``structure`` key, or the split table of matbench), ``.xyz`` or
        ``.extxyz``.

    Raises
    ------
    InputError
        If the source itself cannot be read; single bad structures in it become problems.
    MissingExtraError
        If an ASE database is given and ASE is not installed.
    """
    if path.is_dir():
        entries = _folder_entries(path)
    elif not path.is_file():
        raise InputError(f"there is no file or folder {path}")
    elif path.suffix.lower() == ".db":
        entries = _database_entries(path)
    elif path.name.lower().endswith((".json", ".json.gz")):
        entries = _json_entries(path)
    elif path.suffix.lower() in (".xyz", ".extxyz"):
        entries = _frame_entries(path)
    else:
        entries = iter([_Entry(path.stem, _reader(path))])
    return _source(entries)


class _Collected:
    """Structures, their row numbers and the problems, as they come in."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.problems: list[RowProblem] = []
        self._found: list[Structure] = []

    def add(self, row: int, entry: _Entry) -> StructureReading | None:
        """Read one entry; None if it is left out."""
        try:
            reading = entry.read()
        except StructureError as error:
            if entry.expected:
                self.problems.append(RowProblem(row, entry.name, error.reason, error.advice))
            else:
                remark = RowProblem(
                    row, entry.name, "this file is no structure", "nothing to do if that is right", False
                )
                self.problems.append(remark)
            return None
        if reading.remarks:
            remarks = "; ".join(reading.remarks)
            self.problems.append(RowProblem(row, entry.name, remarks, "nothing to do if that is right", dropped=False))
        self.rows.append(row)
        self._found.append(reading.structure)
        return reading

    def structures(self) -> Structures:
        return Structures.from_pymatgen(self._found)


def _source(entries: Iterable[_Entry]) -> StructureSource:
    collected = _Collected()
    names: dict[str, int] = {}
    properties: list[Mapping[str, object]] = []
    for row, entry in enumerate(entries, start=1):
        if entry.name in names:
            reason = f"the name {entry.name!r} is taken by entry {names[entry.name]}"
            collected.problems.append(RowProblem(row, entry.name, reason, "give each structure its own name"))
            continue
        reading = collected.add(row, entry)
        if reading is not None:
            names[entry.name] = row
            properties.append({**entry.properties, **(reading.properties or {})})
    columns = dict.fromkeys(name for row_properties in properties for name in row_properties)
    table = {name: [row_properties.get(name) for row_properties in properties] for name in columns}
    rows = np.array(collected.rows, dtype=np.int64) - 1
    return StructureSource(tuple(names), collected.structures(), rows, table, tuple(collected.problems))


def _reader(given: str | Path) -> Callable[[], StructureReading]:
    """How to read a text or a path."""

    def read() -> StructureReading:
        if isinstance(given, Path):
            return read_structure_text(_text(given))
        if not given.strip():
            raise StructureError("it is empty", "give a structure as text or path, or leave the row out")
        if len(given.strip().splitlines()) > 1 or recognised_format(given) == "json":
            return read_structure_text(given)
        return read_structure_text(_text(Path(given.strip())))

    return read


def _text(path: Path) -> str:
    """The text of a file, also compressed, up to the size that is still read.

    Raises
    ------
    StructureError
        If there is no such file, it cannot be opened, or it is too large.
    """
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise StructureError("there is no such file", "give a path that exists, or the text itself") from error
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StructureError(f"it cannot be opened ({reason})", "check the file and its permissions") from error
    if len(content) > MAX_BYTES:
        raise StructureError(f"it has more than {MAX_BYTES // 1_000_000} MB", "leave it out or reduce it to one cell")
    return content.decode("utf-8", errors="replace")


def _folder_entries(folder: Path) -> Iterator[_Entry]:
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise InputError(f"the folder {folder} holds no files; put one structure file for each material into it")
    for path in paths:
        bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
        expected = bare.suffix.lower() in STRUCTURE_SUFFIXES or bare.name.upper().startswith(("POSCAR", "CONTCAR"))
        yield _Entry(bare.stem, _reader(path), expected=expected)


def _frame_entries(path: Path) -> Iterator[_Entry]:
    try:
        frames = extended_xyz_frames(_text(path))
    except StructureError as error:
        raise InputError(f"{path}: {error}") from error
    for position, frame in enumerate(frames, start=1):
        name = path.stem if len(frames) == 1 else str(position)
        yield _Entry(name, lambda frame=frame: guarded(extended_xyz_structure, frame))  # type: ignore[misc]


def _json_entries(path: Path) -> Iterator[_Entry]:
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            document = json.loads(file.read().decode("utf-8-sig"))
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no readable JSON ({error}); write it again with json.dump") from error
    for name, record in _records(document):
        structure, properties = _split_record(record)
        named = next((str(properties[key]) for key in _ID_KEYS if isinstance(properties.get(key), str | int)), name)
        yield _Entry(named, lambda structure=structure: guarded(structure_from_dict, structure), properties)  # type: ignore[misc]


def _records(document: Any) -> Iterator[tuple[str, Any]]:
    """Name and record of each entry, whichever way the document lists them."""
    if isinstance(document, Mapping) and {"index", "columns", "data"} <= set(document):
        for index, row in zip(document["index"], document["data"], strict=True):
            yield str(index), dict(zip(document["columns"], row, strict=True))
    elif isinstance(document, Mapping) and "sites" not in document and not _structure_key(document):
        yield from ((str(key), value) for key, value in document.items())
    else:
        records = document if isinstance(document, list) else [document]
        yield from ((str(position), record) for position, record in enumerate(records, start=1))


def _structure_key(record: Mapping[str, Any]) -> str | None:
    return next((key for key in _STRUCTURE_KEYS if isinstance(record.get(key), Mapping)), None)


def _split_record(record: Any) -> tuple[Any, dict[str, object]]:
    """The structure of a record, and its other plain values."""
    if not isinstance(record, Mapping):
        return record, {}
    key = _structure_key(record)
    if key is None:
        return record, {}
    plain: dict[str, object] = {
        name: value
        for name, value in record.items()
        if not name.startswith("@") and isinstance(value, str | int | float) and name != key
    }
    return record[key], plain


def _database_entries(path: Path) -> Iterator[_Entry]:
    try:
        from ase.db import connect
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "ase":
            raise
        raise MissingExtraError("ase", "structures") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _require_systems(path)
            # Without "with", ASE leaves the file open if it cannot be read.
            with connect(path, type="db") as database:
                rows = list(database.select())
        except Exception as error:
            raise InputError(f"{path} is no readable ASE database ({error})") from error
    for row in rows:
        properties = dict(row.key_value_pairs)
        if "energy" in row:
            properties.setdefault("energy", float(row.energy))
        yield _Entry(str(row.id), lambda row=row: guarded(_from_ase, row), properties)  # type: ignore[misc]


def _require_systems(path: Path) -> None:
    """Refuse SQLite files without ASE's main table, which ASE would write into them; raises ValueError or sqlite3's."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'systems'").fetchone() is None:
            raise ValueError("it has no table of systems; write it with ase.db")


def _from_ase(row: Any) -> StructureReading:
    from pymatgen.core import Structure

    structure = Structure(unit_cell(row.cell), list(row.numbers), row.positions, coords_are_cartesian=True)
    return StructureReading(structure)

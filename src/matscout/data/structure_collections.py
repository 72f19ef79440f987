"""What lies in a folder, an archive, a database or a file of many structures: one entry for each, nothing read yet."""

from __future__ import annotations

import sqlite3
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from matscout.data.budgets import BUDGET
from matscout.data.encodings import decoded
from matscout.data.guards import guarded
from matscout.data.json_texts import parse_json
from matscout.data.structure_bytes import content_of_file, head_of_file
from matscout.data.structure_calculations import TRAJECTORY_BEGINS, read_trajectory
from matscout.data.structure_entries import AtomArrays, Document, Frame, StructureEntry
from matscout.data.structure_folders import (
    Unread,
    archive_entries,
    begins_with_a_structure,
    folder_entries,
    folder_paths,
    is_archive,
    is_named_like_a_structure,
    zip_places,
)
from matscout.data.structure_json import ase_rows, is_ase_collection
from matscout.data.structure_objects import OF_SITES, OF_STRUCTURE
from matscout.data.structure_readings import StructureError, StructureExtras
from matscout.data.structure_texts import plain_text
from matscout.data.structure_xyz import extended_xyz_frames, frame_names
from matscout.data.unpacking import bare, unpacking
from matscout.errors import InputError, MissingExtraError

_STRUCTURE_KEYS = ("structure", "Structure", "final_structure", "initial_structure")
_ID_KEYS = ("material_id", "entry_id", "id", "task_id", "identifier", "jid", "name")


def entries_of(path: Path, unread: Unread | None = None) -> Iterator[StructureEntry]:
    """The entries of a folder, archive, ASE database, JSON, extended XYZ file or trajectory; else a single structure.

    Parameters
    ----------
    path
        See :func:`matscout.data.structure_files.read_structure_source`.
    unread
        Counts what a folder or an archive holds besides.

    Raises
    ------
    InputError
        If the source itself cannot be read.
    MissingExtraError
        If an ASE database is given and ASE is not installed.
    """
    tally = Unread() if unread is None else unread
    if path.is_dir():
        return folder_entries(path, tally)
    if not path.is_file():
        raise InputError(f"there is no file or folder {path}")
    return archive_entries(path, tally) if is_archive(path) else _file_entries(path)


def _file_entries(path: Path) -> Iterator[StructureEntry]:
    suffix = bare(path.name).suffix.lower()
    if reader := _COLLECTIONS.get(suffix):
        return reader(path)
    if head_of_file(path).startswith(TRAJECTORY_BEGINS):
        return _trajectory_entries(path)
    return iter([StructureEntry(_name_of(path), path)])


def _name_of(path: Path) -> str:
    """The stem, without the ending of a compression; the name where it begins with a dot."""
    return bare(path.name).stem or path.name


def holds_one_structure(path: Path) -> bool:
    """Whether a file is one of a structure (or of frames), by its name or its first bytes.

    JSON and compressed files may be tables and are judged by their first bytes alone.
    """
    named = is_named_like_a_structure(path.name) and bare(path.name).suffix.lower() != ".json"
    return path.is_file() and (named or begins_with_a_structure(head_of_file(path)))


def count_of(path: Path) -> int | None:
    """How many entries there are, where that is known without reading them all."""
    if path.is_dir():
        return len(folder_paths(path))
    if path.suffix.lower() == ".zip":
        with guarded(f"{path} is not a readable archive", "pack it again"), zipfile.ZipFile(path) as archive:
            return len(zip_places(archive))
    return len(_frames(path)) if path.suffix.lower() in (".xyz", ".extxyz") else None


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of a structure name the file that holds it."""
    try:
        yield
    except StructureError as error:
        raise InputError(f"{path}: {error}") from error


def _frame_entries(path: Path) -> Iterator[StructureEntry]:
    frames = _frames(path)
    names = frame_names(frames) or ([_name_of(path)] if len(frames) == 1 else map(str, range(1, len(frames) + 1)))
    for name, frame in zip(names, frames, strict=True):
        yield StructureEntry(name, Frame(tuple(frame)))


def _frames(path: Path) -> list[list[str]]:
    with _named(path):
        return extended_xyz_frames(plain_text(decoded(_whole(path))))


def _whole(path: Path) -> bytes:
    """A file of many structures, unpacked.

    Raises
    ------
    InputError
        If it cannot be read, or unpacks to more than is read.
    """
    limit = BUDGET.bytes_unpacked
    with guarded(f"{path} cannot be read", "check or pack it again"), path.open("rb") as file:
        content = unpacking(file).read(limit + 1)
    if len(content) > limit:
        raise InputError(f"{path} unpacks to more than {limit / 1e9:g} GB; split it")
    return content


def _trajectory_entries(path: Path) -> Iterator[StructureEntry]:
    with _named(path), guarded(f"{path} is not a readable trajectory of ASE", "write it again"):
        frames = read_trajectory(content_of_file(path))
    for position, frame in enumerate(frames, start=1):
        yield StructureEntry(_name_of(path) if len(frames) == 1 else str(position), frame, frame.properties or {})


def _json_entries(path: Path) -> Iterator[StructureEntry]:
    with guarded(f"{path} is not readable JSON", "write it again with json.dump"):
        document = parse_json(decoded(_whole(path)))
    unlisted = guarded(
        f"{path} does not list its structures in the expected form", "write it with as_dict() of pymatgen"
    )
    with _named(path), unlisted:
        records = [(name, *_split_record(record)) for name, record in _records(document)]
    for name, structure, properties in records:
        named = next((str(properties[key]) for key in _ID_KEYS if isinstance(properties.get(key), str | int)), name)
        yield StructureEntry(named, Document(structure), properties)


def _records(document: Any) -> Iterator[tuple[str, Any]]:
    """Name and record of each entry, whichever way the document lists them."""
    if isinstance(document, Mapping) and {"index", "columns", "data"} <= set(document):
        for index, row in zip(document["index"], document["data"], strict=True):
            yield str(index), dict(zip(map(str, document["columns"]), row, strict=True))
    elif isinstance(document, Mapping) and is_ase_collection(document):
        yield from ase_rows(document)
    elif isinstance(document, Mapping) and not {"sites", "numbers"} & set(document) and not _structure_key(document):
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


def _database_entries(path: Path) -> Iterator[StructureEntry]:
    try:
        from ase.db import connect
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "ase":
            raise
        raise MissingExtraError("ase", "structures") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with guarded(f"{path} is not a readable ASE database", "write it with ase.db"):
            _require_systems(path)
            # Without "with", ASE leaves the file open if it cannot be read.
            with connect(path, type="db") as database:
                rows = list(database.select())
    for row in rows:
        properties = dict(row.key_value_pairs)
        if "energy" in row:
            properties.setdefault("energy", float(row.energy))
        yield StructureEntry(str(row.id), _atoms_of(row), properties)


def _atoms_of(row: Any) -> AtomArrays:
    """The atoms of a row of a database of ASE."""
    known = {name: np.asarray(row[name]) for name in (*OF_SITES, *OF_STRUCTURE) if name in row}
    of_sites = {name for name in OF_SITES if name in known and known[name].shape[:1] == (row.natoms,)}
    extras = StructureExtras(
        pbc=(bool(row.pbc[0]), bool(row.pbc[1]), bool(row.pbc[2])),
        site_columns={name: column for name, column in known.items() if name in of_sites},
        columns={name: known[name] for name in OF_STRUCTURE if name in known},
    )
    cell, positions = (np.asarray(array, dtype=np.float64) for array in (row.cell, row.positions))
    return AtomArrays(cell, np.asarray(row.numbers), positions, extras)


def _require_systems(path: Path) -> None:
    """Refuse SQLite files without ASE's main table, which ASE would write into them; raises ValueError or sqlite3's."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'systems'").fetchone() is None:
            raise ValueError("it has no table of systems")


_COLLECTIONS = {".db": _database_entries, ".json": _json_entries, ".xyz": _frame_entries, ".extxyz": _frame_entries}

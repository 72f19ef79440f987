"""What lies in a folder, an archive, a database or a file of many structures: one entry for each, nothing read yet."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np

from matscout.data.budgets import BUDGET
from matscout.data.structure_entries import Atoms, Document, Entry, Frame, Packed, Refused, text_of_file
from matscout.data.structure_errors import StructureError
from matscout.data.structure_texts import plain_text
from matscout.data.structure_xyz import extended_xyz_frames
from matscout.errors import InputError, MissingExtraError

STRUCTURE_SUFFIXES = frozenset({".cif", ".mcif", ".vasp", ".poscar", ".contcar", ".xyz", ".extxyz", ".json"})
ARCHIVE_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_STRUCTURE_KEYS = ("structure", "Structure", "final_structure", "initial_structure")
_ID_KEYS = ("material_id", "entry_id", "id", "task_id", "identifier", "jid", "name")


def entries_of(path: Path) -> Iterator[Entry]:
    """The entries of a folder, archive, ASE database, JSON or extended XYZ file; any other file is one structure.

    Parameters
    ----------
    path
        See :func:`matscout.data.structure_files.read_structure_source`.

    Raises
    ------
    InputError
        If the source itself cannot be read.
    MissingExtraError
        If an ASE database is given and ASE is not installed.
    """
    lower = path.name.lower()
    if path.is_dir():
        return _folder_entries(path)
    if not path.is_file():
        raise InputError(f"there is no file or folder {path}")
    if is_archive(path):
        return _archive_entries(path)
    if lower.endswith(".db"):
        return _database_entries(path)
    if lower.endswith((".json", ".json.gz")):
        return _json_entries(path)
    if lower.endswith((".xyz", ".extxyz")):
        return _frame_entries(path)
    return iter([Entry(path.stem, path)])


def count_of(path: Path) -> int | None:
    """How many entries there are, where that is known without reading them all."""
    if path.is_dir():
        return sum(1 for other in path.iterdir() if other.is_file() and not other.name.startswith("."))
    if path.suffix.lower() == ".zip":
        try:
            with zipfile.ZipFile(path) as archive:
                return sum(1 for member in archive.infolist() if _is_entry(member.filename) and not member.is_dir())
        except (zipfile.BadZipFile, OSError) as error:
            raise _unreadable(path, error) from error
    return None


def _is_entry(name: str) -> bool:
    """Whether a member of an archive is more than a helper of some operating system."""
    place = PurePosixPath(name)
    return not place.name.startswith(".") and "__MACOSX" not in place.parts


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"{path} is no readable archive ({error}); pack it again")


def is_archive(path: Path) -> bool:
    """Whether the name is that of a zip or tar archive."""
    return path.name.lower().endswith(ARCHIVE_ENDINGS)


def _folder_entries(folder: Path) -> Iterator[Entry]:
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise InputError(f"the folder {folder} holds no files; put one structure file for each material into it")
    for path in paths:
        bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
        yield Entry(bare.stem, path, expected=_is_named_like_a_structure(bare.name))


def _is_named_like_a_structure(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in STRUCTURE_SUFFIXES or name.upper().startswith(("POSCAR", "CONTCAR"))


def _archive_entries(path: Path) -> Iterator[Entry]:
    members = _zip_members if path.name.lower().endswith(".zip") else _tar_members
    try:
        for name, content in members(path):
            if _is_entry(name):
                bare = PurePosixPath(name[:-3] if _is_compressed(name) else name)
                yield Entry(_name_in_archive(bare), content, expected=_is_named_like_a_structure(bare.name))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _name_in_archive(place: PurePosixPath) -> str:
    """The file's stem; that of the folder for ``mp-1/POSCAR``."""
    plain = place.name.upper() in ("POSCAR", "CONTCAR")
    return place.parent.name if plain and place.parent.name else place.stem


def _zip_members(path: Path) -> Iterator[tuple[str, Packed | Refused]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield member.filename, _packed(member.filename, member.file_size, lambda: archive.open(member))  # noqa: B023 - called at once


def _tar_members(path: Path) -> Iterator[tuple[str, Packed | Refused]]:
    # Read from front to end, so that a compressed archive is unpacked once.
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isfile():
                yield member.name, _packed(member.name, member.size, lambda: archive.extractfile(member))  # noqa: B023


def _packed(name: str, size: int, opened: Callable[[], IO[bytes] | None]) -> Packed | Refused:
    if size > BUDGET.bytes_per_structure:
        limit = BUDGET.bytes_per_structure // 1_000_000
        return Refused(f"it has more than {limit} MB", "leave it out or reduce it to one cell")
    try:
        file = opened()
        return Packed(b"" if file is None else file.read(), _is_compressed(name))
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        # How zipfile says that a member is encrypted, packed in a way it does not know, or damaged; others can be read.
        return Refused(f"it cannot be unpacked ({error})", "pack the archive again")


def _is_compressed(name: str) -> bool:
    return name.lower().endswith(".gz")


def _frame_entries(path: Path) -> Iterator[Entry]:
    try:
        frames = extended_xyz_frames(plain_text(text_of_file(path)))
    except StructureError as error:
        raise InputError(f"{path}: {error}") from error
    for position, frame in enumerate(frames, start=1):
        yield Entry(path.stem if len(frames) == 1 else str(position), Frame(tuple(frame)))


def _json_entries(path: Path) -> Iterator[Entry]:
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            document = json.loads(file.read().decode("utf-8-sig"))
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no readable JSON ({error}); write it again with json.dump") from error
    for name, record in _records(document):
        structure, properties = _split_record(record)
        named = next((str(properties[key]) for key in _ID_KEYS if isinstance(properties.get(key), str | int)), name)
        yield Entry(named, Document(structure), properties)


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


def _database_entries(path: Path) -> Iterator[Entry]:
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
        atoms = Atoms(np.asarray(row.cell, dtype=np.float64), np.asarray(row.numbers), np.asarray(row.positions))
        yield Entry(str(row.id), atoms, properties)


def _require_systems(path: Path) -> None:
    """Refuse SQLite files without ASE's main table, which ASE would write into them; raises ValueError or sqlite3's."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'systems'").fetchone() is None:
            raise ValueError("it has no table of systems; write it with ase.db")

"""One place for all that is computed once: what it was made from names it, so that it is never out of date.

A record is a small file or a folder, written whole or not at all and checked by its digests when it is read. Records of
one kind lie in a folder of that name, ``KIND/ab/cdef...``; several processes may read, write and remove at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from matscout.data.files import is_abandoned, mark_of_maker
from matscout.errors import UsageError

FILES = ".files.json"
"""List of what a folder holds: name of each file -> its size in bytes and its SHA-256."""

UNFINISHED = ".unfinished"
"""Folder of the store in which records are written before they take their place, and taken apart after it."""

_DIGEST = hashlib.sha256().digest_size

_ATTEMPTS = 20
"""To put a record in its place while other processes forget what lay beside it."""

_remarks = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoreEntry:
    """One record of a store.

    Parameters
    ----------
    kind, key
        What it is, and the digest of what it was made from.
    path
        The file or folder.
    size
        Bytes on the disk.
    used
        When it was last written or asked for, in seconds since 1970.
    """

    kind: str
    key: str
    path: Path
    size: int
    used: float


@dataclass(frozen=True)
class Store:
    """Records in a folder, which is made when the first of them is written."""

    folder: Path

    @classmethod
    def of_user(cls) -> Store:
        """The one that all runs of this user share, in the folder that the system has for caches."""
        import platformdirs

        return cls(Path(platformdirs.user_cache_dir("matscout", appauthor=False)) / "store")

    def get_bytes(self, kind: str, key: str) -> bytes | None:
        """A small record; None if there is none, or if it is damaged, which is logged as a warning."""
        path = self._path(kind, key)
        try:
            whole = path.read_bytes()
        except OSError:
            return None
        digest, content = whole[:_DIGEST], whole[_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            self._damaged(path)
            return None
        _touch(path)
        return content

    def put_bytes(self, kind: str, key: str, content: bytes) -> None:
        """Keep a small record; it takes the place of an older one.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        path, unfinished = self._path(kind, key), self._new_place()
        try:
            unfinished.write_bytes(hashlib.sha256(content).digest() + content)
            _move(unfinished, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def get_folder(self, kind: str, key: str) -> Path | None:
        """The folder of a record, which must be read only; None if there is none, or it is damaged, as above."""
        path = self._path(kind, key)
        for _ in range(_ATTEMPTS):
            listing = _read(path / FILES)
            if listing is not None and _is_whole(path, listing):
                _touch(path)
                return path
            if not path.exists():
                return None
            # Else another process has forgotten it meanwhile, and perhaps made it anew.
            if listing is not None and listing == _read(path / FILES):
                break
        self._damaged(path)
        return None

    @contextlib.contextmanager
    def put_folder(self, kind: str, key: str) -> Iterator[Path]:
        """An empty folder to write the files of a record to; it takes its place on leaving without an error.

        A record that is there by then stays: it was made from the same. Names of files that begin with a dot are the
        store's own.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        path, unfinished = self._path(kind, key), self._new_place()
        self._clear_abandoned()
        try:
            unfinished.mkdir()
            yield unfinished
            (unfinished / FILES).write_text(_list_of_files(unfinished), encoding="utf-8")
            _move(unfinished, path)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def growing_folder(self, kind: str, key: str) -> Path:
        """A folder that goes on being written to, by formats that look after themselves: a database, a log.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        path = self._path(kind, key)
        path.mkdir(parents=True, exist_ok=True)
        _touch(path)
        return path

    def entries(self, kind: str | None = None) -> tuple[StoreEntry, ...]:
        """All records, or those of a kind, the one that was used longest ago first."""
        entries = []
        for place in self._kinds() if kind is None else [self.folder / _checked_kind(kind)]:
            for shelf in _listed(place):
                entries += [_entry(place.name, shelf, path) for path in _listed(shelf)]
        return tuple(sorted((entry for entry in entries if entry is not None), key=lambda entry: entry.used))

    def remove(self, kind: str, key: str) -> None:
        """Forget a record; nothing happens if there is none."""
        self._discard(self._path(kind, key))

    def drop_damaged(self, kind: str, key: str) -> None:
        """Forget a growing folder whose format says that it is damaged, which is logged as a warning."""
        self._damaged(self._path(kind, key))

    def prune(
        self, *, max_bytes: int | None = None, older_than: timedelta | None = None, kind: str | None = None
    ) -> tuple[StoreEntry, ...]:
        """Forget records, those that were used longest ago first.

        Parameters
        ----------
        max_bytes
            What is kept takes no more than this.
        older_than
            What was not used for so long goes.
        kind
            Only records of this kind are looked at; alone, all of them go.

        Returns
        -------
        tuple of StoreEntry
            Those that were forgotten.

        Raises
        ------
        UsageError
            If nothing says which to forget, or there are no records of the kind.
        """
        if max_bytes is None and older_than is None and kind is None:
            raise UsageError("choose what to remove: by size, by age or by kind")
        if kind is not None and kind not in (kinds := [place.name for place in self._kinds()]):
            raise UsageError(
                f"nothing of the kind {kind!r} is stored; the kinds are {', '.join(kinds) or 'nothing at all'}"
            )
        self._clear_abandoned()
        entries = self.entries(kind)
        whole_kind = max_bytes is None and older_than is None
        latest = time.time() - older_than.total_seconds() if older_than is not None else -np.inf
        left = sum(entry.size for entry in entries)
        gone = []
        for entry in entries:
            if whole_kind or entry.used < latest or (max_bytes is not None and left > max_bytes):
                self._discard(entry.path)
                gone.append(entry)
                left -= entry.size
        return tuple(gone)

    def _kinds(self) -> list[Path]:
        return [path for path in _listed(self.folder) if path.is_dir()]

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / _checked_kind(kind) / key[:2] / key[2:]

    def _new_place(self) -> Path:
        place = self.folder / UNFINISHED
        if not place.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        return place / f"{mark_of_maker()}.{secrets.token_hex(4)}"

    def _clear_abandoned(self) -> None:
        """Forget what killed processes have left unfinished."""
        for path in _listed(self.folder / UNFINISHED):
            if is_abandoned(path):
                _delete(path)

    def _discard(self, path: Path) -> None:
        """Forget a record, whole for whoever looks for it meanwhile."""
        with contextlib.suppress(OSError):
            place = self._new_place()
            path.rename(place)
            _delete(place)
            path.parent.rmdir()
            path.parent.parent.rmdir()

    def _damaged(self, path: Path) -> None:
        _remarks.warning("%s is damaged (a disk fault, or a changed file): it is computed again", path)
        self._discard(path)


def key_of(*parts: object) -> str:
    """SHA-256 (64 hexadecimal digits) of values, the same in every process and on every machine.

    Numbers, texts, None and lists or mappings of them count as in JSON; an array by dtype, shape and content; a file or
    folder (:class:`~pathlib.Path`) by its content, not its name; a dataclass by its name and the fields that it is
    compared by; sets and mappings in any order.

    Raises
    ------
    OSError
        If there is no such file.
    TypeError
        If something else is among the parts.
    """
    return hashlib.sha256(_canonical(list(parts)).encode()).hexdigest()


def _canonical(part: object) -> str:
    return json.dumps(_plain(part), separators=(",", ":"), sort_keys=True, ensure_ascii=True)


def _plain(part: object) -> Any:
    """As values of JSON; whatever has none of its own is a mapping with one key, which says what it is."""
    if part is None or (isinstance(part, str | bool | int | float) and not isinstance(part, Enum)):
        return part
    if isinstance(part, list | tuple):
        return [_plain(one) for one in part]
    if is_dataclass(part) and not isinstance(part, type):
        values = {field.name: _plain(getattr(part, field.name)) for field in fields(part) if field.compare}
        return {type(part).__name__: values}
    for kind, plain_form in _PLAIN_FORMS.items():
        if isinstance(part, kind):
            return plain_form(part)
    raise TypeError(
        f"a key cannot contain {type(part).__name__}; give it as numbers, texts, arrays, files or a dataclass"
    )


def _about_array(array: np.ndarray[Any, Any]) -> list[Any]:
    if array.dtype.hasobject:
        return ["objects", list(array.shape), [_plain(one) for one in array.ravel().tolist()]]
    flat = np.ascontiguousarray(array).reshape(-1)
    content = flat.view(np.uint8).data if array.dtype.itemsize else b""
    return [array.dtype.str, list(array.shape), hashlib.sha256(content).hexdigest()]


_PLAIN_FORMS: Mapping[type, Callable[[Any], Any]] = {
    Mapping: lambda part: {
        "mapping": sorted(([_plain(key), _plain(value)] for key, value in part.items()), key=json.dumps)
    },
    Set: lambda part: {"set": sorted((_plain(one) for one in part), key=json.dumps)},
    Enum: lambda part: {"enum": _plain(part.value)},
    bytes: lambda part: {"bytes": hashlib.sha256(part).hexdigest()},
    Path: lambda part: {"file": _digest_of_place(part)},
    date: lambda part: {"date": part.isoformat()},
    np.generic: lambda part: _plain(part.item()),
    np.ndarray: lambda part: {"array": _about_array(part)},
}
"""How values of these kinds stand in a key."""


def _digest_of_place(path: Path) -> Any:
    """Of a file, or of all files of a folder with their names in it."""
    if not path.is_dir():
        return _digest_of_file(path)
    return [[_name_in(path, file), _digest_of_file(file)] for file in _files(path)]


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _list_of_files(folder: Path) -> str:
    """What :data:`FILES` says of a folder; no two writings of it say the same."""
    about = {_name_in(folder, file): [file.stat().st_size, _digest_of_file(file)] for file in _files(folder)}
    return json.dumps({"writing": secrets.token_hex(8), "files": about})


def _is_whole(folder: Path, listing: str) -> bool:
    """Whether all files of a folder are as its list says."""
    try:
        about = json.loads(listing)["files"].items()
        return all(
            (folder / name).stat().st_size == size and _digest_of_file(folder / name) == digest
            for name, (size, digest) in about
        )
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return False


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _name_in(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _listed(folder: Path) -> list[Path]:
    """What is in a folder but hidden; nothing if there is no such folder."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _entry(kind: str, shelf: Path, path: Path) -> StoreEntry | None:
    """None if it has gone meanwhile."""
    try:
        status = path.stat()
        if not path.is_dir():
            return StoreEntry(kind, shelf.name + path.name, path, status.st_size, max(status.st_atime, status.st_mtime))
        size = sum(file.stat().st_size for file in _files(path))
    except OSError:
        return None
    return StoreEntry(kind, shelf.name + path.name, path, size, status.st_mtime)


def _checked_kind(kind: str) -> str:
    if not kind.replace("-", "").isalnum() or kind.startswith("-"):
        raise UsageError(f"kinds of records have names such as cells or prepared-crystals, not {kind!r}")
    return kind


def _touch(path: Path) -> None:
    """Take down that a record is used: of a file as the time of its last reading, so that it is known when it was made.

    Of a folder it is the time of its last writing: systems take a listing for a reading.
    """
    # A store that may only be read serves as well; then nobody prunes it.
    with contextlib.suppress(OSError):
        if path.is_dir():
            os.utime(path)
        else:
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _move(unfinished: Path, path: Path) -> None:
    """Give a record its place; a folder that another process has put there meanwhile stays."""
    for _ in range(_ATTEMPTS):
        try:
            unfinished.replace(path)
            return
        except OSError:
            if path.is_dir() and unfinished.is_dir():
                return
            # Nothing of this kind is there yet, or another process is forgetting what was.
            with contextlib.suppress(FileExistsError):  # It goes between being seen and being asked what it is.
                path.parent.mkdir(parents=True, exist_ok=True)
            time.sleep(0.002)
    unfinished.replace(path)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

"""Vectors that were computed once, by the content of structure or formula: shared by all runs of this user.

All vectors of one maker are one growing record of the store, an SQLite file: a record for each of a million vectors
would cost more than most vectors do.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.store import Store, key_of

KIND = "vectors"
"""What vectors are in a store."""

LARGEST = 4_000_000_000
"""Bytes; of a larger file the oldest vectors go, and of larger files the one that was used longest ago."""

ASKED_AT_ONCE = 500


def keys_of(structures: Structures) -> list[bytes]:
    """A key for each of n structures: equal where cell and sites are equal."""
    keys = []
    for row in range(len(structures)):
        one, hashed = structures[row : row + 1], hashlib.blake2b(digest_size=16)
        known = (one.lattices, one.atomic_numbers, one.fractional_coordinates, one.occupancies)
        for array in (*known, *(() if one.pbc.all() else (one.pbc,)), *((one.charge,) if one.charge.any() else ())):
            hashed.update(np.ascontiguousarray(array).tobytes() + b"|")
        keys.append(hashed.digest())
    return keys


def keys_of_formulas(materials: Materials) -> list[bytes]:
    """A key for each of n materials without structures: equal where formula and composition are equal."""
    keys, compositions = [], materials.compositions
    for row, formula in enumerate(materials.formulas.tolist()):
        entries, hashed = slice(*compositions.offsets[row : row + 2]), hashlib.blake2b(digest_size=16)
        for part in (
            formula.encode(),
            compositions.elements[entries].tobytes(),
            compositions.amounts[entries].tobytes(),
        ):
            hashed.update(part + b"|")
        keys.append(hashed.digest())
    return keys


@dataclass(frozen=True)
class VectorCache:
    """Vectors by one maker, which many processes may read while one writes; a damaged file is an empty one.

    Parameters
    ----------
    store
        Where they are kept.
    maker
        Representation, and all that its vectors rest on (:attr:`~matscout.represent.base.Representation.origin`).
    """

    store: Store
    maker: str

    def get(self, keys: Sequence[bytes]) -> dict[int, NDArray[np.float64]]:
        """The vectors that are there: place of the key -> vector."""
        try:
            path = self._file()
            if not path.is_file():
                return {}
            with closing(sqlite3.connect(path, timeout=60.0)) as database:
                vectors: dict[bytes, bytes] = {}
                for start in range(0, len(keys), ASKED_AT_ONCE):
                    some = keys[start : start + ASKED_AT_ONCE]
                    marks = ",".join("?" * len(some))
                    vectors |= dict(database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some))
        except (OSError, sqlite3.OperationalError):
            return {}
        except sqlite3.DatabaseError:
            self.store.drop_damaged(KIND, self._key)
            return {}
        return {place: np.frombuffer(vectors[key]) for place, key in enumerate(keys) if key in vectors}

    def put(self, vectors: Mapping[bytes, NDArray[np.float64]]) -> None:
        """Keep vectors; the oldest ones go if there are too many.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        path = self._file()
        if not path.is_file():
            self.store.prune(kind=KIND, max_bytes=LARGEST)
            path = self._file()
        rows = [(key, np.ascontiguousarray(vector).tobytes()) for key, vector in vectors.items()]
        try:
            with closing(sqlite3.connect(path, timeout=60.0)) as database, database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB UNIQUE, vector BLOB)")
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
                _forget_oldest(database)
        except sqlite3.DatabaseError as error:
            raise OSError(f"{path} cannot be written ({error})") from error

    @property
    def _key(self) -> str:
        return key_of(self.maker)

    def _file(self) -> Path:
        return self.store.growing_folder(KIND, self._key) / "vectors.sqlite"


def _forget_oldest(database: sqlite3.Connection) -> None:
    """Keep the newer half once the file is too large; freed pages are used again."""
    (pages,), (free,), (size,) = (
        database.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > LARGEST:
        database.execute("DELETE FROM vectors WHERE rowid <= (SELECT (MIN(rowid) + MAX(rowid)) / 2 FROM vectors)")

"""Vectors that were computed once, by the content of structure or formula: shared by all runs of this user."""

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

LARGEST = 4_000_000_000
"""Bytes; a larger cache loses its oldest vectors."""

ASKED_AT_ONCE = 500


def user_cache() -> Path:
    """The file that all runs of this user share."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("matscout", appauthor=False)) / "vectors.sqlite"


def keys_of(structures: Structures, maker: str) -> list[bytes]:
    """A key for each of n structures: equal where ``maker`` (code and representation), cell and sites are equal."""
    start = hashlib.blake2b(maker.encode(), digest_size=16)
    keys = []
    for row in range(len(structures)):
        one, hashed = structures[row : row + 1], start.copy()
        known = (one.lattices, one.atomic_numbers, one.fractional_coordinates, one.occupancies)
        for array in (*known, *(() if one.pbc.all() else (one.pbc,)), *((one.charge,) if one.charge.any() else ())):
            hashed.update(np.ascontiguousarray(array).tobytes() + b"|")
        keys.append(hashed.digest())
    return keys


def keys_of_formulas(materials: Materials, maker: str) -> list[bytes]:
    """A key for each of n materials without structures: equal where ``maker``, formula and composition are equal."""
    start, compositions = hashlib.blake2b(maker.encode(), digest_size=16), materials.compositions
    keys = []
    for row, formula in enumerate(materials.formulas.tolist()):
        entries, hashed = slice(*compositions.offsets[row : row + 2]), start.copy()
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
    """Vectors in an SQLite file, which many processes may read while one writes; a damaged file is an empty one."""

    path: Path

    def get(self, keys: Sequence[bytes]) -> dict[int, NDArray[np.float64]]:
        """The vectors that are there: place of the key -> vector."""
        if not self.path.is_file():
            return {}
        try:
            with closing(sqlite3.connect(self.path, timeout=60.0)) as database:
                found: dict[bytes, bytes] = {}
                for start in range(0, len(keys), ASKED_AT_ONCE):
                    some = keys[start : start + ASKED_AT_ONCE]
                    marks = ",".join("?" * len(some))
                    found |= dict(database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some))
        except sqlite3.DatabaseError:
            return {}
        return {place: np.frombuffer(found[key]) for place, key in enumerate(keys) if key in found}

    def put(self, vectors: Mapping[bytes, NDArray[np.float64]]) -> None:
        """Keep vectors; the oldest ones go if there are too many.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(key, np.ascontiguousarray(vector).tobytes()) for key, vector in vectors.items()]
        try:
            with closing(sqlite3.connect(self.path, timeout=60.0)) as database, database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB UNIQUE, vector BLOB)")
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
                _forget_oldest(database)
        except sqlite3.DatabaseError as error:
            raise OSError(f"{self.path} cannot be written ({error})") from error


def _forget_oldest(database: sqlite3.Connection) -> None:
    """Keep the newer half once the file is too large; freed pages are used again."""
    (pages,), (free,), (size,) = (
        database.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > LARGEST:
        database.execute("DELETE FROM vectors WHERE rowid <= (SELECT (MIN(rowid) + MAX(rowid)) / 2 FROM vectors)")

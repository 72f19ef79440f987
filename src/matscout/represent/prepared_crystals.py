"""Crystals prepared for training once, by all processors, and kept as arrays that are mapped into memory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.code_digest import VECTORS, digest_of_code
from matscout.crystal.crystals import Crystals
from matscout.crystal.environments import Surroundings
from matscout.data.files import atomic_folder
from matscout.data.structures import Structures
from matscout.errors import InputError
from matscout.represent.crystal_store import CrystalStore
from matscout.workers import Lost, in_processes, in_this_process

Arrays = Mapping[str, NDArray[Any]]

AT_ONCE = 2000
SECONDS = 600.0
"""Longest time for so many crystals."""

KEPT = 4
"""Prepared collections that are kept; the one that was used longest ago goes first."""


DIGESTS = "digests.json"
"""Names of the arrays, and SHA-256 of their files."""


@dataclass(frozen=True)
class Preparation:
    """What of the surroundings of sites is kept, see :func:`~matscout.crystal.environments.environments`."""

    surroundings: Surroundings = "nearest"
    number: int = 36
    merged: bool = True


def prepared(structures: Structures, how: Preparation, folder: Path | None) -> CrystalStore:
    """Prepare n ordered structures, or find what an earlier call with the same code kept in ``folder``.

    Parameters
    ----------
    structures
        n ordered structures.
    how
        What is prepared.
    folder
        Where arrays are kept from run to run; None, or one that cannot be written into, to keep them in memory.

    Raises
    ------
    InputError
        If a part of the structures takes too long, or ends its process.
    """
    if folder is None:
        return CrystalStore.from_arrays(_computed(structures, how))
    kept = folder / _key(structures, how)
    found = _mapped(kept)
    if found is None:
        found = _computed(structures, how)
        found = _mapped(kept) or found if _keep(found, kept) else found
    return CrystalStore.from_arrays(found)


def _computed(structures: Structures, how: Preparation) -> Arrays:
    starts = range(0, len(structures), AT_ONCE)
    work = [(structures[start : start + AT_ONCE], how) for start in starts]
    run = in_this_process if len(work) == 1 else in_processes
    parts = []
    for start, result in zip(starts, run(_arrays_of, work, seconds=SECONDS), strict=True):
        if isinstance(result, Lost):
            end = min(start + AT_ONCE, len(structures))
            raise InputError(f"usable crystals {start + 1} to {end} could not be prepared: {result.reason}")
        parts.append(result)
    return _joined(parts)


def _arrays_of(work: tuple[Structures, Preparation]) -> Arrays:
    structures, how = work
    crystals = Crystals.from_structures(structures)
    return CrystalStore.from_crystals(crystals, how.surroundings, how.number, merged=how.merged).arrays()


def _joined(parts: Sequence[Arrays]) -> Arrays:
    """One part after the other; offsets go on where those of the part before end."""
    return {name: np.concatenate(list(_shifted(name, parts))) for name in parts[0]}


def _shifted(name: str, parts: Sequence[Arrays]) -> Iterator[NDArray[Any]]:
    if not name.endswith("offsets"):
        yield from (part[name] for part in parts)
        return
    end = 0
    for number, part in enumerate(parts):
        yield (part[name] if number == 0 else part[name][1:]) + end
        end += int(part[name][-1])


def _key(structures: Structures, how: Preparation) -> str:
    found = hashlib.sha256(f"{digest_of_code(VECTORS)} {astuple(how)}".encode())
    for array in vars(structures).values():
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]


def _mapped(kept: Path) -> Arrays | None:
    """The arrays of a folder, mapped; None if there are none or they are damaged."""
    try:
        digests = json.loads((kept / DIGESTS).read_text(encoding="utf-8"))
        if any(_digest(kept / f"{name}.npy") != digest for name, digest in digests.items()):
            return None
        arrays = {name: np.load(kept / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in digests}
    except (OSError, ValueError, AttributeError):
        return None
    with contextlib.suppress(OSError):
        kept.touch()
    return arrays


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(arrays: Arrays, kept: Path) -> bool:
    """Write the arrays, and forget what was used longest ago; whether that was possible."""
    try:
        with atomic_folder(kept) as unfinished:
            for name, array in arrays.items():
                np.save(unfinished / f"{name}.npy", array, allow_pickle=False)
            digests = {name: _digest(unfinished / f"{name}.npy") for name in arrays}
            (unfinished / DIGESTS).write_text(json.dumps(digests), encoding="utf-8")
        # Other processes write into folders whose names begin with a dot.
        folders = [path for path in kept.parent.iterdir() if path.is_dir() and not path.name.startswith(".")]
        for old in sorted(folders, key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return False
    return True

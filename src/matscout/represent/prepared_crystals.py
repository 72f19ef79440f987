"""Crystals prepared for training once, by all processors, and kept as arrays that are mapped into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.crystal.crystals import Crystals
from matscout.crystal.environments import Surroundings
from matscout.data.structures import Structures
from matscout.errors import InputError
from matscout.represent.crystal_store import CrystalStore
from matscout.store import Store, key_of
from matscout.workers import Lost, in_processes, in_this_process

Arrays = Mapping[str, NDArray[Any]]

AT_ONCE = 2000
SECONDS = 600.0
"""Longest time for so many crystals."""

KIND, KEPT = "crystals", 4
"""What prepared collections are in a store, and how many of them are kept: the one used longest ago goes first."""


@dataclass(frozen=True)
class Preparation:
    """What of the surroundings of sites is kept, see :func:`~matscout.crystal.environments.environments`."""

    surroundings: Surroundings = "nearest"
    number: int = 36
    merged: bool = True


def prepared(structures: Structures, how: Preparation, store: Store | None) -> CrystalStore:
    """Prepare n ordered structures, or find what an earlier call with the same code kept.

    Parameters
    ----------
    structures
        n ordered structures.
    how
        What is prepared.
    store
        Where arrays are kept from run to run; None, or one that cannot be written into, to keep them in memory.

    Raises
    ------
    InputError
        If a part of the structures takes too long, or ends its process.
    """
    if store is None:
        return CrystalStore.from_arrays(_computed(structures, how))
    key = key_of(digest_of_code(__name__), how, structures)
    arrays = _mapped(store, key)
    if arrays is None:
        arrays = _computed(structures, how)
        arrays = _mapped(store, key) or arrays if _keep(arrays, store, key) else arrays
    return CrystalStore.from_arrays(arrays)


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


def _mapped(store: Store, key: str) -> Arrays | None:
    """The arrays of a record, mapped; None if there is none."""
    folder = store.get_folder(KIND, key)
    if folder is None:
        return None
    return {path.stem: np.load(path, mmap_mode="r", allow_pickle=False) for path in folder.glob("*.npy")}


def _keep(arrays: Arrays, store: Store, key: str) -> bool:
    """Write the arrays, and forget what was used longest ago; whether that was possible."""
    try:
        with store.put_folder(KIND, key) as unfinished:
            for name, array in arrays.items():
                np.save(unfinished / f"{name}.npy", array, allow_pickle=False)
    except OSError:
        return False
    for old in store.entries(KIND)[:-KEPT]:
        store.remove(KIND, old.key)
    return True

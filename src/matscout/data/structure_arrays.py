"""Structures as arrays in one NumPy file: the form in which millions are kept."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from matscout.data.files import atomic_write
from matscout.data.structures import Structures
from matscout.errors import InputError

NEEDED = ("lattice", "n_sites", "atomic_number", "frac_coords")
NAMES = ("material_id", "id", "ids")
FORM = (
    "expected lattice [n, 3, 3] (Å, rows are vectors), n_sites [n], and of all sites, structure by structure, "
    "atomic_number [s] and frac_coords [s, 3], perhaps occupancy [s] and material_id [n]"
)


def read_structure_arrays(path: Path) -> tuple[tuple[str, ...], Structures]:
    """Names and structures of a ``.npz`` file; the names are positions from 1 where it has none.

    Raises
    ------
    InputError
        If the file cannot be read, or its arrays do not fit together.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files if name in {*NEEDED, *NAMES, "occupancy"}}
    except (OSError, ValueError, BadZipFile, zlib.error, EOFError) as error:
        raise InputError(f"{path} is no readable file of arrays ({error}); {FORM}") from error
    if missing := [name for name in NEEDED if name not in arrays]:
        raise InputError(f"{path} has no array {', '.join(missing)}; {FORM}")
    offsets = np.concatenate([[0], np.cumsum(arrays["n_sites"], dtype=np.int64)])
    _require_fit(path, arrays, int(offsets[-1]))
    structures = Structures(
        arrays["lattice"].astype(np.float64),
        offsets,
        arrays["atomic_number"].astype(np.uint8),
        arrays["frac_coords"].astype(np.float64),
        arrays["occupancy"].astype(np.float64) if "occupancy" in arrays else np.ones(offsets[-1]),
    )
    names = next((arrays[name] for name in NAMES if name in arrays), np.arange(1, len(structures) + 1))
    return tuple(str(name) for name in names.tolist()), structures


def write_structure_arrays(path: Path, names: NDArray[np.str_], structures: Structures) -> Path:
    """Write what :func:`read_structure_arrays` reads, whole or not at all.

    Parameters
    ----------
    path
        The ``.npz`` file.
    names
        One for each of n structures.
    structures
        n structures.
    """
    with atomic_write(path) as unfinished:
        np.savez(
            unfinished,
            allow_pickle=False,
            material_id=names,
            lattice=structures.lattices,
            n_sites=np.diff(structures.offsets),
            atomic_number=structures.atomic_numbers,
            frac_coords=structures.fractional_coordinates,
            occupancy=structures.occupancies,
        )
    return path


def _require_fit(path: Path, arrays: Mapping[str, NDArray[Any]], sites: int) -> None:
    n = len(arrays["n_sites"])
    wanted = {"lattice": (n, 3, 3), "atomic_number": (sites,), "frac_coords": (sites, 3), "occupancy": (sites,)}
    wanted |= dict.fromkeys(NAMES, (n,))
    for name, array in arrays.items():
        if name in wanted and array.shape != wanted[name]:
            raise InputError(f"{path}: the array {name} is {list(array.shape)}, not {list(wanted[name])}; {FORM}")
    numbers = arrays["atomic_number"]
    if len(numbers) and not (numbers.min() >= 1 and numbers.max() <= 118):
        raise InputError(f"{path}: atomic numbers lie from {numbers.min()} to {numbers.max()}, not in 1 to 118")

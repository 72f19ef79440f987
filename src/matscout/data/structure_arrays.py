"""Structures as arrays in one NumPy file: the form in which millions are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.array_files import read_arrays
from matscout.data.budgets import BUDGET
from matscout.data.files import atomic_write
from matscout.data.guards import guarded
from matscout.data.structures import Structures
from matscout.errors import InputError

NEEDED = ("lattice", "n_sites", "atomic_number", "frac_coords")
NAMES = ("material_id", "id", "ids")
OPTIONAL = ("occupancy", "pbc", "charge")
OF_SITES, OF_STRUCTURES = "site ", "structure "
"""How arrays are called that are columns of sites and of structures: ``"site forces"``."""
FORM = (
    "expected lattice [n, 3, 3] (Å, rows are vectors), n_sites [n], and of all sites, structure by structure, "
    "atomic_number [s] and frac_coords [s, 3], perhaps occupancy [s], material_id [n], pbc [n, 3], charge [n], and "
    'columns such as "site forces" [s, 3] and "structure stress" [n, 6]'
)


def read_structure_arrays(path: Path) -> tuple[tuple[str, ...], Structures]:
    """Names and structures of a ``.npz`` file; the names are positions from 1 where it has none.

    Raises
    ------
    InputError
        If the file cannot be read, or its arrays do not fit together.
    """
    # zipfile and numpy raise a dozen kinds for damaged files.
    with guarded(f"{path} is not a readable file of arrays", FORM):
        arrays = read_arrays(path, _is_known, BUDGET.bytes_unpacked)
    if missing := [name for name in NEEDED if name not in arrays]:
        raise InputError(f"{path} has no array {', '.join(missing)}; {FORM}")
    counts = _whole_numbers(path, "n_sites", arrays["n_sites"])
    if counts.ndim != 1 or (counts < 0).any() or (counts > BUDGET.bytes_unpacked).any():
        raise InputError(f"{path}: n_sites must hold numbers of atoms; {FORM}")
    offsets = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    _require_fit(path, arrays, int(offsets[-1]))
    numbers = _whole_numbers(path, "atomic_number", arrays["atomic_number"])
    structures = Structures(
        arrays["lattice"].astype(np.float64),
        offsets,
        numbers.astype(np.uint8),
        arrays["frac_coords"].astype(np.float64),
        arrays["occupancy"].astype(np.float64) if "occupancy" in arrays else np.ones(offsets[-1]),
        arrays["pbc"].astype(np.bool_) if "pbc" in arrays else np.ones((len(counts), 3), dtype=np.bool_),
        arrays["charge"].astype(np.float64) if "charge" in arrays else np.zeros(len(counts)),
        _columns(arrays, OF_SITES),
        _columns(arrays, OF_STRUCTURES),
    ).merged()
    names = next((arrays[name] for name in NAMES if name in arrays), np.arange(1, len(structures) + 1))
    return tuple(map(_text, names.tolist())), structures


def _is_known(name: str) -> bool:
    return name in {*NEEDED, *NAMES, *OPTIONAL} or name.startswith((OF_SITES, OF_STRUCTURES))


def _columns(arrays: Mapping[str, NDArray[Any]], of: str) -> dict[str, NDArray[Any]]:
    """The columns of sites, or of structures."""
    columns = {name.removeprefix(of): array for name, array in arrays.items() if name.startswith(of)}
    return {name: array if array.dtype.kind == "U" else array.astype(np.float64) for name, array in columns.items()}


def _whole_numbers(path: Path, name: str, array: NDArray[Any]) -> NDArray[np.int64]:
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all() or (array != np.round(array)).any():
        raise InputError(f"{path}: the array {name} must contain whole numbers; {FORM}")
    return array.astype(np.int64)


def _text(name: object) -> str:
    return name.decode("utf-8", errors="replace") if isinstance(name, bytes) else str(name)


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
    known = structures.arrays
    held = {
        "material_id": names,
        "lattice": known.pop("lattices"),
        "n_sites": np.diff(known.pop("offsets")),
        "atomic_number": known.pop("atomic_numbers"),
        "frac_coords": known.pop("fractional_coordinates"),
        "occupancy": known.pop("occupancies"),
        **known,
    }
    with atomic_write(path) as unfinished:
        np.savez(unfinished, allow_pickle=False, **held)
    return path


def _require_fit(path: Path, arrays: Mapping[str, NDArray[Any]], sites: int) -> None:
    n = len(arrays["n_sites"])
    wanted = {"lattice": (n, 3, 3), "atomic_number": (sites,), "frac_coords": (sites, 3), "occupancy": (sites,)}
    wanted |= {"pbc": (n, 3), "charge": (n,), **dict.fromkeys(NAMES, (n,))}
    for name, array in arrays.items():
        length = sites if name.startswith(OF_SITES) else n
        shape = wanted.get(name, (length, *array.shape[1:]))
        if array.shape != shape:
            raise InputError(f"{path}: the array {name} is {list(array.shape)}, not {list(shape)}; {FORM}")
        is_column = name.startswith((OF_SITES, OF_STRUCTURES))
        if name not in NAMES and array.dtype.kind not in ("iufbU" if is_column else "iufb" if name == "pbc" else "iuf"):
            raise InputError(f"{path}: the array {name} must contain numbers, not {array.dtype}; {FORM}")
    numbers = arrays["atomic_number"]
    if len(numbers) and not (numbers.min() >= 1 and numbers.max() <= 118):
        raise InputError(f"{path}: atomic numbers lie from {numbers.min()} to {numbers.max()}, not in 1 to 118")

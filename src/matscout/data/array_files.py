"""NumPy arrays from files: what their headers claim is compared with what is there before memory is taken for it."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from matscout.data.budgets import BUDGET

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_arrays(
    path: Path, is_wanted: Callable[[str], bool] = lambda name: True, allowed: int | None = None
) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` file by name, no pickles among them.

    Parameters
    ----------
    path
        The file.
    is_wanted
        Which names are read.
    allowed
        Bytes that they may have together; None for many times those of the file.

    Raises
    ------
    Exception
        Of many kinds, if it is damaged; ValueError if it claims more than it holds, or becomes larger than allowed
        when it is unpacked.
    """
    if allowed is None:
        allowed = max(BUDGET.freely_unpacked, BUDGET.times_packed * path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        wanted = {name: member for name, member in members.items() if is_wanted(name)}
        if sum(member.file_size for member in wanted.values()) > allowed:
            raise ValueError(f"it becomes more than {allowed // 1_000_000:,} MB when unpacked")
        return {name: _member(archive, member) for name, member in wanted.items()}


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(member) as file:
        return read_array(file, member.file_size)


def read_array(file: IO[bytes], size: int) -> NDArray[Any]:
    """The array in an ``.npy`` file of ``size`` bytes, no pickle; raises as :func:`read_arrays`."""
    header = _HEADERS.get(npy.read_magic(file))
    if header is None:
        raise ValueError("it is not an array of numbers or texts")
    shape, in_columns, kind = header(file)
    if kind.hasobject:
        raise ValueError("it contains pickles, which are not opened")
    if any(type(n) is not int or n < 0 for n in shape) or kind.itemsize * math.prod(shape) > size:
        raise ValueError(f"an array claims the shape {list(shape)} of {kind.itemsize} bytes each, and has {size} bytes")
    content = file.read(kind.itemsize * math.prod(shape))
    if len(content) < kind.itemsize * math.prod(shape):
        raise ValueError(f"an array claims the shape {list(shape)} of {kind.itemsize} bytes each, and ends before")
    values = np.frombuffer(bytearray(content), kind, math.prod(shape))
    return values.reshape(shape, order="F" if in_columns else "C")

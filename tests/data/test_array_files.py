from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from matscout.data.array_files import read_array, read_arrays


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(12, dtype=np.int32).reshape(3, 4)),
        np.array(["µ", "NaCl"]),
        np.array(5.0),
        np.zeros((0, 3)),
        np.array([True, False]),
    ],
)
def test_arrays_are_those_that_numpy_wrote(array: np.ndarray, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", **{"part/one": array})
    found = read_arrays(tmp_path / "a.npz")["part/one"]
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
    found[...] = found


def lie(shape: str, kind: str = "<f8") -> bytes:
    """An array of two numbers whose header says something else."""
    header = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(16)


@pytest.mark.parametrize(
    "content",
    [
        *map(
            lie,
            ("(10**12,)", "(1000000000000,)", "(-1,)", "(1099511627776, 1099511627776)", "(True, 2)", "(1.5,)", "5"),
        ),
        lie("(1,)", "<U2000000000"),
        lie("(2,)", "|O"),
        b"\x93NUMPY\x03\x00",
        b"nothing",
        b"",
    ],
)
def test_what_headers_claim_is_not_believed(content: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        read_array(io.BytesIO(content), len(content))


def test_arrays_that_unpack_to_a_thousand_times_their_size_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, zeros=np.zeros(20_000_000))
    with pytest.raises(ValueError, match="more than 100 MB"):
        read_arrays(path)


def test_sizes_of_members_are_not_believed_either(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", lie("(3,)"))
    with pytest.raises(ValueError, match="an array claims the shape"):
        read_arrays(path)

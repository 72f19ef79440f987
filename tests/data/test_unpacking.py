from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from matscout.data import unpacking
from matscout.data.budgets import BUDGET
from matscout.data.sources import load_source
from matscout.data.unpacking import opened, unpacked
from matscout.errors import InputError

TEXT = b"formula,gap\nNaCl,8.5\n" * 200


def zeros(n: int) -> bytes:
    """A gzip file of n million zero bytes."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(1_000_000)) for _ in range(n)] + [packer.flush()])


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:]),
        bz2.compress(TEXT),
        lzma.compress(TEXT),
        b"",
        b"B",
    ],
    ids=["plain", "gzip", "gzip in two parts", "bzip2", "xz", "empty", "one byte"],
)
def test_content_is_the_same_packed_or_not(content: bytes, tmp_path: Path) -> None:
    expected = TEXT if len(content) > 1 else content
    assert unpacked(content, "t.csv") == expected
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with opened(path) as file:
        assert file.read(10) + file.read() == expected
    with path.open("rb") as stored:
        assert unpacking.unpacking(stored).read() == expected


def test_no_more_is_unpacked_than_the_budget_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "BUDGET", replace(BUDGET, freely_unpacked=3_000_000, times_packed=100))
    assert len(unpacked(zeros(3), "t.csv.gz")) == 3_000_000
    with pytest.raises(InputError, match=r"t\.csv\.gz becomes larger than 3 MB when unpacked.*unpack it first"):
        unpacked(zeros(5), "t.csv.gz")


def test_large_files_may_become_larger_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "BUDGET", replace(BUDGET, freely_unpacked=10_000, times_packed=1000))
    content = bytes(range(256)) * 400
    assert unpacked(gzip.compress(content), "t.csv.gz") == content


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-20], lambda b: b[:12] + b"\xff" * 30 + b[42:], lambda b: b[:-8] + bytes(8)]
)
def test_damaged_files_are_refused_in_words(damage) -> None:
    with pytest.raises(InputError, match=r"t\.csv\.gz is a damaged gzip file"):
        unpacked(damage(gzip.compress(TEXT)), "t.csv.gz")


@pytest.mark.parametrize(("packer", "kind"), [(bz2, "bzip2"), (lzma, "xz")])
def test_other_packings_are_refused_by_their_name(packer, kind: str) -> None:
    with pytest.raises(InputError, match=f"t.csv is a damaged {kind} file"):
        unpacked(packer.compress(TEXT)[:-20], "t.csv")


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz"])
def test_tables_and_structures_are_read_packed_or_not(ending: str, tmp_path: Path) -> None:
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[ending]
    poscar = "salt\n1\n4 0 0\n0 4 0\n0 0 4\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
    (tmp_path / f"t.csv.{ending}").write_bytes(pack(TEXT))
    (tmp_path / f"t.json.{ending}").write_bytes(pack('[{"formula": "NaCl", "gap": 8.5}]'.encode("utf-16")))
    (tmp_path / f"POSCAR.{ending}").write_bytes(pack(poscar.encode("utf-16")))
    assert len(load_source(tmp_path / f"t.csv.{ending}").table) == 200
    assert load_source(tmp_path / f"t.json.{ending}").table.columns == ["formula", "gap"]
    structures = load_source(tmp_path / f"POSCAR.{ending}").structures
    assert structures is not None
    assert structures.to_pymatgen(0).composition.reduced_formula == "NaCl"

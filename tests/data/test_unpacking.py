from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from matscout.data import unpacking
from matscout.data.budgets import BUDGET
from matscout.data.unpacking import opened, unpacked
from matscout.errors import InputError

TEXT = b"formula,gap\nNaCl,8.5\n" * 200


def zeros(n: int) -> bytes:
    """A gzip file of n million zero bytes."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(bytes(1_000_000)) for _ in range(n)] + [packer.flush()])


@pytest.mark.parametrize(
    "content",
    [TEXT, gzip.compress(TEXT), gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:])],
    ids=["plain", "packed", "packed in two parts"],
)
def test_content_is_the_same_packed_or_not(content: bytes, tmp_path: Path) -> None:
    assert unpacked(content, "t.csv") == TEXT
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with opened(path) as file:
        assert file.read(10) + file.read() == TEXT


def test_no_more_is_unpacked_than_the_budget_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "BUDGET", replace(BUDGET, freely_unpacked=3_000_000, times_packed=100))
    assert len(unpacked(zeros(3), "t.csv.gz")) == 3_000_000
    with pytest.raises(InputError, match=r"t\.csv\.gz becomes more than 3 MB when it is unpacked.*unpack it first"):
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

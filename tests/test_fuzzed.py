"""What fuzzing has found stays mended, and every reader takes what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzzed import READERS

FOUND = sorted((Path(__file__).parent / "cases" / "fuzz").glob("*-*"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_is_read_or_refused_in_words(path: Path) -> None:
    reader = READERS[path.name.rpartition("-")[0]]
    assert reader.failure(path.read_bytes()) is None


@pytest.mark.parametrize("name", READERS)
def test_good_inputs_are_read(name: str) -> None:
    for seed in READERS[name].seeds:
        READERS[name].read(seed)


@pytest.mark.parametrize("name", READERS)
def test_failures_are_told(name: str) -> None:
    def fail(content: bytes) -> None:
        raise IndexError(len(content))

    reader = type(READERS[name])(name, fail, (b"x",))
    assert str(reader.failure(b"x")).startswith("IndexError in test_fuzzed.py")

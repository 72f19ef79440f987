"""Prepared crystals: the same from files as from memory, however many parts; damage and a full disk cost nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.represent.crystals_at_hand import random_structures, store_of

from matscout.data.structures import Structures
from matscout.represent import prepared_crystals
from matscout.represent.crystal_store import CrystalStore
from matscout.represent.prepared_crystals import Preparation, prepared

GIVEN = random_structures(7)
STRUCTURES = Structures.from_pymatgen(GIVEN)
HOW = Preparation("nearest", 12)


def same(one: CrystalStore, two: CrystalStore) -> bool:
    mine, its = one.arrays(), two.arrays()
    return mine.keys() == its.keys() and all(np.array_equal(mine[name], its[name]) for name in mine)


def test_what_is_mapped_is_what_was_computed(tmp_path: Path) -> None:
    first = prepared(STRUCTURES, HOW, tmp_path)
    assert isinstance(first.environments.pairs.distances, np.memmap)
    again = prepared(STRUCTURES, HOW, tmp_path)
    assert same(first, store_of(GIVEN))
    assert same(first, again)
    assert len(list(tmp_path.iterdir())) == 1
    batch, expected = again.batch(np.array([3, 0])), store_of(GIVEN).batch(np.array([3, 0]))
    assert batch.pairs.kinds.equal(expected.pairs.kinds)
    assert batch.states.equal(expected.states)


def test_parts_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_crystals, "AT_ONCE", 3)
    assert same(prepared(STRUCTURES, HOW, None), store_of(GIVEN))


def test_other_crystals_and_other_surroundings_are_other_files(tmp_path: Path) -> None:
    prepared(STRUCTURES, HOW, tmp_path)
    assert len(prepared(STRUCTURES[2:], HOW, tmp_path)) == 5
    assert same(prepared(STRUCTURES, Preparation("nearest", 12, merged=False), tmp_path), store_of(GIVEN, merged=False))
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("name", ["pairs.distances.npy", prepared_crystals.DIGESTS])
@pytest.mark.parametrize("damage", [lambda told: b"", lambda told: told[: len(told) // 2], lambda told: told[::-1]])
def test_damaged_files_are_made_again(tmp_path: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    prepared(STRUCTURES, HOW, tmp_path)
    (folder,) = tmp_path.iterdir()
    (folder / name).write_bytes(damage((folder / name).read_bytes()))
    assert same(prepared(STRUCTURES, HOW, tmp_path), store_of(GIVEN))


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    (tmp_path / ".half-written").mkdir()
    for number in range(1, prepared_crystals.KEPT + 3):
        prepared(STRUCTURES, Preparation("nearest", number), tmp_path)
    assert (tmp_path / ".half-written").is_dir()


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    for number in range(1, prepared_crystals.KEPT + 3):
        prepared(STRUCTURES, Preparation("nearest", number), tmp_path)
    assert len(list(tmp_path.iterdir())) == prepared_crystals.KEPT


def test_where_nothing_can_be_written_they_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert same(prepared(STRUCTURES, HOW, tmp_path / "file" / "cache"), store_of(GIVEN))

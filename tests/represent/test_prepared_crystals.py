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
from matscout.store import FILES, Store

GIVEN = random_structures(7)
STRUCTURES = Structures.from_pymatgen(GIVEN)
HOW = Preparation("nearest", 12)


def same(one: CrystalStore, two: CrystalStore) -> bool:
    mine, its = one.arrays(), two.arrays()
    return mine.keys() == its.keys() and all(np.array_equal(mine[name], its[name]) for name in mine)


def test_what_is_mapped_is_what_was_computed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = prepared(STRUCTURES, HOW, store)
    assert isinstance(first.environments.pairs.distances, np.memmap)
    again = prepared(STRUCTURES, HOW, store)
    assert same(first, store_of(GIVEN))
    assert same(first, again)
    assert len(store.entries()) == 1
    batch, expected = again.batch(np.array([3, 0])), store_of(GIVEN).batch(np.array([3, 0]))
    assert batch.pairs.kinds.equal(expected.pairs.kinds)
    assert batch.states.equal(expected.states)


def test_parts_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_crystals, "AT_ONCE", 3)
    assert same(prepared(STRUCTURES, HOW, None), store_of(GIVEN))


def test_other_crystals_and_other_surroundings_are_other_files(tmp_path: Path) -> None:
    prepared(STRUCTURES, HOW, Store(tmp_path))
    assert len(prepared(STRUCTURES[2:], HOW, Store(tmp_path))) == 5
    assert same(
        prepared(STRUCTURES, Preparation("nearest", 12, merged=False), Store(tmp_path)), store_of(GIVEN, merged=False)
    )
    assert len(Store(tmp_path).entries()) == 3


@pytest.mark.parametrize("name", ["pairs.distances.npy", FILES])
@pytest.mark.parametrize("damage", [lambda told: b"", lambda told: told[: len(told) // 2], lambda told: told[::-1]])
def test_damaged_files_are_made_again(tmp_path: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    prepared(STRUCTURES, HOW, Store(tmp_path))
    (entry,) = Store(tmp_path).entries()
    folder = entry.path
    (folder / name).write_bytes(damage((folder / name).read_bytes()))
    assert same(prepared(STRUCTURES, HOW, Store(tmp_path)), store_of(GIVEN))


def test_only_the_latest_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(1, prepared_crystals.KEPT + 3):
        prepared(STRUCTURES, Preparation("nearest", number), store)
    assert len(store.entries()) == prepared_crystals.KEPT


def test_where_nothing_can_be_written_they_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert same(prepared(STRUCTURES, HOW, Store(tmp_path / "file" / "cache")), store_of(GIVEN))

"""Which rows are trained on when: functions of seed and epoch alone."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.errors import InputError
from matscout.represent.pretraining.loading import EpochBatches, split_rows


def test_split_is_a_partition_that_follows_the_seed():
    rows = np.arange(100)
    train, held_back = split_rows(rows, 0.1, seed=3)
    assert len(held_back) == 10
    assert sorted([*train, *held_back]) == list(range(100))
    np.testing.assert_array_equal(split_rows(rows, 0.1, seed=3)[1], held_back)
    assert not np.array_equal(split_rows(rows, 0.1, seed=4)[1], held_back)


@pytest.mark.parametrize(("n", "share"), [(10, 0.0), (10, 1.0), (3, 0.1), (0, 0.5)])
def test_an_empty_part_is_refused(n, share):
    with pytest.raises(InputError, match="both need at least one"):
        split_rows(np.arange(n), share, 0)


def test_families_are_held_back_whole():
    families = np.random.default_rng(0).integers(0, 60, 300) * 7
    train, held_back = split_rows(families, 0.1, seed=3)
    assert sorted([*train, *held_back]) == list(range(300))
    assert not set(families[train]) & set(families[held_back])
    assert 28 <= len(held_back) <= 30


def test_large_families_are_passed_over_and_the_smallest_of_none_that_fits_is_held_back():
    families = np.repeat([0, 1, 2], [90, 2, 8])
    assert set(families[split_rows(families, 0.04, seed=0)[1]]) == {1}
    assert len(split_rows(np.repeat([0, 1], [60, 40]), 0.1, seed=0)[1]) == 40
    with pytest.raises(InputError, match="all 5 materials are of one composition"):
        split_rows(np.zeros(5, dtype=int), 0.3, seed=0)


def test_an_epoch_visits_every_row_once_in_batches_of_nearly_equal_size():
    batches = EpochBatches(np.arange(10, 113), 20, seed=0)
    found = list(batches)
    assert len(found) == len(batches) == 6
    assert {len(batch) for batch in found} == {17, 18}
    assert sorted(np.concatenate(found).tolist()) == list(range(10, 113))


def test_batches_are_cut_by_size_and_none_is_empty():
    sizes = np.random.default_rng(0).integers(1, 30, 200)
    sizes[17] = 900
    batches = EpochBatches(np.arange(20, 180), 100, seed=0, sizes=sizes)
    found = list(batches)
    assert len(found) == len(batches) == int(np.ceil(sizes[20:180].sum() / 100))
    assert sorted(np.concatenate(found).tolist()) == list(range(20, 180))
    assert max(sizes[batch].sum() for batch in found) < 130
    with_giant = list(EpochBatches(np.arange(16, 20), 100, seed=0, sizes=sizes))
    assert [len(batch) for batch in with_giant] == [1, 1, 1, 1]


def test_the_order_follows_seed_and_epoch():
    def order(seed: int, epoch: int) -> list[int]:
        batches = EpochBatches(np.arange(50), 8, seed)
        batches.set_epoch(epoch)
        return np.concatenate(list(batches)).tolist()

    assert order(1, 4) == order(1, 4)
    assert order(1, 4) != order(1, 5)
    assert order(1, 4) != order(2, 4)


def test_without_a_seed_the_order_stays():
    assert np.concatenate(list(EpochBatches(np.arange(50), 8, None))).tolist() == list(range(50))


def test_processes_share_the_batches(monkeypatch):
    shares = []
    for rank in range(3):
        monkeypatch.setattr(EpochBatches, "_share", staticmethod(lambda rank=rank: (3, rank)))
        batches = EpochBatches(np.arange(100), 10, seed=0)
        shares.append(np.concatenate(list(batches)).tolist())
        assert len(list(batches)) == len(batches) == 3
    seen = [row for share in shares for row in share]
    assert len(set(seen)) == len(seen) == 90

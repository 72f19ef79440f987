"""Every protocol in the catalogue, by the suite that outside packages use too; and what only some promise."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.testing.protocols import TARGET, TASKS, ProtocolContract, labelled_rows, splits_of


class TestProtocols(ProtocolContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"cluster", "given", "group", "kfold", "masked", "repeated", "time"} <= set(self.names())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["kfold", "repeated", "group", "given", "cluster"])
def test_every_labelled_row_is_tested_once_per_repeat(name: str, task: str) -> None:
    dataset = labelled_rows(task)
    rows, counts = np.unique(np.concatenate([split.test for split in splits_of(name, dataset)]), return_counts=True)
    np.testing.assert_array_equal(rows, np.flatnonzero(dataset.targets[TARGET].known))
    assert set(counts.tolist()) == {2 if name == "repeated" else 1}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["kfold", "repeated", "cluster", "masked"])
def test_repeats_of_a_composition_are_never_on_both_sides(name: str, task: str) -> None:
    dataset = labelled_rows(task)
    keys = dataset.materials.compositions.keys()
    for split in splits_of(name, dataset):
        assert not set(keys[split.train]) & set(keys[split.test])

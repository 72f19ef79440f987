"""Sweeps: one folder for each combination, finished ones are not repeated."""

from __future__ import annotations

import pytest

from matscout.errors import UsageError
from matscout.represent.pretraining.sweeps import plan_runs


def test_one_run_for_each_combination_in_a_folder_that_names_it(tmp_path):
    runs = plan_runs(
        "composition_donor", ["data.labels=x", "seed=0,1", "encoders.composition.width=16,32"], tmp_path, True
    )
    assert [folder.name for folder in runs] == [
        f"seed={seed},encoders.composition.width={width}" for seed in (0, 1) for width in (16, 32)
    ]
    assert [experiment.seed for experiment in runs.values()] == [0, 0, 1, 1]


def test_a_larger_sweep_finds_the_folders_of_a_smaller_one(tmp_path):
    small = plan_runs("composition_donor", ["data.labels=x", "seed=0,1"], tmp_path, True)
    large = plan_runs("composition_donor", ["data.labels=x", "seed=0,1,2"], tmp_path, True)
    assert set(small) < set(large)


def test_awkward_values_make_plain_folder_names(tmp_path):
    runs = plan_runs("composition_donor", ["data.labels=a/b.parquet,'c d.parquet'"], tmp_path, True)
    assert [folder.name for folder in runs] == ["data.labels=a_b.parquet", "data.labels=_c_d.parquet_"]


def test_a_sweep_must_be_asked_for(tmp_path):
    with pytest.raises(UsageError, match="add --multirun"):
        plan_runs("composition_donor", ["data.labels=x", "seed=0,1"], tmp_path, False)


def test_every_run_is_checked_before_the_first_one(tmp_path):
    with pytest.raises(UsageError, match="whole number"):
        plan_runs("composition_donor", ["data.labels=x", "trainer.epochs=1,many"], tmp_path, True)

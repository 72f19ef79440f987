"""Runs that are stopped, killed or starved: nothing finished is lost, and the error says what to do."""

from __future__ import annotations

import csv
import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import lightning.pytorch as pl
import pytest
from safetensors.torch import load_file

from matscout.errors import InputError, UsageError
from matscout.progress import Progress
from matscout.represent.pretraining import module as module_file
from matscout.represent.pretraining.training import pretrain

UNTIL = """
import sys, time
from pathlib import Path
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

folder, stop_at, *overrides = sys.argv[1:]

def progress(step, done, total):
    if done == int(stop_at):
        Path(folder, "waiting").touch()
        time.sleep(600)

pretrain(read_experiment("composition_donor", overrides), Path(folder), progress)
"""
"""A run that waits at a step to be killed. An epoch of the small experiment has 5 steps."""


def run_and_kill(folder: Path, stop_at: int, overrides: list[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", UNTIL, str(folder), str(stop_at), *overrides]) as process:
        deadline = time.monotonic() + 120
        while not (folder / "waiting").exists():
            assert process.poll() is None, "the run ended by itself"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    (folder / "waiting").unlink()


def assert_same_result(one: Path, other: Path) -> None:
    """The same losses, to the last digit, and the same weights, to the last bit."""
    assert (one / "metrics.csv").read_text(encoding="utf-8") == (other / "metrics.csv").read_text(encoding="utf-8")
    first, second = (load_file(folder / "artefact" / "weights.safetensors") for folder in (one, other))
    assert first.keys() == second.keys()
    assert all(first[name].equal(second[name]) for name in first)


def test_a_killed_run_goes_on_to_the_same_result(finished_run, small_experiment, small_overrides, tmp_path):
    run_and_kill(tmp_path, 8, small_overrides)
    result = pretrain(small_experiment(), tmp_path)
    assert result.epochs == 3
    assert_same_result(tmp_path, finished_run)


def interrupt_at(stop_at: int) -> Progress:
    def interrupt(step: str, done: int, total: int) -> None:
        if done == stop_at:
            raise KeyboardInterrupt

    return interrupt


@pytest.mark.parametrize("stop_at", [3, 5, 8, 14, 15])
def test_ctrl_c_stops_and_the_run_goes_on_later(stop_at, finished_run, small_experiment, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        pretrain(small_experiment(), tmp_path, interrupt_at(stop_at))
    assert signal.getsignal(signal.SIGINT) is handler
    pretrain(small_experiment(), tmp_path)
    assert_same_result(tmp_path, finished_run)


def test_half_precision_goes_on_to_the_same_result_too(small_experiment, tmp_path):
    experiment = small_experiment("trainer.precision=bf16-mixed")
    pretrain(experiment, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        pretrain(experiment, tmp_path / "parts", interrupt_at(8))
    pretrain(experiment, tmp_path / "parts")
    assert_same_result(tmp_path / "parts", tmp_path / "whole")


def test_a_full_disk_leaves_the_checkpoint_before_it(finished_run, small_experiment, tmp_path, monkeypatch):
    save, saved = pl.Trainer.save_checkpoint, []

    def fill_up(trainer: pl.Trainer, path: Path) -> None:
        save(trainer, path)
        saved.append(path)
        if len(saved) == 2:
            path.write_bytes(path.read_bytes()[:1000])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(pl.Trainer, "save_checkpoint", fill_up)
        with pytest.raises(InputError, match=r"No space left.*last good checkpoint is .*last\.ckpt.*Free some space"):
            pretrain(small_experiment(), tmp_path)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir() if path.suffix == ".ckpt"] == ["last.ckpt"]
    assert pretrain(small_experiment(), tmp_path).epochs == 3
    assert_same_result(tmp_path, finished_run)


def test_a_full_disk_at_the_very_end(finished_run, small_experiment, tmp_path, monkeypatch):
    def fill_up(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("matscout.represent.pretraining.training.save_pretrained", fill_up)
        with pytest.raises(InputError, match="No space left"):
            pretrain(small_experiment(), tmp_path)
    pretrain(small_experiment(), tmp_path)
    assert_same_result(tmp_path, finished_run)


def test_a_loss_that_is_not_finite_names_step_rate_and_checkpoint(small_experiment, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"not finite in step 1, at a learning rate of 1e\+30; there is no checkpoint"):
        pretrain(small_experiment("optimiser.learning_rate=1e30"), tmp_path / "at once")
    calm = module_file.rise_and_fall
    monkeypatch.setattr(module_file, "rise_and_fall", lambda step, *_: 1e33 if step > 6 else calm(step, *_))
    with pytest.raises(InputError, match=r"in step 8, .*the last good checkpoint is .*last\.ckpt"):
        pretrain(small_experiment(), tmp_path / "later")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None], ids=["empty", "foreign", "cut"])
def test_a_damaged_checkpoint_is_named(content, small_experiment, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        pretrain(small_experiment(), tmp_path, interrupt_at(8))
    checkpoint = tmp_path / "checkpoints" / "last.ckpt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:5000] if content is None else content)
    with pytest.raises(InputError, match=r"last\.ckpt is damaged .* delete it to train from the beginning"):
        pretrain(small_experiment(), tmp_path)


def test_other_data_are_noticed(small_experiment, labelled, tmp_path):
    import polars

    mine = tmp_path / "labels.parquet"
    table = polars.read_parquet(labelled)
    table.write_parquet(mine)
    pretrain(small_experiment(f"data.labels={mine}"), tmp_path / "run")
    table.head(150).write_parquet(mine)
    with pytest.raises(UsageError, match="contains a run on other data"):
        pretrain(small_experiment(f"data.labels={mine}"), tmp_path / "run")


def test_patience_and_time_end_a_run(small_experiment, tmp_path):
    patient = small_experiment("optimiser.learning_rate=0", "trainer.patience=2", "trainer.epochs=9")
    result = pretrain(patient, tmp_path / "patience")
    assert (result.epochs, result.best_epoch) == (3, 0)
    assert result.ended == "the validation loss no longer decreased"
    result = pretrain(small_experiment("trainer.max_minutes=1e-6"), tmp_path / "time")
    assert (result.epochs, result.ended) == (1, "the time was used up")


def test_a_run_that_was_killed_after_its_last_epoch_does_not_train_on(small_experiment, tmp_path, monkeypatch):
    overrides = ("optimiser.learning_rate=0", "trainer.patience=1", "trainer.epochs=9")

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("matscout.represent.pretraining.training.save_pretrained", fail)
        with pytest.raises(InputError):
            pretrain(small_experiment(*overrides), tmp_path)
    assert pretrain(small_experiment(*overrides), tmp_path).epochs == 2
    with (tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 2

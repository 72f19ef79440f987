"""The training loop: learns, writes everything down, resumes, and is clear about faults."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from matscout.errors import MissingExtraError, UsageError
from matscout.represent.artefact import load_pretrained
from matscout.represent.pretraining.training import pretrain


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_everything_about_a_run_is_in_its_folder(finished_run):
    names = {path.relative_to(finished_run).as_posix() for path in finished_run.rglob("*") if path.is_file()}
    artefact = {f"artefact/{name}" for name in ("spec.json", "weights.safetensors", "seen.npy", "card.md")}
    assert names == artefact | {
        "config.yaml", "run.json", "metrics.csv", "checkpoints/last.ckpt", "checkpoints/best.safetensors",
    }  # fmt: skip
    record = json.loads((finished_run / "run.json").read_text(encoding="utf-8"))
    assert record["state"] == "finished"
    assert record["seed"] == 0
    assert len(record["data_digest"]) == 64
    assert {"matscout", "torch", "lightning"} <= set(record["versions"])
    card = (finished_run / "artefact" / "card.md").read_text(encoding="utf-8")
    assert "200 formulas of labels.parquet" in card
    assert "MAE PBE band gap (eV)" in card


def test_the_loss_falls_and_every_epoch_is_a_line(finished_run):
    found = lines(finished_run)
    assert [line["epoch"] for line in found] == ["0", "1", "2"]
    losses = [float(line["validation loss"]) for line in found]
    assert losses[-1] < losses[0]
    assert float(found[-1]["learning rate"]) == pytest.approx(0.0, abs=1e-9)


def test_equal_seeds_give_equal_weights(finished_run, small_experiment, tmp_path):
    pretrain(small_experiment(), tmp_path / "again")
    one, other = (load_pretrained(folder / "artefact") for folder in (finished_run, tmp_path / "again"))
    for name, weight in one.objective.state_dict().items():
        np.testing.assert_array_equal(weight, other.objective.state_dict()[name])
    assert lines(finished_run) == lines(tmp_path / "again")


def test_a_finished_run_is_read_not_repeated(finished_run, small_experiment):
    before = (finished_run / "artefact" / "weights.safetensors").stat().st_mtime_ns
    result = pretrain(small_experiment(), finished_run)
    assert result.epochs == 3
    assert result.values["validation loss"] == pytest.approx(
        min(float(x["validation loss"]) for x in lines(finished_run))
    )
    assert (finished_run / "artefact" / "weights.safetensors").stat().st_mtime_ns == before


def test_a_folder_keeps_to_its_experiment(finished_run, small_experiment):
    with pytest.raises(UsageError, match=r"contains a run with optimiser.learning_rate=0\.001, not 0\.1"):
        pretrain(small_experiment("optimiser.learning_rate=0.1"), finished_run)


@pytest.mark.parametrize("override", ["trainer.precision=17-bit", "trainer.accelerator=abacus"])
def test_words_that_lightning_does_not_know_are_refused(override, small_experiment, tmp_path):
    with pytest.raises(UsageError, match=r"trainer: .*(17-bit|abacus)"):
        pretrain(small_experiment(override), tmp_path)


def test_mlflow_is_an_extra(small_experiment, tmp_path, monkeypatch):
    monkeypatch.setattr("matscout.extras.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'matscout\[mlflow\]'"):
        pretrain(small_experiment("trainer.mlflow=true"), tmp_path)


# MLflow sets up its store through calls that SQLAlchemy and others call outdated.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_mlflow_gets_the_metrics_where_it_is_installed(small_experiment, tmp_path):
    pretrain(small_experiment("trainer.mlflow=true"), tmp_path)
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as store:
        names = store.execute("select key from metrics").fetchall()
    assert names.count(("validation loss",)) == 3
    assert names.count(("MAE PBE band gap eV",)) == 3


def test_mlflow_names_keep_their_units():
    from matscout.represent.pretraining.mlflow_store import plain_name

    assert plain_name("MAE volume (Å³/atom)") == "MAE volume A3/atom"
    assert plain_name("accuracy PBE metal (1)") == "accuracy PBE metal 1"

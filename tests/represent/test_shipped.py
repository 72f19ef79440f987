from __future__ import annotations

from pathlib import Path

import pytest

from matscout.app.cli import run
from matscout.errors import ArtefactError
from matscout.registry import load_class, plug_ins
from matscout.represent.embedding import make_representation
from matscout.represent.shipped import FOR_MEASURING, WEIGHTS, measuring_folder
from matscout.represent.trained_network import TrainedNetwork


def shipped() -> dict[str, str]:
    """Representation -> its weights, of those that have some by their names alone."""
    classes = {one.name: load_class("representations", one.name) for one in plug_ins("representations")}
    return {name: made.shipped for name, made in classes.items() if issubclass(made, TrainedNetwork) and made.shipped}


def test_all_weights_have_a_name_and_the_other_way_round():
    names = set(shipped().values())
    assert {folder.name for folder in WEIGHTS.iterdir()} == names - set(FOR_MEASURING)
    assert {path.name for path in measuring_folder().iterdir() if path.is_dir()} == set(FOR_MEASURING)
    assert set(FOR_MEASURING) <= names


@pytest.mark.parametrize("name", FOR_MEASURING)
def test_without_a_checkout_a_name_says_where_its_weights_are(name, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MATSCOUT_WEIGHTS", str(tmp_path))
    plug_in = load_class("representations", name)
    assert "set MATSCOUT_WEIGHTS to CHECKOUT/benchmarks/weights" in plug_in.missing()
    with pytest.raises(ArtefactError, match=f"{name} needs its weights, which are for measuring"):
        _ = make_representation(name).columns


def test_the_command_line_says_so_before_it_reads(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("MATSCOUT_WEIGHTS", str(tmp_path))
    assert run(["embed", str(tmp_path), "--with", "deep-infomax", "-o", str(tmp_path / "out.parquet")]) == 2
    assert "deep-infomax needs its weights, which are for measuring" in " ".join(capsys.readouterr().err.split())


def test_another_folder_can_be_named(monkeypatch):
    folder = measuring_folder()
    monkeypatch.setenv("MATSCOUT_WEIGHTS", str(folder))
    assert measuring_folder() == folder
    assert make_representation("polysrl-strict").folder == folder / "polysrl-strict"

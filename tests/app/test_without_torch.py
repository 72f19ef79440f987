"""What is done every day imports no torch, also where it is installed, in no process of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matscout.app.demo import example_labels

HEAVY = ("torch", "lightning", "hydra", "transformers")
NOTING = """
import pathlib
pathlib.Path({place!r}).write_text("imported")
raise ImportError("{name} was imported")
"""


def ran(folder: Path, *arguments: str, seconds: int = 300) -> str:
    """What a command says where each heavy package leaves a note when it is imported, and then fails."""
    for name in HEAVY:
        package = folder / "path" / name
        package.mkdir(parents=True, exist_ok=True)
        text = NOTING.format(place=str(folder / f"{name}.imported"), name=name)
        (package / "__init__.py").write_text(text, encoding="utf-8")
    paths = [str(folder / "path"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    kept = {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(
        [sys.executable, "-m", "matscout", *arguments],
        cwd=folder, env={**os.environ, **kept}, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [path.name for path in folder.glob("*.imported")]
    return " ".join(done.stdout.split()) + " ".join(done.stderr.split())


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "gaps.csv"
    lines = example_labels().read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:120]), encoding="utf-8")
    return path


def test_fit_and_predict_borrow_from_the_donor(labels: Path, tmp_path: Path) -> None:
    fitted = ran(tmp_path, "fit", str(labels), "--target", "band gap", "--fast", "-o", "model")
    assert "The model transfers from a network trained on many properties (composition-donor)" in fitted
    assert "GaP" in ran(tmp_path, "predict", "model", "GaP", "Ga2O3")


def test_the_other_networks_represent(tmp_path: Path) -> None:
    (tmp_path / "formulas.csv").write_text("formula\nGaP\nTi\nMg0.9Zn0.1O\n", encoding="utf-8")
    for name in ("polysrl", "composition-donor"):
        ran(tmp_path, "embed", "formulas.csv", "--with", name, "-o", f"{name}.parquet")


@pytest.mark.slow
def test_scout_hints_and_reports(labels: Path, tmp_path: Path) -> None:
    settings = ("--fast", "--goal", "max", "-o", "found")
    ran(tmp_path, "scout", str(labels), "--target", "band gap", *settings, seconds=900)
    header = (tmp_path / "found" / "shortlist.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "donor_energy_above_hull" in header
    assert "structural_ambiguity_percentile" in header


@pytest.mark.slow
def test_the_demo(tmp_path: Path) -> None:
    ran(tmp_path, "demo", seconds=1800)


QUICK = """
import sys
sys.argv = ["matscout", *sys.argv[1:]]
from matscout.app.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
slow = {"pandas", "pymatgen", "scipy.stats", "sklearn", "torch"}
print("imported:", sorted(slow & set(sys.modules)))
"""


def test_to_predict_imports_nothing_that_only_learning_needs(labels: Path, tmp_path: Path) -> None:
    ran(tmp_path, "fit", str(labels), "--target", "band gap", "--fast", "-o", "model")
    asked = [sys.executable, "-c", QUICK, "predict", "model", "GaP", "Ga2O3"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.splitlines()[-1] == "imported: []"

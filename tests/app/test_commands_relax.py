"""``matscout relax`` as it is typed."""

import errno
from pathlib import Path

import polars as pl
import pytest
from ase.io import write
from tests.simulate.test_force_field import rare_gas

from matscout.app.cli import run
from matscout.represent.streaming.run import _KeptParts
from matscout.workflow.result_files import run_workflow


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(tmp_path / "gases.extxyz", [rare_gas(symbol) for symbol in ("Ar", "Kr")])
    return tmp_path / "gases.extxyz"


def test_it_writes_a_folder_that_its_workflow_makes_again(source, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["relax", str(source), "--with", "lennard-jones", "--fmax", "0.001", "--cell", "volume"]
    assert run([*arguments, "-o", str(out)]) == 0
    assert "2 structures of 2 relaxed by Lennard-Jones, 2 converged, energies unknown" in capsys.readouterr().out
    files = {path.name for path in out.iterdir()}
    assert files == {"relaxed.parquet", "relaxed.extxyz", "workflow.yaml", "made.json"}
    run_workflow(out / "workflow.yaml", tmp_path / "again", processes=0)
    one, other = (pl.read_parquet(folder / "relaxed.parquet") for folder in (out, tmp_path / "again"))
    assert one.equals(other)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--with", "chgnett"], "did you mean chgnet?"),
        (["--with", "ase:Nothing"], "no calculator could be made"),
        (["--with", "lennard-jones", "--fmax", "0"], "--fmax"),
        (["--with", "lennard-jones", "--cell", "round"], "--cell"),
    ],
)
def test_mistakes_are_named(source, capsys, arguments, words):
    assert run(["relax", str(source), *arguments, "-o", str(source.parent / "out")]) == 2
    assert words in capsys.readouterr().err
    assert not (source.parent / "out").exists()


def test_an_input_without_structures_is_refused(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("formula\nNaCl\n", encoding="utf-8")
    assert run(["relax", str(tmp_path / "a.csv"), "--with", "lennard-jones", "-o", str(tmp_path / "out")]) == 2
    assert "relaxing needs structures" in capsys.readouterr().err


def test_nothing_relaxed_is_an_error(tmp_path, capsys):
    atoms = rare_gas("Ar")
    atoms.numbers[:] = 26
    write(tmp_path / "iron.extxyz", [atoms])
    assert run(["relax", str(tmp_path / "iron.extxyz"), "--with", "lennard-jones", "-o", str(tmp_path / "out")]) == 1
    assert "1 of 1 structures have no energy, so there are none" in capsys.readouterr().err
    assert (tmp_path / "out" / "relaxed.problems.csv").exists()


def test_a_full_disk_keeps_what_is_finished(tmp_path, capsys, monkeypatch):
    """The third of five parts finds no room; the same command goes on from the second."""
    write(tmp_path / "gases.extxyz", [rare_gas("Ar", seed) for seed in range(20)])
    monkeypatch.setattr("matscout.simulate.relaxing_apart.PART", 4)
    whole, calls = _KeptParts.put, []

    def put(self, number, finished):
        calls.append(number)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device", "rows.parquet")
        whole(self, number, finished)

    arguments = ["relax", str(tmp_path / "gases.extxyz"), "--with", "lennard-jones", "-o", str(tmp_path / "out")]
    with monkeypatch.context() as full:
        full.setattr(_KeptParts, "put", put)
        assert run(arguments) == 1
    assert "is full: free some space and run the same command again" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert run(arguments) == 0
    assert "8 of 20 structures were done before" in capsys.readouterr().err
    assert len(pl.read_parquet(tmp_path / "out" / "relaxed.parquet")) == 20

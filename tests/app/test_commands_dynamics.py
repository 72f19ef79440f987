"""``matscout dynamics`` as it is typed."""

from pathlib import Path

import polars as pl
import pytest
from ase.io import read, write
from tests.simulate.test_force_field import rare_gas

from matscout.app.cli import run
from matscout.workflow.result_files import run_workflow

SHORT = ["--with", "lennard-jones", "--ps", "1", "--equilibration", "0.2", "--interval", "10", "--timestep", "5"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(tmp_path / "gases.extxyz", [rare_gas(symbol) for symbol in ("Ar", "Kr")])
    return tmp_path / "gases.extxyz"


def test_it_writes_a_folder_that_its_workflow_makes_again(source, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["dynamics", str(source), *SHORT, "--temperature", "30,60", "--ion", "Ar", "--supercell", "1,1,2"]
    assert run([*arguments, "-o", str(out)]) == 3
    shown = capsys.readouterr()
    assert "2 runs of 1 ps, 2 materials, diffusion of Ar resolved in 0, by lennard-jones" in shown.out
    assert "it contains no Ar, whose diffusion is asked for, but Kr" in shown.err
    assert {path.name for path in out.iterdir()} == {
        "dynamics.parquet", "msd.parquet", "trajectory.extxyz", "dynamics.png", "dynamics.problems.csv",
        "workflow.yaml", "made.json",
    }  # fmt: skip
    assert not out.with_name("out.parts").exists()
    run_workflow(out / "workflow.yaml", tmp_path / "again", processes=0)
    for name in ("dynamics.parquet", "msd.parquet"):
        assert pl.read_parquet(out / name).equals(pl.read_parquet(tmp_path / "again" / name))
    assert (out / "trajectory.extxyz").read_bytes() == (tmp_path / "again" / "trajectory.extxyz").read_bytes()
    frames = read(out / "trajectory.extxyz", ":")
    assert len(frames) == 2 * 101
    assert len(frames[0]) == 8
    assert frames[-1].info["temperature"] == 60
    assert abs(frames[-1].info["time"] - 1.0) < 1e-9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--with", "chgnett"], "did you mean chgnet?"),
        (["--temperature", "0"], "--temperature"),
        (["--temperature", "60,hot"], "--temperature"),
        (["--temperature", "60,60"], "names a temperature twice"),
        (["--supercell", "2,2"], "--supercell '2,2' is neither auto nor three whole numbers"),
        (["--ion", "Xx"], "--ion 'Xx' is no ion"),
        (["--ps", "0.5"], "give 51 frames"),
        (["--timestep", "0"], "--timestep"),
        (["--ensemble", "npt"], "--ensemble"),
    ],
)
def test_mistakes_are_named(source, capsys, arguments, words):
    assert run(["dynamics", str(source), *SHORT, *arguments, "-o", str(source.parent / "out")]) == 2
    assert words in capsys.readouterr().err
    assert not (source.parent / "out").exists()


def test_an_input_without_structures_is_refused(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("formula\nNaCl\n", encoding="utf-8")
    assert run(["dynamics", str(tmp_path / "a.csv"), *SHORT, "-o", str(tmp_path / "out")]) == 2
    assert "dynamics needs structures" in capsys.readouterr().err


def test_nothing_run_is_an_error(tmp_path, capsys):
    atoms = rare_gas("Ar")
    atoms.numbers[:] = 26
    write(tmp_path / "iron.extxyz", [atoms])
    assert run(["dynamics", str(tmp_path / "iron.extxyz"), *SHORT, "-o", str(tmp_path / "out")]) == 1
    assert "no run came to an end" in capsys.readouterr().err
    assert (tmp_path / "out" / "dynamics.problems.csv").exists()

"""Dynamics as files: runs that survive a kill, processes that are stuck, a step of a workflow."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ase import Atoms
from ase import build as ase_build
from ase.io import read, write
from tests.simulate.stuck_calculator import ADDRESS
from tests.simulate.test_force_field import rare_gas

import matscout
from matscout.data.reading import read_materials
from matscout.errors import InputError
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.workers import in_processes, in_this_process
from matscout.workflow.graph import Workflow
from matscout.workflow.moving import DynamicsFiles, move_dataset, refuse_no_runs
from matscout.workflow.result_files import run_workflow

SHORT = {"ps": 0.5, "interval": 5.0, "timestep": 5.0, "equilibration": 0.1, "supercell": "1,1,1"}
HOW = DynamicsSettings(temperature=(40.0,), **SHORT)


def gases(folder: Path, n: int = 3) -> Path:
    """Of which the second has an element that Lennard-Jones does not know."""
    solids = [rare_gas(["Ar", "Kr", "Xe"][seed % 3], seed) for seed in range(n)]
    solids[1].numbers[0] = 26
    for number, atoms in enumerate(solids):
        atoms.info["id"] = f"g{number}"
    write(folder / "gases.extxyz", solids)
    return folder / "gases.extxyz"


def made(source: Path, folder: Path, name="lennard-jones", how=HOW, runner=in_this_process) -> DynamicsFiles:
    folder.mkdir()
    dataset = read_materials(source, max_bad=1.0)
    return move_dataset(dataset, name, how, folder, folder.with_name("unfinished"), runner=runner)


def test_files_hold_what_a_single_call_gives(tmp_path):
    source = gases(tmp_path)
    done = made(source, tmp_path / "out")
    expected = matscout.dynamics(str(source), "lennard-jones", temperature=40, **SHORT)
    assert pl.read_parquet(tmp_path / "out" / "dynamics.parquet").equals(expected.to_frame())
    frames = read(tmp_path / "out" / "trajectory.extxyz", ":")
    assert [frame.info["id"] for frame in frames[::101]] == ["g0", "g2"]
    for result, start in zip(expected.results, (0, 101), strict=True):
        np.testing.assert_allclose(frames[start + 100].positions, result.run.frames.positions[100], atol=1e-7)
    assert pl.read_csv(tmp_path / "out" / "dynamics.problems.csv")["row"].to_list() == [2]
    assert not (tmp_path / "out" / "dynamics.png").exists()
    assert done.finished == 2


def test_processes_give_the_same(tmp_path):
    source = gases(tmp_path)
    here = made(source, tmp_path / "here")
    there = made(source, tmp_path / "there", runner=in_processes)
    one, other = (pl.read_parquet(files.folder / "dynamics.parquet") for files in (here, there))
    assert one.equals(other)


IN_ANOTHER = """
from pathlib import Path
from matscout.simulate.run_keeping import FolderKeeper
from tests.workflow.test_moving import LONG, made
FolderKeeper.__init__.__defaults__ = (0.1,)
made(Path("argon.extxyz"), Path("killed"), how=LONG)
"""
LONG = DynamicsSettings(temperature=(40.0,), **{**SHORT, "ps": 5.0, "interval": 20.0})


def test_a_run_that_is_killed_goes_on(tmp_path):
    write(tmp_path / "argon.extxyz", [rare_gas("Ar")])
    places = [Path(__file__).parents[2], Path(matscout.__file__).parents[1]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    with subprocess.Popen([sys.executable, "-c", IN_ANOTHER], cwd=tmp_path, env=environment) as killed:
        while not list(tmp_path.glob("unfinished/*/state.npz")):
            assert killed.poll() is None, "it ended before it was killed"
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
    (state,) = tmp_path.glob("unfinished/*/state.npz")
    with np.load(state) as arrays:
        assert 0 < arrays["step"] < LONG.steps
    made(tmp_path / "argon.extxyz", tmp_path / "out", how=LONG)
    assert [path.name for path in (tmp_path / "unfinished").iterdir()] == [state.parent.name]
    expected = matscout.dynamics(
        str(tmp_path / "argon.extxyz"), "lennard-jones", temperature=40, **{**SHORT, "ps": 5.0, "interval": 20.0}
    )
    assert pl.read_parquet(tmp_path / "out" / "dynamics.parquet").equals(expected.to_frame())


def some(folder: Path, symbols: str = "Ar Kr Xe") -> Path:
    solids: list[Atoms] = [ase_build.bulk(symbol, "fcc", a=5.3, cubic=True) for symbol in symbols.split()]
    write(folder / "some.extxyz", solids)
    return folder / "some.extxyz"


def test_a_run_that_never_ends_is_given_up_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("matscout.workflow.moving.PATIENCE", 4.0)
    how = DynamicsSettings(temperature=(40.0,), **SHORT, time_limit=2.0)
    done = made(some(tmp_path), tmp_path / "out", ADDRESS, how, in_processes)
    (problem,) = done.problems
    assert problem.row == 2
    assert "it was lost" in problem.reason
    assert done.finished == 2


def test_no_run_at_all_is_an_error(tmp_path):
    done = made(some(tmp_path, "Fe Cu"), tmp_path / "out")
    with pytest.raises(InputError, match="no run came to an end"):
        refuse_no_runs(done)


def test_a_step_of_a_workflow(tmp_path):
    settings = {"file": str(gases(tmp_path)), "with": "lennard-jones", "temperature": "40,50", "ion": "Ar", **SHORT}
    run_workflow(
        Workflow.of({"workflow": 1, "steps": {"moved": {"dynamics": settings}}}), tmp_path / "out", processes=0
    )
    table = pl.read_parquet(tmp_path / "out" / "dynamics.parquet")
    assert table["temperature (K)"].to_list() == [40.0, 50.0]
    assert (tmp_path / "out" / "dynamics.png").exists()

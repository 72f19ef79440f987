"""Collections that are relaxed: files, parts that survive a kill, processes that are stuck."""

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
from matscout.errors import InputError, UsageError
from matscout.represent.streaming.run import Runner
from matscout.simulate.relax_settings import RelaxSettings
from matscout.workers import in_processes, in_this_process
from matscout.workflow.collections import collection_of
from matscout.workflow.graph import Workflow
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.relaxing import COLUMNS, RelaxedFiles, RelaxJob, refuse_too_few, relax_collection
from matscout.workflow.result_files import run_workflow

FMAX = 1e-3
HOW = RelaxSettings(fmax=FMAX)


def gases(n: int = 7) -> list[Atoms]:
    """Of which the second has an element that Lennard-Jones does not know."""
    solids = [rare_gas(["Ar", "Kr", "Xe"][seed % 3], seed) for seed in range(n)]
    solids[1].numbers[0] = 26
    for number, atoms in enumerate(solids):
        atoms.info["id"] = f"g{number}"
    return solids


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(tmp_path / "gases.extxyz", gases())
    return tmp_path / "gases.extxyz"


def made(source: Path, folder: Path, name: str = "lennard-jones", how: RelaxSettings = HOW,
         *, runner: Runner = in_this_process, size: int = 2) -> RelaxedFiles:  # fmt: skip
    folder.mkdir(exist_ok=True)
    collection = collection_of(source, MaterialSettings(), size=size)
    unfinished = folder.with_name("unfinished")
    return relax_collection(collection, RelaxJob(name, how), folder, unfinished, runner=runner)


def test_the_table_and_the_structures_are_those_of_a_single_call(source, tmp_path):
    done = made(source, tmp_path / "out")
    expected = matscout.relax(str(source), "lennard-jones", fmax=FMAX)
    table = pl.read_parquet(tmp_path / "out" / "relaxed.parquet")
    assert table.columns == list(COLUMNS)
    assert table.equals(expected.to_frame().cast(table.schema))
    assert (done.converged, done.relaxed, done.materials) == (6, 6, 7)
    frames = read(tmp_path / "out" / "relaxed.extxyz", ":")
    assert {frame.info["energy_scheme"] for frame in frames} == {"unknown"}
    structures = expected.materials.structures
    kept = np.flatnonzero(np.isfinite(expected.energies))
    for row, atoms in zip(kept, frames, strict=True):
        np.testing.assert_allclose(atoms.cell.array, structures.lattices[row], atol=1e-8)
        assert abs(atoms.get_potential_energy() / len(atoms) - expected.energies[row]) < 1e-9
    again = matscout.read_materials(str(tmp_path / "out" / "relaxed.extxyz")).materials
    assert again.ids.tolist() == ["g0", "g2", "g3", "g4", "g5", "g6"]
    assert again.has_structure.all()
    problems = pl.read_csv(tmp_path / "out" / "relaxed.problems.csv")
    assert problems["row"].to_list() == [2]
    assert not list((tmp_path / "unfinished").iterdir())


def test_the_runs_of_a_table_column_and_of_processes_are_equal(source, tmp_path):
    here = made(source, tmp_path / "here")
    there = made(source, tmp_path / "there", runner=in_processes)
    one, other = (pl.read_parquet(files.folder / "relaxed.parquet") for files in (here, there))
    assert one.equals(other)


def stopping_after(n: int) -> Runner:
    """A runner that is interrupted after so many parts."""

    def runner(function, parts, *, seconds, prepare=None):
        for number, outcome in enumerate(in_this_process(function, parts, seconds=seconds, prepare=prepare)):
            if number == n:
                raise KeyboardInterrupt
            yield outcome

    return runner


def test_a_stopped_run_goes_on(source, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        made(source, tmp_path / "out", runner=stopping_after(2))
    assert not list((tmp_path / "out").iterdir())
    assert made(source, tmp_path / "out").taken_over == 4
    whole = made(source, tmp_path / "whole", size=7)
    one, other = (pl.read_parquet(tmp_path / name / "relaxed.parquet") for name in ("out", "whole"))
    np.testing.assert_allclose(one["energy (eV/atom)"][0], other["energy (eV/atom)"][0], atol=1e-12)
    assert whole.taken_over == 0


def test_other_settings_take_nothing_over(source, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        made(source, tmp_path / "out", runner=stopping_after(2))
    assert made(source, tmp_path / "out", how=RelaxSettings(fmax=2 * FMAX)).taken_over == 0


def test_a_run_that_is_killed_goes_on(tmp_path):
    write(tmp_path / "many.extxyz", [rare_gas("Ar", seed) for seed in range(130)])
    command = [sys.executable, "-m", "matscout", "relax", "many.extxyz", "--with", "lennard-jones", "--fmax", "1e-4",
               "-o", "out"]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(matscout.__file__).parents[1])]))}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as killed:
        while not list(tmp_path.glob("out.parts/*/parts/*/*/about.json")):
            assert killed.poll() is None, "it ended before it was killed"
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "done before" in again.stderr
    assert "130 structures of 130 relaxed by Lennard-Jones, 130 converged" in again.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"many.extxyz", "out"}
    assert pl.read_parquet(tmp_path / "out" / "relaxed.parquet")["converged"].all()


def test_a_structure_that_never_ends_is_given_up_alone(tmp_path):
    write(tmp_path / "some.extxyz", [ase_build.bulk(symbol, "fcc", a=5.3) for symbol in ("Ar", "Kr", "Xe", "Ne")])
    collection = collection_of(tmp_path / "some.extxyz", MaterialSettings(), size=4)
    job = RelaxJob(ADDRESS, RelaxSettings(time_limit=0.5), patience=2.0)
    (tmp_path / "out").mkdir()
    done = relax_collection(collection, job, tmp_path / "out", tmp_path / "unfinished")
    (problem,) = done.problems
    assert problem.row == 2
    assert problem.reason.startswith("it cannot be relaxed")
    assert (done.relaxed, done.materials) == (3, 4)


def test_formulas_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("formula\nNaCl\n", encoding="utf-8")
    with pytest.raises(UsageError, match="relaxing needs structures"):
        made(tmp_path / "a.csv", tmp_path / "out")


def test_too_many_failures_are_an_error(source, tmp_path):
    done = made(source, tmp_path / "out")
    refuse_too_few(done, 0.5, tmp_path / "out")
    with pytest.raises(InputError, match="1 of 7 structures have no energy, more than the 10% allowed"):
        refuse_too_few(done, 0.1, tmp_path / "out")


def test_a_step_of_a_workflow(source, tmp_path):
    plan = {"workflow": 1, "steps": {"ended": {"relax": {"file": str(source), "with": "lennard-jones", "fmax": FMAX}}}}
    run_workflow(Workflow.of(plan), tmp_path / "out", processes=0)
    assert pl.read_parquet(tmp_path / "out" / "relaxed.parquet").height == 7
    assert len(read(tmp_path / "out" / "relaxed.extxyz", ":")) == 6

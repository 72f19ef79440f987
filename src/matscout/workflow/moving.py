"""``matscout dynamics``: materials -> a folder with trajectories, tables and a picture; a killed run goes on."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event, Thread

import numpy as np

from matscout.code_digest import digest_of_code
from matscout.data.dataset import Dataset
from matscout.data.extended_xyz_writing import extended_xyz_frame
from matscout.data.files import atomic_write
from matscout.errors import InputError, RowProblem
from matscout.evaluation.dynamics_plot import write_dynamics_plot
from matscout.progress import Progress, silent
from matscout.represent.streaming.run import Runner
from matscout.simulate.choice import make_force_field
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.force_field import ForceField
from matscout.simulate.relaxing_apart import load_field
from matscout.simulate.run_keeping import FolderKeeper
from matscout.simulate.simulated_runs import FrameSeries, RunStart, SimulatedRun, simulated
from matscout.simulate.simulating import STEP, GroupRunner, steps_of, trajectory_of
from matscout.simulate.trajectory import Trajectory
from matscout.store import key_of
from matscout.workers import Lost, ended_if_still, in_processes
from matscout.workflow.embedding import write_problems

TABLE, LAGS, FRAMES, PICTURE = "dynamics.parquet", "msd.parquet", "trajectory.extxyz", "dynamics.png"
"""Files of the result."""

PROBLEMS = "dynamics.problems.csv"
"""All problems, where there are any."""

COUNT = "steps.txt"
"""How many steps a group has done, for the display."""

PATIENCE = 600.0
"""Seconds without a step after which a process counts as stuck."""

BETWEEN = 1.0
"""Seconds between two looks at how far the groups are."""

MOST_FRAMES = 500
"""Of a run in the file of frames; the displacements are computed from all."""


@dataclass(frozen=True, eq=False)
class GroupTask:
    """Runs that share a graph, for another process.

    Parameters
    ----------
    starts
        The runs.
    name
        Of the force field, or the address of a calculator.
    settings
        What is simulated.
    folder
        Where the group is kept while it goes on.
    patience
        Seconds, as :data:`PATIENCE`.
    """

    starts: tuple[RunStart, ...]
    name: str
    settings: DynamicsSettings
    folder: Path
    patience: float


def move_group(task: GroupTask) -> tuple[SimulatedRun, ...]:
    """What each process is asked for."""
    field, keeper = make_force_field(task.name), FolderKeeper(task.folder)
    with ended_if_still(task.patience) as alive:
        return simulated(task.starts, field, task.settings, keeper, _Counter(task, alive))


class _Counter:
    """Leaves the number of steps where the process that waits finds it."""

    def __init__(self, task: GroupTask, alive: Callable[[], None]) -> None:
        self._path, self._runs, self._alive, self._at = task.folder / COUNT, len(task.starts), alive, 0.0

    def __call__(self, step: int) -> None:
        self._alive()
        if time.monotonic() - self._at > BETWEEN:
            self._path.write_text(str(step * self._runs), encoding="utf-8")
            self._at = time.monotonic()


def in_folder(name: str, settings: DynamicsSettings, folder: Path, runner: Runner = in_processes) -> GroupRunner:
    """Runs groups side by side, each kept in a folder of its own within ``folder``."""

    def groups_runner(groups: Sequence[tuple[RunStart, ...]], progress: Progress) -> Iterator[tuple[SimulatedRun, ...]]:
        field = make_force_field(name)
        keys = [_key(group, field, settings) for group in groups]
        tasks = [
            GroupTask(group, name, settings, folder / key, PATIENCE) for group, key in zip(groups, keys, strict=True)
        ]
        for task in tasks:
            task.folder.mkdir(parents=True, exist_ok=True)
        with _watched([task.folder for task in tasks], steps_of(groups, settings), progress):
            yield from _outcomes(tasks, runner)

    return groups_runner


def _outcomes(tasks: Sequence[GroupTask], runner: Runner) -> Iterator[tuple[SimulatedRun, ...]]:
    if not tasks:
        return
    seconds = max(len(task.starts) for task in tasks) * tasks[0].settings.time_limit + tasks[0].patience
    prepare = partial(load_field, tasks[0].name)
    for task, outcome in zip(tasks, runner(move_group, tasks, seconds=seconds, prepare=prepare), strict=True):
        yield _rescued(task, outcome, runner) if isinstance(outcome, Lost) else outcome


def _rescued(task: GroupTask, lost: Lost[GroupTask], runner: Runner) -> tuple[SimulatedRun, ...]:
    """A group that was lost, one run at a time: one may be to blame."""
    if len(task.starts) == 1:
        reason = (f"it was lost: {lost.reason}", "leave it out, or use another force field")
        nothing = FrameSeries.of_none(len(task.starts[0].crystal.fractional))
        return (SimulatedRun(task.starts[0], nothing, 0.0, reason, dropped=True),)
    singles = [replace(task, starts=(one,), folder=task.folder / f"alone-{one.number}") for one in task.starts]
    for single in singles:
        single.folder.mkdir(exist_ok=True)
    return tuple(run for runs in _outcomes(singles, runner) for run in runs)


def _key(group: tuple[RunStart, ...], field: ForceField, settings: DynamicsSettings) -> str:
    """The name of the folder: all that the runs depend on but the time limit."""
    cells = [
        [one.number, one.temperature, one.crystal.lattices, one.crystal.fractional, one.crystal.atomic_numbers]
        for one in group
    ]
    how = {name: value for name, value in asdict(settings).items() if name not in ("time_limit", "temperature")}
    code = [digest_of_code(__name__), digest_of_code(type(field).__module__)]
    return key_of(cells, field.name, asdict(field.weights), how, code)[:20]


@contextmanager
def _watched(folders: Sequence[Path], total: int, progress: Progress) -> Iterator[None]:
    """Tells from time to time how many steps all groups have done."""
    over = Event()

    def watch() -> None:
        while not over.wait(BETWEEN):
            progress(STEP, min(total, sum(map(_count, folders))), total)

    progress(STEP, sum(map(_count, folders)), total)
    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    progress(STEP, total, total)


def _count(folder: Path) -> int:
    """Steps that a group has done, in whichever of its folders."""
    try:
        return sum(int(path.read_text(encoding="utf-8") or 0) for path in folder.rglob(COUNT))
    except (OSError, ValueError):
        return 0


@dataclass(frozen=True, eq=False)
class DynamicsFiles:
    """What a run wrote.

    Parameters
    ----------
    folder
        With :data:`TABLE`, :data:`FRAMES` and, where an ion was asked for, :data:`LAGS` and :data:`PICTURE`.
    trajectory
        What came of it.
    problems
        Of what could not be read or run; rows are numbers in the source.
    """

    folder: Path
    trajectory: Trajectory
    problems: tuple[RowProblem, ...]

    @property
    def finished(self) -> int:
        """Runs that were not given up."""
        return sum(not one.run.dropped for one in self.trajectory.results)


def move_dataset(
    dataset: Dataset,
    name: str,
    settings: DynamicsSettings,
    folder: Path,
    unfinished: Path,
    *,
    runner: Runner = in_processes,
    progress: Progress = silent,
) -> DynamicsFiles:
    """Run all structures of a data set by all processors, and write what came of it into an empty folder.

    Parameters
    ----------
    dataset
        The structures, and what of the source could not be read.
    name
        Of the force field, or the address of a calculator.
    settings
        What is simulated.
    folder
        An empty folder for the files.
    unfinished
        Where runs are kept while they go on: the same call goes on from there.
    runner
        How groups of runs are distributed.
    progress
        Told how many steps are done.

    Raises
    ------
    UsageError
        As :func:`matscout.dynamics`.
    """
    field = make_force_field(name)
    groups = in_folder(name, settings, unfinished, runner)
    trajectory = trajectory_of(dataset.materials, field, settings, groups, progress)
    numbered = [replace(one, row=dataset.numbering[one.row - 1]) for one in trajectory.problems]
    unread = [problem for problem in dataset.problems if problem.dropped]
    problems = tuple(sorted([*unread, *numbered], key=lambda problem: problem.row))
    write_dynamics(trajectory, folder)
    write_problems(problems, folder / TABLE)
    return DynamicsFiles(folder, trajectory, problems)


def write_dynamics(trajectory: Trajectory, folder: Path) -> None:
    """Write tables, frames and picture into a folder."""
    with atomic_write(folder / TABLE) as place:
        trajectory.to_frame().write_parquet(place)
    with atomic_write(folder / FRAMES) as place, place.open("w", encoding="utf-8", newline="\n") as file:
        for one in trajectory.results:
            file.writelines(_frames(one.run, str(trajectory.materials.ids[one.run.start.row])))
    if trajectory.settings.ion:
        with atomic_write(folder / LAGS) as place:
            trajectory.msd_frame().write_parquet(place)
        write_dynamics_plot(trajectory, folder / PICTURE)


def _frames(run: SimulatedRun, name: str) -> Iterator[str]:
    """Some hundred frames of a run."""
    crystal, inverse = run.start.crystal, np.linalg.inv(run.start.crystal.lattices[0])
    every = -(-len(run.frames) // MOST_FRAMES) or 1
    for at in range(0, len(run.frames), every):
        facts: Mapping[str, object] = {
            "id": name,
            "temperature": run.start.temperature,
            "time": float(run.times[at]),
            "energy": float(run.frames.energies[at, 0]),
        }
        places = run.frames.positions[at] @ inverse
        yield extended_xyz_frame(crystal.lattices[0], crystal.atomic_numbers, places, crystal.pbc[0], facts)


def refuse_no_runs(done: DynamicsFiles) -> None:
    """Refuse a result in which no run came to an end; its files are there all the same.

    Raises
    ------
    InputError
        If there is none.
    """
    if not done.finished:
        reason = done.problems[0] if done.problems else "there is no structure"
        raise InputError(f"no run came to an end, first of all {reason}")


def discard(unfinished: Path) -> None:
    """Forget the runs that were kept, once the result is in its place."""
    shutil.rmtree(unfinished, ignore_errors=True)

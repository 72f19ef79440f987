"""Steps as work for child processes: what one makes, how it is kept, and which is begun first."""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from matscout.errors import InputError
from matscout.predict.origins import LIBRARIES, library_versions
from matscout.progress import Progress
from matscout.store import Store
from matscout.version import __version__
from matscout.workflow.kind import StepKind, StepWork, inputs_of, kind_name
from matscout.workflow.records import read_record, write_record

KIND = "steps"
"""What results of steps are in a store."""

ABOUT = "step.json"

SECONDS_BETWEEN = 0.3
"""Between two looks at how far child processes are."""

FITS_NEED = (
    "sklearn.linear_model",
    "scipy.optimize",
    "scipy.stats",
    "matscout.predict.fitting",
    "matscout.predict.growing",
)
"""Modules that take long to import and that most fits import."""

Submit = Callable[[Callable[..., Any], Any], "Future[Any]"]


@dataclass(frozen=True)
class StepJob:
    """One step as a child process makes it.

    Parameters
    ----------
    name, kind
        Of the step.
    inputs
        Name of each setting that names steps -> keys of their results.
    key
        What the result is stored by.
    store
        Folder of the store.
    folder
        Where paths of the workflow begin.
    progress_file
        Where the child says how far it is.
    seconds
        How long the steps took that it rests on.
    part
        Which of its parts is made; None for the step itself.
    seconds_of_parts
        How long its parts took.
    """

    name: str
    kind: StepKind
    inputs: Mapping[str, tuple[str, ...]]
    key: str
    store: Path
    folder: Path
    progress_file: Path
    seconds: float
    part: int | None = None
    seconds_of_parts: float = 0.0

    def results(self) -> dict[str, Any]:
        """Results of the steps that it names, out of the store."""
        store, results = Store(self.store), dict[str, Any]()
        for name, takes in inputs_of(type(self.kind)).items():
            inputs = tuple(_stored(store, key) for key in self.inputs[name])
            results[name] = inputs if takes.several else (inputs[0] if inputs else None)
        return results

    def progress(self) -> Progress:
        """Writes how far the work is, not too often."""
        last = [0.0]

        def write(step: str, done: int, total: int) -> None:
            now = time.monotonic()
            if now - last[0] >= SECONDS_BETWEEN:
                last[0] = now
                unfinished = self.progress_file.with_suffix(".new")
                unfinished.write_text(json.dumps([step, int(done), int(total)]), encoding="utf-8")
                unfinished.replace(self.progress_file)

        return write

    def work(self, scratch: Path) -> StepWork:
        """What the step may use."""
        return StepWork(self.folder, scratch, self.store, self.progress(), self.seconds)


def make_step_of(job: StepJob) -> None:
    """Make a step and keep its result, in a child process."""
    with tempfile.TemporaryDirectory(prefix="matscout-step-") as scratch:
        began = time.perf_counter()
        result = job.kind.run(job.results(), job.work(Path(scratch)))
        seconds = job.seconds_of_parts + time.perf_counter() - began
        about = about_result(job.kind, seconds, job.kind.summary(result))
        keep_result(result, Store(job.store), job.key, about)


def parts_of(job: StepJob) -> list[str]:
    """Names of the parts of a step, in a child process."""
    with tempfile.TemporaryDirectory(prefix="matscout-step-") as scratch:
        return [part.name for part in job.kind.parts(job.results(), job.work(Path(scratch)))]


def make_part_of(job: StepJob) -> float:
    """Make one part of a step, in a child process; gives the seconds that it took."""
    assert job.part is not None, "the step itself is made by make_step_of"
    with tempfile.TemporaryDirectory(prefix="matscout-step-") as scratch:
        began = time.perf_counter()
        job.kind.parts(job.results(), job.work(Path(scratch)))[job.part].make()
        return time.perf_counter() - began


def load_what_fits_need(_: None) -> None:
    """Import the libraries that fits need, in a child process: it takes a second, better spent before the first."""
    for module in FITS_NEED:
        import_module(module)


def _stored(store: Store, key: str) -> Any:
    place = store.get_folder(KIND, key)
    if place is None:
        raise InputError("a result was removed from the store during the run: start the run again")
    return read_record(place / "result")


def about_result(kind: StepKind, seconds: float, words: str) -> dict[str, Any]:
    """What is known of how a result was made."""
    return {
        "kind": kind_name(kind),
        "seconds": round(seconds, 3),
        "summary": words,
        "matscout": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": dict(zip(LIBRARIES, library_versions(), strict=True)),
    }


def keep_result(result: Any, store: Store, key: str, about: Mapping[str, Any]) -> None:
    """Store a result."""
    store.remove(KIND, key)
    with store.put_folder(KIND, key) as folder:
        (folder / "result").mkdir()
        write_record(result, folder / "result")
        (folder / ABOUT).write_text(json.dumps({**about, "key": key}, indent=1), encoding="utf-8")


@dataclass(frozen=True)
class PartReport:
    """How far a step is: the name of what is being done, and how much of that."""

    step: str
    part: str
    done: int
    total: int


Stage = Literal["divide", "part", "step"]

_MAKERS: Mapping[Stage, Callable[[StepJob], Any]] = {"divide": parts_of, "part": make_part_of, "step": make_step_of}


@dataclass(eq=False)
class _Divided:
    """A step of which parts are being made."""

    job: StepJob
    names: list[str]
    done: int = 0
    seconds: float = 0.0

    @property
    def whole(self) -> StepJob:
        """The step itself, once its parts are there."""
        return replace(self.job, seconds_of_parts=self.seconds)


@dataclass(frozen=True, eq=False)
class _Task:
    """What a process is given: the most urgent first, then whole steps before parts, then the earliest.

    A whole step occupies one process, which the parts of another can run next to.
    """

    stage: Stage
    job: StepJob
    urgency: int


@dataclass(eq=False)
class Schedule:
    """Gives steps and their parts to a few processes, those first on which most rests.

    Parameters
    ----------
    submit
        Gives work to a process, see :func:`matscout.workers.pool_of_processes`.
    count
        How many processes there are.
    """

    submit: Submit
    count: int
    _ready: list[_Task] = field(default_factory=list, init=False)
    _running: dict[Future[Any], _Task] = field(default_factory=dict, init=False)
    _divided: dict[str, _Divided] = field(default_factory=dict, init=False)

    @property
    def is_busy(self) -> bool:
        """Whether anything is waiting or being made."""
        return bool(self._ready or self._running)

    @property
    def idle(self) -> int:
        """How many processes wait for work."""
        return 0 if self._ready else self.count - len(self._running)

    def add(self, job: StepJob, *, urgency: int) -> None:
        """Take up a step whose inputs are stored."""
        stage: Stage = "divide" if job.kind.divides and self.count > 1 else "step"
        self._ready.append(_Task(stage, job, urgency))

    def step(self, seconds: float) -> Iterator[tuple[StepJob, Callable[[], None]]]:
        """Begin what can begin, wait until something ends, and give the steps that have ended.

        Parameters
        ----------
        seconds
            How long to wait at most.

        Yields
        ------
        tuple
            A step, and what raises if it or one of its parts failed.
        """
        while self._ready and len(self._running) < self.count:
            task = max(self._ready, key=lambda one: (one.urgency, one.stage == "step"))
            self._ready.remove(task)
            self._running[self.submit(_MAKERS[task.stage], task.job)] = task
        ended, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in ended:
            task = self._running.pop(future)
            if task.stage == "step" or future.exception() is not None:
                yield task.job, future.result
            elif task.stage == "divide":
                self._divide(task, future.result())
            else:
                self._take_part(task, future.result())

    def _divide(self, task: _Task, names: list[str]) -> None:
        self._divided[task.job.name] = _Divided(task.job, names)
        jobs = [replace(task.job, part=number) for number in range(len(names))]
        self._ready += [_Task("part", job, task.urgency) for job in jobs]
        if not jobs:
            self._ready.append(_Task("step", task.job, task.urgency))

    def _take_part(self, task: _Task, seconds: float) -> None:
        divided = self._divided[task.job.name]
        divided.done, divided.seconds = divided.done + 1, divided.seconds + seconds
        if divided.done == len(divided.names):
            self._ready.append(_Task("step", divided.whole, task.urgency))

    def reports(self) -> list[PartReport]:
        """How far each step is that is being made."""
        reports = []
        for task in self._running.values():
            if task.job.part is not None:
                divided = self._divided[task.job.name]
                reports.append(
                    PartReport(task.job.name, divided.names[task.job.part], divided.done, len(divided.names))
                )
                continue
            with suppress(OSError, ValueError):
                part, done, total = json.loads(task.job.progress_file.read_text(encoding="utf-8"))
                reports.append(PartReport(task.job.name, part, done, total))
        return reports

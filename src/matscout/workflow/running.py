"""A workflow is run: what is in the store is taken from there, everything else is made and kept.

Steps run in child processes with one thread of numerical libraries each, so that equal workflows give equal bytes;
several run at a time. Where results come from memory they run in this process.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from matscout.errors import InputError, MatscoutError, UsageError
from matscout.progress import Progress
from matscout.store import Store
from matscout.workers import has_died, has_one_thread, pool_of_processes, processors
from matscout.workflow.graph import Workflow
from matscout.workflow.jobs import (
    ABOUT,
    KIND,
    SECONDS_BETWEEN,
    Schedule,
    StepJob,
    Submit,
    about_result,
    keep_result,
    load_what_fits_need,
)
from matscout.workflow.keys import step_keys
from matscout.workflow.kind import StepWork, inputs_of, named_steps
from matscout.workflow.records import read_record

PROCESSES = "MATSCOUT_PROCESSES"
"""Environment variable: how many steps run at a time; 0 for one after the other in the process that asks."""

StepState = Literal["waiting", "running", "done", "from store", "given", "failed", "cancelled"]


class CancelledError(MatscoutError):
    """A run was stopped from outside; what was finished is kept."""


@dataclass(frozen=True)
class StepEvent:
    """What has happened to a step.

    Parameters
    ----------
    step
        Its name.
    state
        What it is now.
    part, done, total
        While it runs: the name of what is being done, and how much of that; total 0 where nobody knows.
    seconds
        How long it took, when it is done.
    words
        The result in a line, or why it failed.
    """

    step: str
    state: StepState
    part: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    words: str = ""


EventSink = Callable[[StepEvent], None]
"""Told of all that happens; raising :class:`CancelledError` stops the run."""


def no_events(event: StepEvent) -> None:
    """Nobody is told."""


def as_events(progress: Progress) -> EventSink:
    """Events for what shows progress: the parts of steps that run."""

    def sink(event: StepEvent) -> None:
        if event.state == "running" and event.part:
            progress(event.part, event.done, event.total)

    return sink


@dataclass(frozen=True)
class StepOutcome:
    """What became of a step.

    Parameters
    ----------
    state
        Done, or where it came from.
    key
        What its result is stored by; None of what rests on something that is only in memory.
    seconds
        How long it took when it was made.
    words
        The result in a line.
    """

    state: StepState
    key: str | None
    seconds: float
    words: str


@dataclass(eq=False)
class WorkflowRun:
    """A workflow that is being run.

    Parameters
    ----------
    workflow
        What is run.
    store
        Where results are kept; None for a folder that goes with this object.
    given
        Name of a step -> its result, which came from elsewhere: everything runs in this process then.
    processes
        How many steps run at a time, each in a process of its own; 0 for this process; None for what
        :data:`PROCESSES` says, else all processors.
    events
        Told of all that happens.
    anew
        Steps that are made although their results are stored.
    """

    workflow: Workflow
    store: Store | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    processes: int | None = None
    events: EventSink = no_events
    anew: frozenset[str] = frozenset()
    outcomes: dict[str, StepOutcome] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        unknown = [name for name in (*self.given, *self.anew) if name not in self.workflow.steps]
        if unknown:
            raise UsageError(f"there is no step {unknown[0]!r}; there are {', '.join(self.workflow.steps)}")
        self._results: dict[str, Any] = dict(self.given)
        self._keys = step_keys(self.workflow, self.given)
        self._folders: list[Path] = []
        weakref.finalize(self, _forget, self._folders)
        self._processes = ExitStack()
        self._submit: Submit | None = None
        self._begun, self._prepared = 0, False
        weakref.finalize(self, self._processes.close)
        self._own_store: Store | None = None
        for name in self.given:
            self.outcomes[name] = StepOutcome("given", None, 0.0, "")

    def grow(self, workflow: Workflow) -> None:
        """Go on with a workflow that has the same steps and more; what is done stays done."""
        self.workflow, before = workflow, self._keys
        self._keys = step_keys(workflow, self.given)
        for name in [name for name in before if self._keys.get(name) != before[name]]:
            self._results.pop(name, None)
            self.outcomes.pop(name, None)

    def results(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Results of steps, of the final ones if none is named, and all that they rest on is made first.

        Raises
        ------
        MatscoutError
            What a step raises; what was finished is kept.
        CancelledError
            If the sink of events says so.
        """
        wanted = list(self.workflow.final if names is None else names)
        waiting = [name for name in self._needed(wanted) if name not in self.outcomes]
        alone = len(waiting) == 1 and has_one_thread() and not self.workflow.steps[waiting[0]].divides
        if not waiting or self.given or alone or self._count == 0:
            for name in waiting:
                self._make_here(name)
        else:
            self._make_in_processes(waiting)
        return {name: self._result(name) for name in wanted}

    def result(self, name: str) -> Any:
        """The result of one step; errors as :meth:`results`."""
        return self.results([name])[name]

    def _needed(self, names: Sequence[str]) -> list[str]:
        """Steps that must be at hand, without those above of what is stored."""
        wanted, needed = set[str](names), list[str]()
        for name in reversed(self.workflow.above(names)):
            if name not in wanted:
                continue
            needed.append(name)
            if name not in self.outcomes and not self._from_store(name):
                wanted |= set(self.workflow.inputs(name))
        return needed[::-1]

    def _from_store(self, name: str) -> bool:
        """Whether a result is stored; it is taken down then."""
        key = self._keys[name]
        if key is None or name in self.anew:
            return False
        place = self._store.get_folder(KIND, key)
        if place is None:
            return False
        about = json.loads((place / ABOUT).read_text(encoding="utf-8"))
        self._finish(name, StepOutcome("from store", key, about["seconds"], about["summary"]))
        return True

    def _finish(self, name: str, outcome: StepOutcome) -> None:
        self.outcomes[name] = outcome
        self.events(StepEvent(name, outcome.state, seconds=outcome.seconds, words=outcome.words))

    @property
    def _store(self) -> Store:
        if self.store is not None:
            return self.store
        if self._own_store is None:
            self._own_store = Store(self._new_folder())
        return self._own_store

    def _new_folder(self) -> Path:
        """An empty folder that goes with this object."""
        self._folders.append(Path(tempfile.mkdtemp(prefix="matscout-run-")))
        return self._folders[-1]

    def _result(self, name: str) -> Any:
        if name not in self._results:
            key = self._keys[name]
            place = None if key is None else self._store.get_folder(KIND, key)
            if place is None:
                raise InputError(f"the result of {name} was removed from the store during the run: start the run again")
            self._results[name] = read_record(place / "result")
        return self._results[name]

    def _inputs(self, name: str) -> dict[str, Any]:
        kind = self.workflow.steps[name]
        inputs: dict[str, Any] = {}
        for field_name, others in named_steps(kind).items():
            results = tuple(self._result(one) for one in others)
            several = inputs_of(type(kind))[field_name].several
            inputs[field_name] = results if several else (results[0] if results else None)
        return inputs

    @property
    def _count(self) -> int:
        """How many steps run at a time."""
        if self.processes is not None:
            return self.processes
        given = os.environ.get(PROCESSES, "")
        if given and not given.isdecimal():
            raise UsageError(f"{PROCESSES} is {given!r}; expected a whole number from 0")
        return int(given) if given else processors()

    def _make_here(self, name: str) -> None:
        kind, key = self.workflow.steps[name], self._keys[name]
        self.events(StepEvent(name, "running"))
        began = time.perf_counter()

        def progress(step: str, done: int, total: int) -> None:
            self.events(StepEvent(name, "running", step, done, total))

        scratch = self._new_folder()
        parts = None if self.store is None else self.store.folder
        work = StepWork(self.workflow.folder, scratch, parts, progress, self._seconds_above(name))
        with self._failures(name):
            result = kind.run(self._inputs(name), work)
            seconds, words = time.perf_counter() - began, kind.summary(result)
            self._results[name] = result
            if key is not None:
                # Steps below may be made in other processes.
                keep_result(result, self._store, key, about_result(kind, seconds, words))
        self._finish(name, StepOutcome("done", key, seconds, words))

    @contextmanager
    def _failures(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            state: StepState = "cancelled" if isinstance(error, CancelledError) else "failed"
            self.events(StepEvent(name, state, words=str(error)))
            raise

    def _make_in_processes(self, names: Sequence[str]) -> None:
        """Make steps as soon as what they rest on is there; the first failure ends the run."""
        fits = any(kind.divides for kind in self.workflow.steps.values())
        count = self._count if fits else min(self._count, len(names))
        with tempfile.TemporaryDirectory(prefix="matscout-run-") as folder, self._child_processes(count) as submit:
            schedule, waiting = Schedule(submit, count), list(names)
            while waiting or schedule.is_busy:
                for name in [one for one in waiting if self._is_ready(one)]:
                    waiting.remove(name)
                    self.events(StepEvent(name, "running"))
                    schedule.add(self._job(name, Path(folder) / name), urgency=self.workflow.distance_to_end(name))
                for job, result in schedule.step(SECONDS_BETWEEN):
                    self._take(job, result)
                if fits and not self._prepared and schedule.idle:
                    submit(load_what_fits_need, None)
                    self._prepared = True
                for report in schedule.reports():
                    self.events(StepEvent(report.step, "running", report.part, report.done, report.total))

    @contextmanager
    def _child_processes(self, count: int) -> Iterator[Submit]:
        """What gives work to child processes; they stay for later steps, and end with this object or a failure."""
        if self._submit is None or self._begun < count:
            self._processes.close()
            self._submit, self._begun = self._processes.enter_context(pool_of_processes(count)), count
            self._prepared = False
        try:
            yield self._submit
        except BaseException:
            self._processes.close()
            self._submit = None
            raise

    def _is_ready(self, name: str) -> bool:
        return all(one in self.outcomes for one in self.workflow.inputs(name))

    def _job(self, name: str, progress_file: Path) -> StepJob:
        kind, key = self.workflow.steps[name], self._keys[name]
        assert key is not None, "nothing was given"
        inputs = {one: tuple(str(self._keys[other]) for other in others) for one, others in named_steps(kind).items()}
        store = self._store.folder
        folder = self.workflow.folder.absolute()
        return StepJob(name, kind, inputs, key, store, folder, progress_file, self._seconds_above(name))

    def _seconds_above(self, name: str) -> float:
        return sum(self.outcomes[one].seconds for one in self.workflow.above([name]) if one in self.outcomes)

    def _take(self, job: StepJob, result: Callable[[], None]) -> None:
        with self._failures(job.name):
            try:
                result()
            except Exception as error:
                if not has_died(error):
                    raise
                raise InputError(
                    f"the process that worked on {job.name} died, possibly for lack of memory: give fewer rows, or "
                    "run one step at a time (--processes=1)"
                ) from error
        place = self._store.get_folder(KIND, job.key)
        assert place is not None, "the child has kept it"
        about = json.loads((place / ABOUT).read_text(encoding="utf-8"))
        self._finish(job.name, StepOutcome("done", job.key, about["seconds"], about["summary"]))


def _forget(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)

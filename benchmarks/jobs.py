"""What a benchmark consists of: jobs that store their result, made by several processes, each at most once."""

from __future__ import annotations

import fnmatch
import itertools
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol, TypeVar

from peers import PEER, Peer
from tasks import Benchmark, Contest

from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.grid import Grid
from matscout.store import Store

HERE = Path(__file__).parent
CELLS = HERE / "cells"
RESULTS = HERE / "results"


class Job(ABC):
    """Something to be made and stored in a folder; travels to another process."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is, for the line that says it is done."""

    @abstractmethod
    def make(self, folder: Path) -> Any:
        """Make it, and store it or return what is to be stored."""


@dataclass(frozen=True)
class ModelJob(Job):
    """One model on one split of a benchmark."""

    benchmark: Benchmark
    contest: Contest
    model: ModelSettings
    split: int

    @property
    def name(self) -> str:
        return f"{self.benchmark.name}, {self.model.name}, split {self.split}"

    def make(self, folder: Path) -> None:
        grid = self.benchmark.grid(self.contest)
        grid.cell(self.model, grid.splits[self.split], Store(folder))


@dataclass(frozen=True)
class PeerJob(Job):
    """One of the peers on one split of a benchmark."""

    benchmark: Benchmark
    contest: Contest
    peer: Peer
    split: int

    @property
    def name(self) -> str:
        return f"{self.benchmark.name}, {self.peer.name}, split {self.split}"

    def make(self, folder: Path) -> None:
        grid = self.benchmark.grid(self.contest)
        self.peer.cell(grid, grid.splits[self.split], folder)


def model_jobs(benchmark: Benchmark, contest: Contest, folder: Path, names: Sequence[str]) -> Iterator[Job]:
    """The cells of the models called ``names`` that are not stored yet, split by split, the peer's last."""
    grid = benchmark.grid(contest)
    for number, split in enumerate(grid.splits):
        for model in grid.models:
            if model.name in names and not is_stored(grid, model, number, folder):
                yield ModelJob(benchmark, contest, model, number)
        if PEER.name in names and not PEER.path(grid, split, folder).is_file():
            yield PeerJob(benchmark, contest, PEER, number)


def missing_jobs(benchmarks: Sequence[Benchmark], contest: Contest, names: Sequence[str], folder: Path) -> list[Job]:
    """All cells that are not stored yet, and a line for each task that says how many."""
    jobs: list[Job] = []
    for benchmark in benchmarks:
        missing = list(model_jobs(benchmark, contest, folder, names))
        print(f"{benchmark.name}: {len(benchmark.load())} rows, {len(missing)} cells missing", flush=True)
        jobs += missing
    return jobs


def is_stored(grid: Grid, model: ModelSettings, split: int, folder: Path) -> bool:
    """Whether the cell is there, or needs no making."""
    return grid.is_stored(model, grid.splits[split], Store(folder))


def run(
    jobs: Sequence[Job], folder: Path, processes: int, done: Callable[[Job, Any], None] = lambda job, told: None
) -> list[str]:
    """Make all, in order, a line for each; returns those that failed. One failure does not stop the others.

    ``done`` is told of each that is made, and what it returned.
    """
    start, failed, count = time.monotonic(), [], itertools.count(1)
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        # The processes inherit it, and read it when they import NumPy.
        os.environ.setdefault(threads, "1")

    def ended(job: Job, future: Future[Any]) -> None:
        print(f"{next(count)}/{len(jobs)} {time.monotonic() - start:.0f} s: {job.name}", flush=True)
        try:
            done(job, future.result())
        except Exception as error:  # whatever it is, the others go on
            failed.append(f"{job.name}: {error!r}")

    waiting = list(jobs)
    while waiting:
        waiting = _in_a_pool(waiting, folder, processes, ended)
        if waiting:
            # A process was killed (for its memory, mostly) by one of those it ran: the first in line is given up.
            next(count)
            failed.append(f"{waiting.pop(0).name}: its process was killed, or one beside it")
    return failed


def _in_a_pool(
    jobs: Sequence[Job], folder: Path, processes: int, ended: Callable[[Job, Future[Any]], None]
) -> list[Job]:
    """Make all in processes of their own; returns those that were lost, in order, when one was killed."""
    # Fresh processes: forking one that already runs numba or BLAS threads can hang.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_end_with_parent, initargs=(os.getpid(),))
    running = {pool.submit(job.make, folder): job for job in jobs}
    lost: list[Job] = []
    try:
        for future in as_completed(running):
            if isinstance(future.exception(), BrokenProcessPool):
                lost.append(running[future])
            else:
                ended(running[future], future)
    finally:
        # Ctrl-C must not wait for what has not begun.
        pool.shutdown(cancel_futures=True)
    return [job for job in jobs if job in lost]


def _end_with_parent(parent: int) -> None:
    """Ends this process a few seconds after ``parent``, which cannot tell it so when it is killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Named(Protocol):
    """Benchmarks, and tasks made of several."""

    @property
    def name(self) -> str: ...


OneNamed = TypeVar("OneNamed", bound=Named)


def chosen(benchmarks: Sequence[OneNamed], patterns: Sequence[str]) -> list[OneNamed]:
    """The benchmarks whose name fits one of the patterns."""
    found = [one for one in benchmarks if any(fnmatch.fnmatch(one.name, pattern) for pattern in patterns)]
    if not found:
        raise SystemExit(f"no task fits {' '.join(patterns)}; there are {', '.join(one.name for one in benchmarks)}")
    return found


def fail_if(failed: Sequence[str]) -> None:
    """Ends the program if something failed."""
    if failed:
        raise SystemExit("these cells failed:\n" + "\n".join(failed))

"""The main job's benchmark in one command: ``python benchmarks/run.py``.

Every cell (task, model, split) is stored under ``benchmarks/cells`` as it finishes, under a name made from data,
settings and code; a killed run goes on where it was, and other code makes other cells. The tables in
``benchmarks/results`` hold the tasks whose cells are all there.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

from peers import PEER, peer_cell, peer_path  # noqa: E402 - the thread counts must be set before NumPy is imported
from results import write_results  # noqa: E402
from tasks import BENCHMARKS, Benchmark  # noqa: E402

from matscout.evaluation.cells import CellStore, cell_key  # noqa: E402
from matscout.evaluation.evaluating import BASELINES  # noqa: E402

HERE = Path(__file__).parent
MODEL = "auto"


@dataclass(frozen=True)
class Job:
    """One cell by numbers, so that it travels cheaply to another process: ``model`` counts the peer as the last."""

    benchmark: int
    model: int
    split: int


def jobs_of(number: int, models: Sequence[str], folder: Path) -> Iterator[Job]:
    """The cells of one benchmark that are not stored yet."""
    grid = BENCHMARKS[number].grid(MODEL)
    for split_number, split in enumerate(grid.splits):
        for model_number, model in enumerate(grid.models):
            key = cell_key(grid.digest, split, model, grid.level)
            if model.name in models and CellStore(folder).get(key) is None:
                yield Job(number, model_number, split_number)
        if PEER.name in models and not peer_path(grid, split, folder).is_file():
            yield Job(number, len(grid.models), split_number)


def name_of(job: Job) -> str:
    grid = BENCHMARKS[job.benchmark].grid(MODEL)
    model = PEER if job.model == len(grid.models) else grid.models[job.model]
    return f"{BENCHMARKS[job.benchmark].name}, {model.name}, {grid.splits[job.split].name}"


def do(job: Job, folder: Path) -> None:
    """Make one cell."""
    grid = BENCHMARKS[job.benchmark].grid(MODEL)
    split = grid.splits[job.split]
    if job.model == len(grid.models):
        peer_cell(grid, split, folder)
    else:
        grid.cell(grid.models[job.model], split, CellStore(folder))


def run(jobs: Sequence[Job], folder: Path, processes: int) -> list[str]:
    """Make all cells, a line for each; returns those that failed. One failure does not stop the others."""
    start, failed = time.monotonic(), []
    # Fresh processes: forking one that already runs numba or BLAS threads can hang.
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    running = {pool.submit(do, job, folder): job for job in jobs}
    try:
        for done, future in enumerate(as_completed(running), start=1):
            name, error = name_of(running[future]), future.exception()
            print(f"{done}/{len(jobs)} {time.monotonic() - start:.0f} s: {name}", flush=True)
            if error is not None:
                failed.append(f"{name}: {error!r}")
    finally:
        # Ctrl-C must not wait for what has not begun.
        pool.shutdown(cancel_futures=True)
    return failed


def chosen(patterns: Sequence[str]) -> list[int]:
    """Numbers of the benchmarks whose name fits one of the patterns."""
    numbers = [
        number
        for number, benchmark in enumerate(BENCHMARKS)
        if any(fnmatch.fnmatch(benchmark.name, pattern) for pattern in patterns)
    ]
    if not numbers:
        raise SystemExit(f"no task fits {' '.join(patterns)}; there are {', '.join(b.name for b in BENCHMARKS)}")
    return numbers


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    everything = (MODEL, *BASELINES, PEER.name)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=["*"], metavar="NAME", help="names or patterns such as 'estm-*'")
    parser.add_argument("--models", nargs="+", default=everything, choices=everything, metavar="NAME")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    parser.add_argument("--list", action="store_true", help="only say what is there and what is missing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    folder = HERE / "cells"
    jobs: list[Job] = []
    for number in chosen(options.tasks):
        missing = list(jobs_of(number, options.models, folder))
        benchmark: Benchmark = BENCHMARKS[number]
        print(f"{benchmark.name}: {len(benchmark.load())} rows, {len(missing)} cells missing", flush=True)
        jobs += missing
    if options.list:
        return
    failed = run(jobs, folder, options.jobs)
    for path in write_results(BENCHMARKS, MODEL, folder, HERE / "results"):
        print(path)
    if failed:
        raise SystemExit("these cells failed:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()

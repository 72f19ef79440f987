"""A whole source in one Parquet file: part by part, so that a stopped run goes on where it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from matscout.data.files import atomic_write, write_text_whole
from matscout.data.structure_entries import load_readers
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.represent.streaming.job import Finished, Job, Task, work
from matscout.represent.streaming.parts import Part, Parts
from matscout.workers import Lost, in_processes

SECONDS = 600.0
"""A part that takes longer is done one material at a time."""

SECONDS_EACH = 60.0
"""A single material that takes longer is given up."""

STEP = "representing"

Runner = Callable[..., Iterator[Any]]
"""Like :func:`matscout.workers.in_processes`."""


@dataclass(frozen=True)
class Written:
    """What a run wrote.

    Parameters
    ----------
    path
        The Parquet file, with the columns of the job.
    rows
        Materials in it.
    materials
        How many there were in the source.
    problems
        Every material that is not in it, and remarks on others.
    taken_over
        Materials that an earlier run of the same command had done.
    """

    path: Path
    rows: int
    materials: int
    problems: tuple[RowProblem, ...]
    taken_over: int


def write_rows(
    source: Parts,
    job: Job,
    out: Path,
    *,
    origin: Mapping[str, object],
    runner: Runner = in_processes,
    progress: Progress = silent,
) -> Written:
    """Do all materials of a source and write the rows to ``out``, whole or not at all.

    What is finished lies in ``OUT.parts`` until then; the same call goes on from there and computes nothing twice.

    Parameters
    ----------
    source
        The parts, the same ones in the same order if the run is repeated.
    job
        What to do with each.
    out
        Name of the file.
    origin
        What the source is (path, size, date): parts of another source are never taken over.
    runner
        How the parts are distributed.

    Raises
    ------
    UsageError
        If ``OUT.parts`` belongs to another run.
    OSError
        If nothing can be written.
    """
    store = _Store(out.with_name(f"{out.name}.parts"), job.schema)
    store.open({"origin": dict(origin), "job": {"kind": type(job).__name__, **job.told}})
    done = taken_over = 0
    progress(STEP, done, source.total or 0)
    for number, finished in _finished(source.parts, store, job, runner):
        if finished is None:
            taken_over += store.size(number)
        else:
            store.put(number, finished)
        done += store.size(number)
        progress(STEP, done, source.total or 0)
    written = replace(store.join(out), taken_over=taken_over)
    store.remove()
    return written


def _finished(parts: Iterable[Part], store: _Store, job: Job, runner: Runner) -> Iterator[tuple[int, Finished | None]]:
    """Number of each part with what became of it; None for what an earlier run has done."""
    handed_out: list[tuple[int, Part]] = []
    there: list[int] = []

    def tasks() -> Iterator[Task]:
        for number, part in enumerate(parts):
            if store.has(number):
                there.append(number)
            else:
                handed_out.append((number, part))
                yield Task(part, job)

    for outcome in runner(work, tasks(), seconds=SECONDS, prepare=load_readers):
        yield from ((number, None) for number in _emptied(there))
        number, part = handed_out.pop(0)
        yield number, _rescued(part, job, store, runner) if isinstance(outcome, Lost) else outcome
    yield from ((number, None) for number in _emptied(there))


def _emptied(numbers: list[int]) -> list[int]:
    found = numbers.copy()
    numbers.clear()
    return found


def _rescued(part: Part, job: Job, store: _Store, runner: Runner) -> Finished:
    """A part that was lost, one material at a time."""
    singles = part.single()
    outcomes = list(runner(work, [Task(single, job) for single in singles], seconds=SECONDS_EACH, prepare=load_readers))
    parts = [
        store.lost(single, outcome.reason) if isinstance(outcome, Lost) else outcome
        for single, outcome in zip(singles, outcomes, strict=True)
    ]
    problems = tuple(problem for one in parts for problem in one.problems)
    return Finished(pl.concat([store.empty(), *(one.frame for one in parts)]), problems, len(part))


@dataclass(frozen=True)
class _Store:
    """The finished parts of a run: for each a Parquet file, and what was to be said about it as JSON."""

    folder: Path
    schema: pl.Schema

    def open(self, run: Mapping[str, object]) -> None:
        """Begin, or go on."""
        path, text = self.folder / "run.json", json.dumps(run, sort_keys=True, default=str)
        begun = path.is_file() and any(self.folder.glob("*.parquet"))
        if not begun:
            write_text_whole(path, text)
        elif path.read_text(encoding="utf-8") != text:
            raise UsageError(
                f"{self.folder} holds parts of another run (another source, representation or version): delete it, "
                "or choose another name for the result"
            )

    def has(self, number: int) -> bool:
        """Whether a part is finished."""
        return self._rows(number).is_file()

    def put(self, number: int, finished: Finished) -> None:
        """Store a part; its rows last, for they say that it is finished."""
        problems = [asdict(problem) for problem in finished.problems]
        write_text_whole(self._said(number), json.dumps({"n": finished.n, "problems": problems}))
        with atomic_write(self._rows(number)) as unfinished:
            finished.frame.select(self.schema.names()).cast(self.schema).write_parquet(unfinished)

    def size(self, number: int) -> int:
        """Materials of a finished part."""
        return int(self._read(number)["n"])

    def lost(self, part: Part, reason: str) -> Finished:
        """A material that could not be done."""
        advice = "leave it out, or reduce it to its primitive cell"
        problem = replace(part.named(), reason=f"it cannot be represented: {reason}", advice=advice)
        return Finished(self.empty(), (problem,), 1)

    def join(self, out: Path) -> Written:
        """All parts as one file."""
        said = [self._read(number) for number in range(len(list(self.folder.glob("*.parquet"))))]
        paths = [self._rows(number) for number in range(len(said))]
        with atomic_write(out) as unfinished:
            frame = pl.scan_parquet(paths) if paths else self.empty().lazy()
            frame.sink_parquet(unfinished)
        rows = pl.scan_parquet(out).select(pl.len()).collect().item()
        problems = tuple(RowProblem(**problem) for one in said for problem in one["problems"])
        return Written(out, rows, sum(one["n"] for one in said), problems, 0)

    def remove(self) -> None:
        """The parts are no longer needed."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def empty(self) -> pl.DataFrame:
        """No rows."""
        return pl.DataFrame(schema=self.schema)

    def _rows(self, number: int) -> Path:
        return self.folder / f"{number:06d}.parquet"

    def _said(self, number: int) -> Path:
        return self.folder / f"{number:06d}.json"

    def _read(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._said(number).read_text(encoding="utf-8"))
        return found

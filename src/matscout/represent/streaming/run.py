"""A whole source in one Parquet file: part by part, so that a stopped run goes on where it was."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from matscout.data.files import atomic_write
from matscout.data.neighbour_search import load_neighbour_search
from matscout.errors import RowProblem
from matscout.progress import Progress, silent
from matscout.represent.streaming.job import Finished, Job, PartTask, work
from matscout.represent.streaming.parts import Parts, SourcePart
from matscout.store import Store, key_of
from matscout.workers import Lost, in_processes

KIND, ROWS, ABOUT = "parts", "rows.parquet", "about.json"
"""What finished parts are in a store, and the files of one."""

Runner = Callable[..., Iterator[Any]]
"""Like :func:`matscout.workers.in_processes`."""


def load_neighbours() -> None:
    """Load what finds the neighbours in crystals: a second, that should not count as time for a structure."""
    load_neighbour_search()


@dataclass(frozen=True)
class PartWork:
    """How parts are done.

    Parameters
    ----------
    seconds
        A part that takes longer is done one material at a time.
    seconds_each
        A single material that takes longer is given up.
    prepare
        Run once in each process before its first part, and not timed.
    step
        What is done, for the display.
    failed, advice
        What is said of a material that was given up, and what to do.
    """

    seconds: float = 600.0
    seconds_each: float = 60.0
    prepare: Callable[[], None] = load_neighbours
    step: str = "representing"
    failed: str = "it cannot be represented"
    advice: str = "leave it out, or reduce it to its primitive cell"


REPRESENTING = PartWork()
"""How vectors are made."""


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
    how: PartWork = REPRESENTING,
) -> Written:
    """Do all materials of a source and write the rows to ``out``, whole or not at all.

    What is finished lies in a store at ``OUT.parts`` until then, on the disk that the result goes to, since it is as
    large; the same call goes on from there and computes nothing twice.

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
    progress
        Told how many materials are done.
    how
        How long parts may take, and what they are called.

    Raises
    ------
    OSError
        If nothing can be written.
    """
    run = {"origin": dict(origin), "job": {"kind": type(job).__name__, **job.settings}}
    kept = _KeptParts(Store(out.with_name(f"{out.name}.parts")), run, job.schema)
    done = taken_over = 0
    progress(how.step, done, source.total or 0)
    for number, finished in _finished(source, kept, job, runner, how):
        if finished is None:
            taken_over += kept.size(number)
        else:
            kept.put(number, finished)
        done += kept.size(number)
        progress(how.step, done, source.total or 0)
    written = replace(kept.join(out), taken_over=taken_over)
    kept.remove()
    return written


def _finished(
    source: Parts, kept: _KeptParts, job: Job, runner: Runner, how: PartWork
) -> Iterator[tuple[int, Finished | None]]:
    """Number of each part with what became of it; None for what an earlier run has done."""
    handed_out: list[tuple[int, SourcePart]] = []
    there: list[int] = []

    def tasks() -> Iterator[PartTask]:
        for number, part in enumerate(source.parts):
            if kept.has(number):
                there.append(number)
            else:
                handed_out.append((number, part))
                yield PartTask(part, job)

    prepare = None if source.are_quick else how.prepare
    for outcome in runner(work, tasks(), seconds=how.seconds, prepare=prepare):
        yield from ((number, None) for number in _emptied(there))
        number, part = handed_out.pop(0)
        yield number, _rescued(part, job, kept, runner, how) if isinstance(outcome, Lost) else outcome
    yield from ((number, None) for number in _emptied(there))


def _emptied(numbers: list[int]) -> list[int]:
    copy = numbers.copy()
    numbers.clear()
    return copy


def _rescued(part: SourcePart, job: Job, kept: _KeptParts, runner: Runner, how: PartWork) -> Finished:
    """A part that was lost, one material at a time."""
    singles = part.single()
    tasks = [PartTask(single, job) for single in singles]
    outcomes = list(runner(work, tasks, seconds=how.seconds_each, prepare=how.prepare))
    parts = [
        kept.lost(single, f"{how.failed}: {outcome.reason}", how.advice) if isinstance(outcome, Lost) else outcome
        for single, outcome in zip(singles, outcomes, strict=True)
    ]
    problems = tuple(problem for one in parts for problem in one.problems)
    return Finished(pl.concat([kept.empty(), *(one.frame for one in parts)]), problems, len(part))


class _KeptParts:
    """The finished parts of a run, each a record of a store beside the result: its rows, and what is to be said of it.

    Parameters
    ----------
    store
        Where they lie.
    run
        All that they depend on: those of another run are never taken over.
    schema
        Columns of the rows.
    """

    def __init__(self, store: Store, run: Mapping[str, object], schema: pl.Schema) -> None:
        self._store, self._run, self._schema = store, key_of(json.dumps(run, sort_keys=True, default=str)), schema
        self._folders: dict[int, Path] = {}

    def has(self, number: int) -> bool:
        """Whether a part is finished."""
        folder = self._store.get_folder(KIND, self._key(number))
        if folder is not None:
            self._folders[number] = folder
        return folder is not None

    def put(self, number: int, finished: Finished) -> None:
        """Keep a part."""
        about = {"n": finished.n, "problems": [asdict(problem) for problem in finished.problems]}
        with self._store.put_folder(KIND, self._key(number)) as folder:
            (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
            finished.frame.select(self._schema.names()).cast(self._schema).write_parquet(folder / ROWS)
        if not self.has(number):
            raise OSError(errno.EIO, f"part {number + 1} could not be read again", str(self._store.folder))

    def size(self, number: int) -> int:
        """Materials of a finished part."""
        return int(self._about(number)["n"])

    def lost(self, part: SourcePart, reason: str, advice: str) -> Finished:
        """A material that could not be done."""
        problem = replace(part.named(), reason=reason, advice=advice)
        return Finished(self.empty(), (problem,), 1)

    def join(self, out: Path) -> Written:
        """All parts as one file."""
        numbers = sorted(self._folders)
        about = [self._about(number) for number in numbers]
        paths = [self._folders[number] / ROWS for number in numbers]
        with atomic_write(out) as unfinished:
            frame = pl.scan_parquet(paths) if paths else self.empty().lazy()
            frame.sink_parquet(unfinished)
        rows = pl.scan_parquet(out).select(pl.len()).collect().item()
        problems = tuple(RowProblem(**problem) for one in about for problem in one["problems"])
        return Written(out, rows, sum(one["n"] for one in about), problems, 0)

    def remove(self) -> None:
        """The parts are no longer needed; those of another run, that was stopped, stay."""
        for number in self._folders:
            self._store.remove(KIND, self._key(number))
        if not self._store.entries():
            shutil.rmtree(self._store.folder, ignore_errors=True)

    def empty(self) -> pl.DataFrame:
        """No rows."""
        return pl.DataFrame(schema=self._schema)

    def _key(self, number: int) -> str:
        return key_of(self._run, number)

    def _about(self, number: int) -> dict[str, Any]:
        about: dict[str, Any] = json.loads((self._folders[number] / ABOUT).read_text(encoding="utf-8"))
        return about

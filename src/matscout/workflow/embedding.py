"""``matscout embed``: from whatever the user points at to a Parquet file of vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matscout.data.cells import CellChoice
from matscout.data.csv_files import write_csv
from matscout.errors import InputError, RowProblem
from matscout.mentions import worded
from matscout.progress import Progress, silent
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.parts import SIZE, Parts
from matscout.represent.streaming.run import Runner, Written, write_rows
from matscout.represent.streaming.work import Recipe, VectorJob, code_of
from matscout.workers import in_processes, in_this_process, where_quicker
from matscout.workflow.collections import Collection
from matscout.workflow.user_store import user_store


@dataclass(frozen=True)
class EmbedOptions:
    """How to represent: the options of ``matscout embed``."""

    cell: CellChoice = "as-given"
    ray: str | None = None
    cache: bool = True


def embed_collection(
    collection: Collection, name: str, out: Path, options: EmbedOptions, progress: Progress = silent
) -> Written:
    """Represent a collection of any size, by all processors.

    Raises
    ------
    InputError
        If the source itself cannot be read.
    UsageError
        If an unfinished run of another source or representation lies beside ``out``.
    """
    parts = collection.parts_for([name])
    job, runner = VectorJob(recipe_of(name, options)), runner_for(parts, options)
    return write_rows(parts, job, out, origin=collection.origin, runner=runner, progress=progress)


def recipe_of(name: str, options: EmbedOptions) -> Recipe:
    """How every part is represented by one representation."""
    # The nodes of a cluster do not share this machine's disk.
    store = user_store() if options.cache and options.ray is None else None
    return Recipe(name, options.cell, code_of(make_representation(name)), store)


def runner_for(parts: Parts, options: EmbedOptions) -> Runner:
    """What does the parts: a cluster, all processors, or this process where there are few."""
    if options.ray is not None:
        from matscout.ray_workers import on_cluster

        return on_cluster(options.ray)
    if parts.are_quick:
        return where_quicker
    return in_this_process if parts.total is not None and parts.total <= SIZE else in_processes


def write_problems(problems: Sequence[RowProblem], out: Path) -> Path:
    """All problems as CSV beside the vectors (``OUT.problems.csv``), whole or not at all; no file if there are none."""
    path = problems_file(out)
    if not problems:
        path.unlink(missing_ok=True)
        return path
    import polars as pl

    columns = {
        "row": [problem.row for problem in problems],
        "value": [problem.value for problem in problems],
        "left out": ["yes" if problem.dropped else "no" for problem in problems],
        "reason": [problem.reason for problem in problems],
        "advice": [worded(problem.advice) for problem in problems],
    }
    return write_csv(pl.DataFrame(columns), path)


def problems_file(out: Path) -> Path:
    """Where the problems of a run stand."""
    return out.with_name(f"{out.stem}.problems.csv")


def refuse_too_many(written: Written, max_bad: float) -> None:
    """Refuse a source of which more than allowed has no vector; the vectors of the others are there all the same.

    Files that are no structures and need not be are not counted.

    Raises
    ------
    InputError
        If nothing has a vector, or too little.
    """
    bad = sum(problem.dropped for problem in written.problems)
    total = written.rows + bad
    if written.rows and bad <= max_bad * total:
        return
    if not total:
        raise InputError("there are no materials; expected formulas, or files of structures")
    limit = f"more than the {max_bad:.0%} allowed (--max-bad)" if written.rows else "so there are none"
    raise InputError(
        f"{bad:,} of {total:,} materials have no vector, {limit}; see {problems_file(written.path)} for the reasons, "
        f"and {written.path} for the vectors of the others"
    )

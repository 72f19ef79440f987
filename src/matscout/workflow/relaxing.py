"""``matscout relax``: a collection of any size -> a folder with relaxed structures and a table of all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from matscout.code_digest import digest_of_code
from matscout.data.extended_xyz_writing import extended_xyz_frame
from matscout.data.files import atomic_write
from matscout.errors import InputError, RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.represent.streaming.job import Finished, Job
from matscout.represent.streaming.parts import SourcePart
from matscout.represent.streaming.run import PartWork, Runner, write_rows
from matscout.simulate.choice import make_force_field
from matscout.simulate.force_field import ForceField
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxed import COLUMNS, Relaxed
from matscout.simulate.relaxing import STEP
from matscout.simulate.relaxing_apart import ADVICE, FAILED, PART, PATIENCE, RelaxingPart, load_field
from matscout.store import key_of
from matscout.workers import in_processes
from matscout.workflow.collections import Collection
from matscout.workflow.embedding import write_problems

TABLE, STRUCTURES = "relaxed.parquet", "relaxed.extxyz"
"""Files of the result."""

PROBLEMS = "relaxed.problems.csv"
"""All problems, where there are any."""

ROWS = "rows.parquet"

GEOMETRY: Mapping[str, pl.DataType] = {
    "lattice": pl.List(pl.Float64()),
    "fractional": pl.List(pl.Float64()),
    "numbers": pl.List(pl.UInt8()),
    "pbc": pl.List(pl.Boolean()),
}
"""The relaxed structures, until they are written as files."""

AT_ONCE = 1000
"""Structures that are in memory while files are written."""


@dataclass(frozen=True)
class RelaxJob(Job):
    """Relaxes all structures of a part.

    Parameters
    ----------
    name
        Of the force field, or the address of a calculator.
    how
        When relaxations end.
    patience
        Seconds, as :data:`~matscout.simulate.relaxing_apart.PATIENCE`.
    """

    name: str
    how: RelaxSettings
    patience: float = PATIENCE

    @property
    def schema(self) -> pl.Schema:
        """The columns of the table, and the structures."""
        columns: dict[str, Any] = {**COLUMNS, **GEOMETRY}
        return pl.Schema(columns)

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the rows depend on."""
        field = make_force_field(self.name)
        return {"field": field.name, "weights": asdict(field.weights), "code": _code(field), **asdict(self.how)}

    def work(self, part: SourcePart) -> Finished:
        """Read a part and relax its structures; a process that is stuck is ended."""
        read = part.read()
        relaxed = RelaxingPart(read.materials, self.name, self.how, self.patience).relaxed()
        numbered = [replace(problem, row=int(read.numbers[problem.row - 1])) for problem in relaxed.problems]
        problems = sorted([*read.problems, *numbered], key=lambda problem: problem.row)
        return Finished(relaxed.to_frame().hstack(_geometry(relaxed)), tuple(problems), len(part))


def _code(field: ForceField) -> str:
    """Digest of the code that relaxes."""
    return key_of(digest_of_code(__name__), digest_of_code(type(field).__module__))


def _geometry(relaxed: Relaxed) -> pl.DataFrame:
    structures = relaxed.materials.structures
    assert structures is not None
    places = [slice(start, stop) for start, stop in zip(structures.offsets[:-1], structures.offsets[1:], strict=True)]
    columns = {
        "lattice": [lattice.ravel() for lattice in structures.lattices],
        "fractional": [structures.fractional_coordinates[place].ravel() for place in places],
        "numbers": [structures.atomic_numbers[place] for place in places],
        "pbc": list(structures.pbc),
    }
    return pl.DataFrame({name: [one.tolist() for one in values] for name, values in columns.items()}, schema=GEOMETRY)


@dataclass(frozen=True)
class RelaxedFiles:
    """What a run wrote.

    Parameters
    ----------
    folder
        With :data:`TABLE`, :data:`STRUCTURES` and, where there are any, all problems as ``relaxed.problems.csv``.
    converged, relaxed, materials
        How many rows are converged, have an energy, and were there.
    doubtful
        How many have warnings.
    problems
        Of the rows without an energy, and remarks on others.
    taken_over
        Rows that an earlier run of the same command had done.
    """

    folder: Path
    converged: int
    relaxed: int
    materials: int
    doubtful: int
    problems: tuple[RowProblem, ...]
    taken_over: int


def relax_collection(
    collection: Collection,
    job: RelaxJob,
    folder: Path,
    unfinished: Path,
    *,
    runner: Runner = in_processes,
    progress: Progress = silent,
) -> RelaxedFiles:
    """Relax a collection of any size by all processors; errors as :func:`~matscout.represent.streaming.run.write_rows`.

    Parameters
    ----------
    collection
        The structures, :data:`PART` in a part.
    job
        How each is relaxed.
    folder
        An empty folder for the files.
    unfinished
        A folder for finished parts: the same call goes on from there.
    runner
        How parts are distributed.
    progress
        Told how many are done.

    Raises
    ------
    UsageError
        If the collection holds formulas only.
    """
    if not collection.has_structures:
        raise UsageError("these materials are formulas only: relaxing needs structures (--structure=COL|DIR)")
    unfinished.mkdir(parents=True, exist_ok=True)
    origin = {**collection.origin, "part": PART}
    how = part_work(job)
    rows = write_rows(
        collection.parts, job, unfinished / ROWS, origin=origin, runner=runner, progress=progress, how=how
    )
    table = pl.scan_parquet(rows.path)
    with atomic_write(folder / TABLE) as place:
        table.select(*COLUMNS).sink_parquet(place)
    _write_structures(table, rows.rows, folder / STRUCTURES, make_force_field(job.name).described)
    write_problems(rows.problems, folder / TABLE)
    counts = (pl.col("energy (eV/atom)").count(), pl.col("converged").sum(), (pl.col("warnings") != "").sum())
    energies, converged, doubtful = table.select(*counts).collect().row(0)
    rows.path.unlink()
    return RelaxedFiles(folder, converged, energies, rows.materials, doubtful, rows.problems, rows.taken_over)


def part_work(job: RelaxJob) -> PartWork:
    """How long parts may take, and what is said of what fails."""
    each = job.how.time_limit + job.patience
    return PartWork(
        seconds=each * PART,
        seconds_each=each + job.patience,
        prepare=partial(load_field, job.name),
        step=STEP,
        failed=FAILED,
        advice=ADVICE,
    )


def _write_structures(table: pl.LazyFrame, n: int, path: Path, force_field: str) -> None:
    with atomic_write(path) as place, place.open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, n, AT_ONCE):
            file.writelines(_frames(table.slice(start, AT_ONCE).collect().to_dicts(), force_field))


def _frames(rows: Sequence[Mapping[str, object]], force_field: str) -> Iterator[str]:
    for row in rows:
        if row["energy (eV/atom)"] is not None:
            yield extended_xyz_frame(
                np.array(row["lattice"]).reshape(3, 3),
                np.array(row["numbers"]),
                np.array(row["fractional"]).reshape(-1, 3),
                np.array(row["pbc"]),
                {
                    "id": row["id"],
                    "energy": row["energy (eV/atom)"] * row["sites"],  # type: ignore[operator]
                    "energy_scheme": row["energy scheme"],
                    "force_field": force_field,
                    "converged": row["converged"],
                },
            )


def refuse_too_few(done: RelaxedFiles, max_bad: float, folder: Path) -> None:
    """Refuse a run in which more than allowed has no energy; the files of the others are there all the same.

    Raises
    ------
    InputError
        If nothing has an energy, or too little.
    """
    bad = sum(problem.dropped for problem in done.problems)
    if done.relaxed and bad <= max_bad * done.materials:
        return
    limit = f"more than the {max_bad:.0%} allowed (--max-bad)" if done.relaxed else "so there are none"
    raise InputError(
        f"{bad:,} of {done.materials:,} structures have no energy, {limit}; the reasons stand in {folder / PROBLEMS}"
    )


def discard(unfinished: Path) -> None:
    """Forget the finished parts of a run whose result is in its place."""
    shutil.rmtree(unfinished, ignore_errors=True)

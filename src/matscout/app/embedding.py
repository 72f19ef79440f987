"""``matscout embed``: from whatever the user points at to a Parquet file of vectors."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matscout.app.console import note
from matscout.app.places import refuse_unwritable
from matscout.code_digest import digest_of_code
from matscout.data.cells import CellChoice
from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.data.sources import holds_structures
from matscout.data.structure_tables import StructureTable
from matscout.errors import InputError, RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.cache import user_cache
from matscout.represent.streaming.parts import SIZE, Parts, parts_of_dataset, parts_of_structures, parts_of_table
from matscout.represent.streaming.run import Runner, Written, write_vectors
from matscout.represent.streaming.work import Recipe
from matscout.workers import in_processes, in_this_process


@dataclass(frozen=True)
class EmbedOptions:
    """How to represent: the options of ``matscout embed``."""

    cell: CellChoice = "as-given"
    ray: str | None = None
    cache: bool = True


def streams(source: Path) -> bool:
    """Whether a source is read part by part: folders, archives and files that hold structures and nothing else."""
    return source.exists() and holds_structures(source)


def embed_structures(source: Path, name: str, out: Path, options: EmbedOptions, progress: Progress = silent) -> Written:
    """Represent a collection of structures of any size, by all processors.

    Raises
    ------
    InputError
        If the source itself cannot be read.
    UsageError
        If an unfinished run of another source or representation lies beside ``out``.
    """
    return _write(parts_of_structures(source), _origin(source), out, _Making(name, options, progress))


def embed_table(
    table: StructureTable, name: str, out: Path, options: EmbedOptions, progress: Progress = silent
) -> Written:
    """Represent a table of structures of any size, like a collection; errors as there."""
    origin = {**_origin(table.path), "columns": [table.roles.id, table.roles.formula, table.roles.structure]}
    return _write(parts_of_table(table), origin, out, _Making(name, options, progress))


def embed_dataset(
    dataset: Dataset, name: str, out: Path, options: EmbedOptions, progress: Progress = silent
) -> Written:
    """Represent materials that are in memory."""
    provenance = dataset.provenance
    origin = {"source": provenance.source, "digest": provenance.digest, "rows": len(dataset)}
    return _write(parts_of_dataset(dataset), origin, out, _Making(name, options, progress))


@dataclass(frozen=True)
class _Making:
    """How vectors are made."""

    name: str
    options: EmbedOptions
    progress: Progress


def _write(parts: Parts, origin: Mapping[str, object], out: Path, making: _Making) -> Written:
    options = making.options
    # The nodes of a cluster do not share this machine's disk.
    cache = vector_cache() if options.cache and options.ray is None else None
    code = digest_of_code(("data", "represent")) + make_representation(making.name).version
    recipe = Recipe(making.name, options.cell, code, cache)
    return write_vectors(parts, recipe, out, origin=origin, runner=_runner(parts, options), progress=making.progress)


def _runner(parts: Parts, options: EmbedOptions) -> Runner:
    if options.ray is not None:
        from matscout.ray_workers import on_cluster

        return on_cluster(options.ray)
    return in_this_process if parts.total is not None and parts.total <= SIZE else in_processes


def vector_cache() -> Path | None:
    """Where vectors of structures are kept from run to run; None, with a note, if nothing can be written there."""
    path = user_cache()
    try:
        refuse_unwritable(path)
    except UsageError:
        note(f"vectors are not kept for the next run, since nothing can be written into {path.parent}")
        return None
    return path


def _origin(source: Path) -> dict[str, object]:
    """What tells whether a source is still the same."""
    files = [source] if source.is_file() else [path for path in source.iterdir() if path.is_file()]
    told = [path.stat() for path in files]
    return {
        "source": str(source.resolve()),
        "files": len(files),
        "bytes": sum(one.st_size for one in told),
        "written": max((one.st_mtime_ns for one in told), default=0),
    }


def write_problems(problems: Sequence[RowProblem], out: Path) -> Path:
    """All problems as CSV beside the vectors (``OUT.problems.csv``), whole or not at all; no file if there are none."""
    path = problems_file(out)
    if not problems:
        path.unlink(missing_ok=True)
        return path
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["row", "value", "left out", "reason", "advice"])
    for problem in problems:
        rows.writerow([problem.row, problem.value, "yes" if problem.dropped else "no", problem.reason, problem.advice])
    return write_text_whole(path, text.getvalue())


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
    total = written.vectors + bad
    if written.vectors and bad <= max_bad * total:
        return
    if not total:
        raise InputError(
            "there are no materials; expected formulas, or structures as CIF, POSCAR, extended XYZ or JSON"
        )
    limit = f"more than the {max_bad:.0%} allowed (--max-bad)" if written.vectors else "so there are none"
    raise InputError(
        f"{bad} of {total} materials have no vector, {limit}; the reasons stand in {problems_file(written.path)}, "
        f"the vectors of the others in {written.path}"
    )

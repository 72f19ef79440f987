"""``matscout embed``: vectors of materials as a table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from matscout.app.console import note, progress_display, say, show_problems, show_reading
from matscout.app.options import (
    Formula,
    InputOptions,
    MaxBad,
    Sheet,
    Structure,
    Unit,
    existing,
    parse_assignments,
    representation_at_hand,
)
from matscout.app.places import result_file
from matscout.errors import UsageError


def embed(
    *,
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="File, folder or archive of materials.", show_default=False)
    ],
    name: Annotated[
        str,
        typer.Option("--with", metavar="NAME", help="Representation (`matscout representations`).", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT.parquet", help="File for the vectors.", show_default=False)
    ],
    formula: Formula = None,
    structure: Structure = None,
    sheet: Sheet = None,
    unit: Unit = None,
    max_bad: MaxBad = 0.2,
    cell: Annotated[
        Literal["as-given", "primitive", "conventional"], typer.Option("--cell", help="Cell to bring structures to.")
    ] = "as-given",
    cache: Annotated[bool, typer.Option(help="Use and keep vectors of equal structures from run to run.")] = True,
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="auto|ADDRESS", help="Do the parts on a Ray cluster.", show_default=False),
    ] = None,
) -> None:
    """Turn materials into vectors: a Parquet file with id, formula and one column for each component.

    Collections of structures of any size, also in a column of a Parquet or CSV file, are read and represented part by
    part by all processors. A run that was stopped goes on where it was when it is started again.
    """
    result_file(out, source)
    representation_at_hand(name)

    from matscout.app.embedding import (
        EmbedOptions,
        embed_dataset,
        embed_structures,
        embed_table,
        problems_file,
        refuse_too_many,
        streams,
        write_problems,
    )
    from matscout.data.structure_tables import structure_table

    options = EmbedOptions(cell, ray, cache)
    units = parse_assignments(unit, "--unit", "COL=UNIT")
    if streams(existing(source)):
        if formula or structure or sheet or unit:
            raise UsageError(
                f"{source} holds structures only; --formula, --structure, --sheet and --unit are for tables"
            )
        with progress_display() as progress:
            written = embed_structures(source, name, out, options, progress)
    elif table := None if sheet else structure_table(source, formula, structure, units):
        note(f"{table.n_rows} rows in {source.name}, their structures in column {table.roles.structure!r}")
        with progress_display() as progress:
            written = embed_table(table, name, out, options, progress)
    else:
        dataset = InputOptions(formula, structure, sheet, unit, max_bad).read_materials(source)
        show_reading(dataset)
        with progress_display() as progress:
            written = embed_dataset(dataset, name, out, options, progress)
    show_problems(
        sorted(written.problems, key=lambda problem: not problem.dropped),
        lists_all=f"all of them: {problems_file(out)}",
    )
    write_problems(written.problems, out)
    if written.taken_over:
        note(f"{written.taken_over} of {written.materials} materials were done before")
    say(f"{written.vectors} vectors of {written.width} columns: {written.path}")
    refuse_too_many(written, max_bad)

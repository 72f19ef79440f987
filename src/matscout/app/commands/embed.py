"""``matscout embed``: vectors of materials as a table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.console import note, progress_display, say, show_problems
from matscout.app.options import (
    Alloys,
    Cache,
    Cell,
    Collected,
    Decimal,
    Formula,
    MaxBad,
    Ray,
    Reaction,
    Sheet,
    Structure,
    Thousands,
    Unit,
    representation_at_hand,
)
from matscout.app.reading import open_collection
from matscout.app.stores import note_lost_vectors
from matscout.counting import counted, part_of, was
from matscout.workflow.places import result_file


def embed(
    *,
    source: Collected,
    name: Annotated[
        str,
        typer.Option("--with", metavar="NAME", help="Representation (`matscout representations`).", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT.parquet", help="File for the vectors.", show_default=False)
    ],
    formula: Formula = None,
    structure: Structure = None,
    reaction: Reaction = None,
    sheet: Sheet = None,
    unit: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    cell: Cell = "as-given",
    cache: Cache = True,
    ray: Ray = None,
) -> None:
    """Turn materials into vectors: a Parquet file with id, formula and one column for each component.

    Collections of structures of any size, also in a column of a Parquet or CSV file, are read and represented part by
    part by all processors. A run that was stopped goes on where it was when it is started again.
    """
    from matscout.workflow.read_settings import ReadSettings

    result_file(out, source)
    representation_at_hand(name)

    from matscout.represent.embedding import make_representation
    from matscout.workflow.embedding import (
        EmbedOptions,
        embed_collection,
        problems_file,
        refuse_too_many,
        write_problems,
    )

    collection = open_collection(
        ReadSettings(
            formula, structure, sheet, unit, alloys, decimal, thousands, max_bad, reaction, takes_reactions=True
        ),
        source,
    )
    note_lost_vectors(cache and ray is None)
    with progress_display() as progress:
        written = embed_collection(collection, name, out, EmbedOptions(cell, ray, cache), progress)
    show_problems(
        written.problems,
        lists_all=f"all of them: {problems_file(out)}",
    )
    write_problems(written.problems, out)
    if written.taken_over:
        note(f"{part_of(written.taken_over, written.materials, 'material')} {was(written.taken_over)} done before")
    say(f"{counted(written.rows, 'vector')} of {make_representation(name).dim} columns: {written.path}")
    refuse_too_many(written, max_bad)

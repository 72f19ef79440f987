"""``matscout embed``: vectors of materials as a table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.console import say, show_problems, show_reading
from matscout.app.options import Formula, InputOptions, MaxBad, Sheet, Structure, Unit
from matscout.app.places import result_file
from matscout.registry import find


def embed(
    *,
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="File or folder of materials.", show_default=False)],
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
) -> None:
    """Turn materials into vectors: a Parquet file with id, formula and one column for each component."""
    result_file(out, source)
    find("representations", name)
    dataset = InputOptions(formula, structure, sheet, unit, max_bad).read_materials(source)
    show_reading(dataset)

    from matscout.app.embedding import write_embedding
    from matscout.app.row_numbers import in_file_rows
    from matscout.represent.embedding import embed as embed_materials

    embedding = embed_materials(dataset.materials, name)
    show_problems(in_file_rows(embedding.problems, dataset))
    say(
        f"{len(embedding.rows)} vectors of {len(embedding.columns)} columns: {write_embedding(dataset, embedding, out)}"
    )

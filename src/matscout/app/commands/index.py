"""``matscout index``: materials with vectors, facts and properties, to be searched by likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from matscout.app.console import note, progress_display, say, show_problems, show_table
from matscout.app.options import (
    Alloys,
    Cache,
    Cell,
    Collected,
    Decimal,
    Formula,
    MaxBad,
    Ray,
    Sheet,
    Structure,
    Thousands,
    Unit,
    representation_at_hand,
)
from matscout.app.reading import open_collection
from matscout.app.stores import note_lost_vectors
from matscout.counting import part_of, was

if TYPE_CHECKING:
    from matscout.workflow.indexing import Indexed

index = typer.Typer(no_args_is_help=True, help="Build an index of materials, add to it, look at it.")

Place = Annotated[
    str, typer.Option("-o", "--out", metavar="INDEX", help="Folder, or s3://BUCKET/NAME.", show_default=False)
]
There = Annotated[str, typer.Argument(metavar="INDEX", help="Folder, or s3://BUCKET/NAME.", show_default=False)]


@index.command()
def build(
    *,
    source: Collected,
    out: Place,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME",
            help="Representation (repeatable; else networks that learned properties, one of formulas and, where there "
            "are structures, one of them).",
            show_default=False,
        ),
    ] = None,
    formula: Formula = None,
    structure: Structure = None,
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
    """Build an index of materials: vectors by one or more representations, what is known of each, its properties.

    All columns with numbers or short texts become properties, under lower-case names without units. A run that was
    stopped goes on where it was when it is started again. From 100,000 materials on the search is approximate, and how
    much of the exact one it finds is measured.
    """
    from matscout.extras import require
    from matscout.workflow.embedding import EmbedOptions
    from matscout.workflow.indexing import check_place, index_collection
    from matscout.workflow.read_settings import ReadSettings

    require("lancedb", extra="index")
    check_place(out)
    for name in names or ():
        representation_at_hand(name)
    collection = open_collection(
        ReadSettings(formula, structure, sheet, unit, alloys, decimal, thousands, max_bad),
        source,
    )
    note_lost_vectors(cache and ray is None)
    with progress_display() as progress:
        done = index_collection(collection, tuple(names or ()), out, EmbedOptions(cell, ray, cache), progress)
    _tell(done)
    say(f"index of {len(done.index):,} materials by {', '.join(done.index.about.vectors)}: {out}")


@index.command()
def add(
    *,
    where: There,
    source: Collected,
    formula: Formula = None,
    structure: Structure = None,
    sheet: Sheet = None,
    unit: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    cache: Cache = True,
    ray: Ray = None,
) -> None:
    """Add materials to an index, or put them in place of those with the same id; the older state stays a version."""
    from matscout.discover.index.store import Index
    from matscout.workflow.embedding import EmbedOptions
    from matscout.workflow.indexing import add_to_index
    from matscout.workflow.read_settings import ReadSettings

    there = Index.open(where)
    collection = open_collection(
        ReadSettings(formula, structure, sheet, unit, alloys, decimal, thousands, max_bad),
        source,
    )
    note_lost_vectors(cache and ray is None)
    with progress_display() as progress:
        done = add_to_index(there, collection, EmbedOptions(there.about.cell, ray, cache), progress)
    _tell(done)
    say(f"{done.new:,} materials added, {done.written.rows - done.new:,} replaced; {where} holds {len(there):,}")


@index.command()
def delete(
    *,
    where: There,
    condition: Annotated[
        str, typer.Option("--where", metavar="SQL", help="Delete what it holds for.", show_default=False)
    ],
) -> None:
    """Delete materials from an index; the older state stays a version."""
    from matscout.discover.index.store import Index

    there = Index.open(where)
    gone = there.delete(condition)
    say(f"{gone:,} materials deleted; {where} holds {len(there):,}")


@index.command()
def info(*, where: There) -> None:
    """Show what an index holds: representations, columns to search by, versions."""
    from matscout.app.index_tables import column_rows, vector_rows, version_rows
    from matscout.discover.index.store import Index

    there = Index.open(where)
    about = there.about
    kind = "structures" if about.has_structures else "formulas"
    say(f"{len(there):,} materials with {kind}, built by matscout {about.matscout} of {'; '.join(about.sources)}")
    show_table(("representation", "components", "search"), vector_rows(there))
    show_table(("column", "kind", "known", "in the source"), column_rows(there))
    show_table(("version", "written", "materials"), version_rows(there))


def _tell(done: Indexed) -> None:
    """What was left out, and what was taken over."""
    from matscout.workflow.embedding import problems_file

    written = done.written
    show_problems(
        written.problems,
        lists_all=f"all of them: {problems_file(written.path)}",
    )
    for remark in done.remarks:
        note(remark)
    if written.taken_over:
        note(f"{part_of(written.taken_over, written.materials, 'material')} {was(written.taken_over)} done before")
    for name, shares in ((name, one.recall) for name, one in done.index.about.vectors.items()):
        if shares:
            told = ", ".join(f"{share:.1%} of the nearest {count}" for count, share in shares.items())
            note(f"approximate search by {name} finds {told}")

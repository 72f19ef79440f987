"""``matscout index``: materials with vectors, facts and properties, to be searched by likeness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matscout.app.at_hand import representation_at_hand
from matscout.app.console import note, progress_display, say, show_problems, show_table
from matscout.app.index_settings import NewIndexSettings, PlaceSettings, SourceSettings, WorkSettings
from matscout.app.reading import open_collection
from matscout.app.stores import note_lost_vectors
from matscout.counting import part_of, was
from matscout.data.reading_settings import ReadingSettings
from matscout.settings.command_options import with_options

if TYPE_CHECKING:
    from matscout.workflow.indexing import Indexed

index = typer.Typer(no_args_is_help=True, help="Build, extend, reduce or inspect an index of materials.")

There = Annotated[str, typer.Argument(metavar="INDEX", help="Folder, or s3://BUCKET/NAME.", show_default=False)]


@index.command()
@with_options
def build(*, given: SourceSettings, new: NewIndexSettings, reading: ReadingSettings, work: WorkSettings) -> None:
    """Build an index of materials: vectors by one or more representations, facts and properties of each.

    All columns with numbers or short texts become properties, under lower-case names without units. The same command
    resumes a stopped run. With 100,000 or more materials, the search is approximate, and its recall is measured.
    """
    from matscout.extras import require
    from matscout.workflow.embedding import EmbedOptions
    from matscout.workflow.graph import Workflow
    from matscout.workflow.indexing import check_place, index_collection
    from matscout.workflow.label_settings import MaterialSettings
    from matscout.workflow.result_files import workflow_beside
    from matscout.workflow.steps.index import IndexStep

    require("lancedb", extra="index")
    check_place(new.out)
    for name in new.representations:
        representation_at_hand(name)
    collection = open_collection(MaterialSettings.of(reading), given.source)
    note_lost_vectors(work.cache and work.ray is None)
    options = EmbedOptions(new.cell, work.ray, work.cache)
    with progress_display() as progress:
        done = index_collection(collection, new.representations, new.out, options, progress)
    _tell(done)
    if "://" not in new.out:
        step = IndexStep.of(
            MaterialSettings.of(reading), file=given.source, representations=new.representations, cell=new.cell
        )
        workflow_beside(Workflow.linked({"index": step}), Path(new.out))
    say(f"index of {len(done.index):,} materials by {', '.join(done.index.about.vectors)}: {new.out}")


@index.command()
@with_options
def add(*, place: PlaceSettings, given: SourceSettings, reading: ReadingSettings, work: WorkSettings) -> None:
    """Add materials to an index, or replace those with the same id; the earlier state stays available as a version."""
    from matscout.discover.index.store import Index
    from matscout.workflow.embedding import EmbedOptions
    from matscout.workflow.indexing import add_to_index
    from matscout.workflow.label_settings import MaterialSettings

    there = Index.open(place.index)
    collection = open_collection(MaterialSettings.of(reading), given.source)
    note_lost_vectors(work.cache and work.ray is None)
    with progress_display() as progress:
        done = add_to_index(there, collection, EmbedOptions(there.about.cell, work.ray, work.cache), progress)
    _tell(done)
    replaced = done.written.rows - done.new
    say(f"{done.new:,} materials added, {replaced:,} replaced; {place.index} holds {len(there):,}")


@index.command()
def delete(
    *,
    where: There,
    condition: Annotated[
        str,
        typer.Option(
            "--where", metavar="SQL", help="Delete the materials that meet this condition.", show_default=False
        ),
    ],
) -> None:
    """Delete materials from an index; the earlier state stays available as a version."""
    from matscout.discover.index.store import Index

    there = Index.open(where)
    gone = there.delete(condition)
    say(f"{gone:,} materials deleted; {where} holds {len(there):,}")


@index.command()
def info(*, where: There) -> None:
    """Show what an index contains: representations, columns for conditions, versions."""
    show_index(where)


def show_index(where: str) -> None:
    """Show what an index holds."""
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
            named_shares = ", ".join(f"{share:.1%} of the nearest {count}" for count, share in shares.items())
            note(f"recall of the approximate search by {name}: {named_shares}")

"""``matscout view``: one structure as a picture and as a page to turn it on, with what is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matscout.app.console import note, say, show_problems, show_reading, show_table
from matscout.app.options import Alloys, Decimal, Formula, MaxBad, Sheet, Structure, Targets, Thousands, Unit
from matscout.app.reading import read_labels
from matscout.errors import UsageError
from matscout.extras import require
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.app.viewing.nearest import NearLabels

ENDINGS = (".png", ".html")


def view(
    *,
    what: Annotated[
        str, typer.Argument(metavar="FILE|ID", help="File of a structure, or its id in --in.", show_default=False)
    ],
    collection: Annotated[
        Path | None,
        typer.Option(
            "--in", metavar="COLLECTION", help="Folder, archive, file or table that holds the id.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="OUT", help="Write OUT.png and OUT.html.", show_default=False),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="LABELS", help="Name the nearest of these labelled rows.", show_default=False),
    ] = None,
    neighbours: Annotated[int, typer.Option("--neighbours", min=1, help="How many of them.")] = 8,
    formula: Formula = None,
    structure: Structure = None,
    sheet: Sheet = None,
    unit: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    target: Targets = None,
) -> None:
    """Show one structure: symmetry, cell and density, a PNG, a page to turn it on, and its nearest labelled neighbours.

    The input options say how tables are read, that of --in as well as that of --labels.
    """
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.read_settings import ReadSettings

    files = () if out is None else _files(out)
    if files:
        require("plotly", extra="view")
    for path in files:
        result_file(path, *(place for place in (Path(what), collection, labels) if place is not None))
    reading = ReadSettings(formula, structure, sheet, unit, alloys, decimal, thousands, max_bad)

    from matscout.app.viewing.facts import facts_of
    from matscout.app.viewing.picking import pick

    picked = pick(what, collection, reading)
    show_problems(picked.problems)
    dataset = None if labels is None else read_labels(reading, labels, FitSettings(target))
    if dataset is not None:
        show_reading(dataset)
    facts = facts_of(picked.structure)
    show_table(("", picked.id), [(fact.name, fact.value) for fact in facts.lines])
    if facts.words:
        say(facts.words)
    nearest = None
    if dataset is not None:
        from matscout.app.viewing.nearest import nearest_labelled

        nearest = nearest_labelled(picked.material(facts.formula), dataset, neighbours)
        _show(nearest)
    if files:
        from matscout.app.viewing.files import write_view

        write_view(picked, facts, nearest, *files)
        say(f"picture: {files[0]}")
        say(f"page: {files[1]}")


def _files(out: Path) -> tuple[Path, Path]:
    """The picture and the page."""
    bare = out.with_suffix("") if out.suffix.lower() in ENDINGS else out
    if not bare.name:
        raise UsageError(f"{out} names no file; give a name such as -o quartz")
    picture, page = (bare.with_name(bare.name + ending) for ending in ENDINGS)
    return picture, page


def _show(nearest: NearLabels) -> None:
    rows = [(row.id, row.formula, row.nearness, *row.measured) for row in nearest.rows]
    show_table(("id", "formula", nearest.measure, *nearest.targets), rows, title="Nearest labelled materials")
    note(nearest.how)

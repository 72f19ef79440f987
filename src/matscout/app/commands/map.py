"""``matscout map``: a picture of a data set, for a paper or to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from matscout.app.console import note, progress_display, say, show_problems, show_reading
from matscout.app.options import (
    Alloys,
    Decimal,
    Formula,
    MaxBad,
    Sheet,
    Structure,
    Thousands,
    Unit,
    representation_at_hand,
)
from matscout.app.reading import read_labels, read_materials
from matscout.errors import UsageError
from matscout.workflow.parsing import existing
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.workflow.read_settings import ReadSettings

_MAP = "Map options"


def map(  # noqa: A001 - the verb is called so; nothing here maps a function over a list
    *,
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT", help="File, folder or archive of materials, labelled or not.", show_default=False
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT.svg|pdf|png", help="File for the map.", show_default=False)
    ],
    formula: Formula = None,
    structure: Structure = None,
    sheet: Sheet = None,
    unit: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    name: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="NAME",
            help="Representation (else `structure-basic` for structures, `magpie` for formulas).",
            show_default=False,
            rich_help_panel=_MAP,
        ),
    ] = None,
    method: Annotated[
        Literal["umap", "tsne", "pca"], typer.Option("--method", help="How to place them.", rich_help_panel=_MAP)
    ] = "umap",
    colour: Annotated[
        str | None,
        typer.Option(
            "--colour",
            metavar="COL|chemistry",
            help="Column to colour by, or the most electronegative element (else the target, if a table has one).",
            show_default=False,
            rich_help_panel=_MAP,
        ),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=5, help="Draw so many of a larger set.", rich_help_panel=_MAP)
    ] = 20_000,
    width: Annotated[
        float, typer.Option("--width", min=1.0, max=40.0, help="Inches; one column is 3.4.", rich_help_panel=_MAP)
    ] = 3.4,
    seed: Annotated[int, typer.Option("--seed", help="Seed of every random choice.", rich_help_panel=_MAP)] = 0,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table", metavar="OUT.csv", help="Write the places too.", show_default=False, rich_help_panel=_MAP
        ),
    ] = None,
) -> None:
    """Draw a map of materials: neighbours are alike, colours show a property or the chemistry.

    The ending of the file says whether it is SVG (text stays text), PDF or PNG.
    """
    from matscout.workflow.read_settings import ReadSettings

    for path in (out, table):
        result_file(path, source)
    if table is not None and table.absolute() == out.absolute():
        raise UsageError(f"--table and -o both name {out}; name two files")
    if name is not None:
        representation_at_hand(name)

    from matscout.evaluation.map_plot import check_ending
    from matscout.workflow.mapping import map_materials

    check_ending(out)
    dataset = _read(
        ReadSettings(formula, structure, sheet, unit, alloys, decimal, thousands, max_bad),
        existing(source),
        colour,
    )
    show_reading(dataset)
    with progress_display() as progress:
        drawn = map_materials(dataset, name, method=method, colour=colour, seed=seed, most=most, progress=progress)
    show_problems(
        drawn.problems,
        lists_all=f"`matscout embed --with {drawn.representation}` lists them all",
    )
    for remark in drawn.remarks:
        note(remark)
    written = drawn.save(out, width)
    say(f"map of {len(drawn):,} materials by {drawn.representation}, coloured by {drawn.colour.label}: {written}")
    if table is not None:
        say(f"places: {drawn.write_table(table)}")


def _read(reading: ReadSettings, source: Path, colour: str | None) -> Dataset:
    """The materials with what they are coloured by, where that is a target; structures are not read twice for it."""
    from matscout.data.column_names import NoColumnError
    from matscout.data.columns import NoTargetError, SeveralTargetsError
    from matscout.data.measurements import NoClassesError
    from matscout.data.sources import holds_structures
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.mapping import CHEMISTRY

    if colour == CHEMISTRY or holds_structures(source):
        return read_materials(reading, source)
    try:
        return read_labels(reading, source, FitSettings(() if colour is None else (colour,)))
    except NoColumnError as error:
        if error.wanted != colour:
            raise
        raise UsageError(f"--colour: {error}; or `--colour chemistry`") from None
    except (NoTargetError, NoClassesError):
        return read_materials(reading, source)
    except SeveralTargetsError as error:
        note(f"coloured by chemistry, since {str(error).partition(';')[0]}: choose one (--colour)")
        return read_materials(reading, source)

"""``matscout predict``: predictions with intervals for new materials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matscout.app.console import note, progress_display, say, show_problems, show_table
from matscout.app.options import (
    Alloys,
    Decimal,
    Formula,
    Level,
    MaxBad,
    Reaction,
    Settings,
    Sheet,
    Structure,
    Thousands,
    Unit,
)
from matscout.workflow.parsing import check_level, existing, parse_assignments
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.workflow.predicting import PredictionTable

SHOWN_ROWS = 20
SHOWN_COLUMNS = 3
SHOWN_LETTERS = 40


def predict(
    *,
    model: Annotated[
        Path, typer.Argument(metavar="MODEL_DIR", help="Folder made by fit or scout.", show_default=False)
    ],
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT|FORMULA...", help="A file or folder, or formulas.", show_default=False),
    ],
    level: Level = 0.9,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT.csv", help="Write the table.", show_default=False)
    ] = None,
    settings: Settings = None,
    formula: Formula = None,
    structure: Structure = None,
    reaction: Reaction = None,
    sheet: Sheet = None,
    units: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 1.0,
) -> None:
    """Predict the properties of new materials: the input's columns, then prediction, interval and in_domain.

    Rows that cannot be read stay, without a prediction and with the reason in a column of problems.
    """
    from matscout.workflow.read_settings import ReadSettings

    check_level(level)
    result_file(out, *map(Path, inputs))
    fixed = parse_assignments(settings, "--set", "COL=VALUE")
    reading = ReadSettings(
        formula, structure, sheet, units, alloys, decimal, thousands, max_bad, reaction, takes_reactions=True
    )

    from matscout.workflow.predicting import predict_inputs

    with progress_display() as progress:
        result = predict_inputs(existing(model), inputs, reading, fixed, level, progress=progress)
    show_problems(result.problems)
    for remark in result.remarks:
        note(remark)
    if out is None:
        _show(result)
    else:
        say(f"predictions: {result.write(out)} ({result.counts})")
    for assumption in result.assumptions:
        note(assumption)


def _show(result: PredictionTable) -> None:
    """The first rows, with the first columns of the input and all that were added."""
    columns = result.table.columns
    shown = result.table.select(*columns[: min(SHOWN_COLUMNS, result.n_input)], *columns[result.n_input :])
    rows = [["" if cell is None else _short(cell) for cell in row] for row in shown.head(SHOWN_ROWS).iter_rows()]
    titles = [f"{name} ({result.units[name]})" if name in result.units else name for name in shown.columns]
    show_table(titles, rows)
    if len(shown) > SHOWN_ROWS:
        note(f"... and {len(shown) - SHOWN_ROWS} more rows; write them all with -o OUT.csv")


def _short(cell: object) -> str:
    """A number with four digits; of a text its first line, cut to ``SHOWN_LETTERS`` (structures are long texts)."""
    if isinstance(cell, float):
        return f"{cell:.4g}"
    first, _, more = str(cell).partition("\n")
    return first if not more and len(first) <= SHOWN_LETTERS else f"{first[:SHOWN_LETTERS]}..."

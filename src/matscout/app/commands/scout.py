"""``matscout scout``: labels in, ranked shortlist and report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from matscout.app.console import progress_display, say, show_reading
from matscout.app.options import (
    Context,
    ErrorColumn,
    Fast,
    FitOptions,
    Formula,
    Groups,
    InputOptions,
    Labels,
    Level,
    MaxBad,
    Metric,
    Seed,
    Settings,
    Sheet,
    Structure,
    Targets,
    Unit,
    check_level,
    existing,
    parse_assignments,
    parse_list,
)

_SEARCH = "Search options"


def scout(
    labels: Labels,
    goal: Annotated[
        list[str],
        typer.Option(
            "--goal",
            metavar="[COL=]max|min|VALUE|LOW:HIGH",
            help="What a target should be (repeatable).",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT_DIR", help="Folder for the results.", show_default=False)
    ],
    formula: Formula = None,
    structure: Structure = None,
    sheet: Sheet = None,
    unit: Unit = None,
    max_bad: MaxBad = 0.2,
    target: Targets = None,
    context: Context = None,
    groups: Groups = None,
    error: ErrorColumn = None,
    metric: Metric = "mae",
    fast: Fast = False,
    seed: Seed = 0,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="Use this fitted model.", rich_help_panel=_SEARCH),
    ] = None,
    candidates: Annotated[
        Path | None,
        typer.Option("--candidates", metavar="FILE", help="Rank these materials.", rich_help_panel=_SEARCH),
    ] = None,
    elements: Annotated[
        str | None,
        typer.Option("--elements", metavar="A,B,C", help="Enumerate these elements.", rich_help_panel=_SEARCH),
    ] = None,
    dope: Annotated[
        str | None,
        typer.Option("--dope", metavar="HOST:A,B:0:0.2", help="Doping series.", rich_help_panel=_SEARCH),
    ] = None,
    n_candidates: Annotated[
        int, typer.Option("--n-candidates", min=1, help="How many to generate.", rich_help_panel=_SEARCH)
    ] = 20_000,
    exclude: Annotated[
        str | None,
        typer.Option("--exclude", metavar="A,B", help="Elements to leave out.", rich_help_panel=_SEARCH),
    ] = None,
    settings: Settings = None,
    order: Annotated[
        Literal["ei", "probability", "ucb", "value"],
        typer.Option(
            "--order",
            help="Rank by expected improvement, chance, upper bound or value.",
            rich_help_panel=_SEARCH,
        ),
    ] = "ei",
    require: Annotated[
        str | None,
        typer.Option("--require", metavar="neutral,in-domain,new", help="Filters to apply.", rich_help_panel=_SEARCH),
    ] = None,
    batch: Annotated[
        int, typer.Option("--batch", min=0, help="Size of a diverse batch to make next.", rich_help_panel=_SEARCH)
    ] = 8,
    level: Level = 0.9,
) -> None:
    """Find what to make next: fit, evaluate, generate or read candidates, rank them, write a report."""
    check_level(level)
    reading = InputOptions(formula, structure, sheet, unit, max_bad)
    dataset = reading.read_labels(labels, FitOptions(target, context, groups, error, metric, fast, seed))
    show_reading(dataset)

    from matscout.app.scouting import scout as find_materials

    with progress_display() as progress:
        scouting = find_materials(
            dataset,
            goal,
            out=out,
            models=None if model is None else existing(model),
            candidates=None if candidates is None else existing(candidates),
            elements=parse_list(elements),
            dope=dope,
            n_candidates=n_candidates,
            exclude=parse_list(exclude),
            require=parse_list(require),
            settings=parse_assignments(settings, "--set", "COL=VALUE or COL=LOW:HIGH"),
            order=order,
            batch=batch,
            level=level,
            metric=metric,
            fast=fast,
            seed=seed,
            progress=progress,
        )
    say(scouting.summary())

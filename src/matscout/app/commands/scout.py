"""``matscout scout``: labels in, ranked shortlist and report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from matscout.app.again import command_line
from matscout.app.console import progress_display, say, show_reading
from matscout.app.options import (
    Context,
    Define,
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
    Simulate,
    Structure,
    Targets,
    Unit,
    check_level,
    existing,
    parse_assignments,
    parse_list,
)
from matscout.errors import UsageError

_SEARCH = "Search options"

Goals = Annotated[
    list[str],
    typer.Option(
        "--goal",
        metavar="[COL=]max|min|VALUE|LOW:HIGH",
        help="What a target should be (repeatable).",
        show_default=False,
    ),
]
ResultFolder = Annotated[
    Path, typer.Option("-o", "--out", metavar="OUT_DIR", help="Folder for the results.", show_default=False)
]
ModelFolder = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Use this fitted model.", rich_help_panel=_SEARCH)
]
CandidateFile = Annotated[
    Path | None, typer.Option("--candidates", metavar="FILE", help="Rank these materials.", rich_help_panel=_SEARCH)
]
Elements = Annotated[
    str | None, typer.Option("--elements", metavar="A,B,C", help="Combine only these.", rich_help_panel=_SEARCH)
]
Doping = Annotated[
    str | None, typer.Option("--dope", metavar="HOST:A,B:0:0.2", help="Doping series.", rich_help_panel=_SEARCH)
]
NCandidates = Annotated[
    int, typer.Option("--n-candidates", min=1, help="How many to generate.", rich_help_panel=_SEARCH)
]
Exclude = Annotated[
    str | None, typer.Option("--exclude", metavar="A,B", help="Elements to leave out.", rich_help_panel=_SEARCH)
]
Order = Annotated[
    Literal["ei", "probability", "ucb", "value"],
    typer.Option(
        "--order", help="Rank by expected improvement, chance, upper bound or value.", rich_help_panel=_SEARCH
    ),
]
Require = Annotated[
    str | None,
    typer.Option(
        "--require",
        metavar="neutral,in-domain,new",
        help="Filters (default: these three for generated candidates, new for a file, unlabelled for doping). new: "
        "no near-copy of a label (1 % of the fractions, in sum); unlabelled: equal to none.",
        rich_help_panel=_SEARCH,
    ),
]
Batch = Annotated[
    int, typer.Option("--batch", min=0, help="Size of a diverse batch to make next.", rich_help_panel=_SEARCH)
]


def scout(
    *,
    invoked: typer.Context,
    labels: Labels,
    goal: Goals,
    out: ResultFolder,
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
    simulate: Simulate = False,
    seed: Seed = 0,
    define: Define = None,
    model: ModelFolder = None,
    candidates: CandidateFile = None,
    elements: Elements = None,
    dope: Doping = None,
    n_candidates: NCandidates = 20_000,
    exclude: Exclude = None,
    settings: Settings = None,
    order: Order = "ei",
    require: Require = None,
    batch: Batch = 8,
    level: Level = 0.9,
) -> None:
    """Find what to make next: fit, evaluate, generate or read candidates, rank them, write a report."""
    check_level(level)
    if simulate and model is not None:
        raise UsageError("--simulate chooses how to fit, and --model brings a fitted model: leave one of them out")
    if model is not None and context is None:
        from matscout.app.model_context import context_of_folder

        context = list(context_of_folder(existing(model)))
    fitting = FitOptions(_targets(target, goal), context, groups, error, metric, fast, seed, simulate, define=define)
    dataset = InputOptions(formula, structure, sheet, unit, max_bad).read_labels(labels, fitting)
    show_reading(dataset)

    from matscout.app.scouting import scout as find_materials
    from matscout.app.side_by_side import result_cache

    with progress_display() as progress:
        scouting = find_materials(
            dataset,
            goal,
            out=out,
            models=model,
            model=fitting.model,
            definitions=fitting.definitions,
            candidates=candidates,
            elements=parse_list(elements),
            dope=dope,
            n_candidates=n_candidates,
            exclude=parse_list(exclude),
            require=None if require is None else parse_list(require),
            settings=parse_assignments(settings, "--set", "COL=VALUE or COL=LOW:HIGH"),
            order=order,
            batch=batch,
            level=level,
            metric=metric,
            fast=fast,
            seed=seed,
            command=command_line(invoked),
            store=result_cache(),
            progress=progress,
        )
    say(scouting.summary())


def _targets(named: list[str] | None, goals: list[str]) -> list[str]:
    """The targets named, and those that goals name besides."""
    from matscout.data.units import split_heading

    columns = [*(named or ()), *(goal.rpartition("=")[0].strip() for goal in goals if "=" in goal)]
    return list({split_heading(column).name.lower(): column for column in reversed(columns)}.values())[::-1]

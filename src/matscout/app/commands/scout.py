"""``matscout scout``: labels in, ranked shortlist and report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from matscout.app.ranking_options import SEARCH, Batch, Exclude, Goals, Order, Require, context_of, targets_of
from matscout.errors import UsageError

ResultFolder = Annotated[
    Path, typer.Option("-o", "--out", metavar="OUT_DIR", help="Folder for the results.", show_default=False)
]
ModelFolder = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Use this fitted model.", rich_help_panel=SEARCH)
]
CandidateFile = Annotated[
    Path | None, typer.Option("--candidates", metavar="FILE", help="Rank these materials.", rich_help_panel=SEARCH)
]
Elements = Annotated[
    str | None, typer.Option("--elements", metavar="A,B,C", help="Combine only these.", rich_help_panel=SEARCH)
]
Doping = Annotated[
    str | None, typer.Option("--dope", metavar="HOST:A,B:0:0.2", help="Doping series.", rich_help_panel=SEARCH)
]
NCandidates = Annotated[
    int, typer.Option("--n-candidates", min=1, help="How many to generate.", rich_help_panel=SEARCH)
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
    chosen = parse_assignments(settings, "--set", "COL=VALUE or COL=LOW:HIGH")
    if model is None:
        context = context_of(context, chosen)
    fitting = FitOptions(targets_of(target, goal), context, groups, error, metric, fast, seed, simulate, define=define)
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
            settings=chosen,
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

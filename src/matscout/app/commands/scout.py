"""``matscout scout``: labels in, ranked shortlist and report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.again import command_line
from matscout.app.console import show_reading
from matscout.app.options import (
    Alloys,
    Context,
    Decimal,
    Define,
    ErrorColumn,
    Fast,
    Formula,
    Groups,
    Labels,
    Level,
    MaxBad,
    Metric,
    ModelName,
    Reaction,
    Scales,
    Seed,
    Settings,
    Sheet,
    Simulate,
    Structure,
    Targets,
    Thousands,
    Unit,
)
from matscout.app.ranking_options import (
    SEARCH,
    Batch,
    Exclude,
    Goals,
    MustHold,
    Order,
    RankOptions,
    Require,
)
from matscout.app.reading import read_labels
from matscout.errors import UsageError
from matscout.workflow.parsing import context_of, existing, parse_list, targets_of

ResultFolder = Annotated[
    Path, typer.Option("-o", "--out", metavar="OUT_DIR", help="Folder for the results.", show_default=False)
]
ModelFolder = Annotated[
    Path | None,
    typer.Option("--use", metavar="MODEL_DIR", help="Use this fitted model.", rich_help_panel=SEARCH),
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
    reaction: Reaction = None,
    sheet: Sheet = None,
    unit: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    target: Targets = None,
    context: Context = None,
    groups: Groups = None,
    error: ErrorColumn = None,
    metric: Metric = "mae",
    scale: Scales = None,
    fast: Fast = False,
    simulate: Simulate = False,
    seed: Seed = 0,
    define: Define = None,
    model: ModelName = None,
    use: ModelFolder = None,
    candidates: CandidateFile = None,
    elements: Elements = None,
    dope: Doping = None,
    n_candidates: NCandidates = 20_000,
    exclude: Exclude = None,
    settings: Settings = None,
    order: Order = "auto",
    require: Require = None,
    must: MustHold = None,
    batch: Batch = 8,
    level: Level = 0.9,
) -> None:
    """Find what to make next: fit, evaluate, generate or read candidates, rank them, write a report."""
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.read_settings import ReadSettings

    ranking = RankOptions(goal, exclude, settings, order, require, batch, level, must)
    if use is not None and (simulate or model is not None):
        raise UsageError("--use brings a fitted model: leave --model and --simulate out")
    if use is None:
        context = context_of(context, ranking.conditions)
    elif context is None:
        from matscout.workflow.model_context import context_of_folder

        context = list(context_of_folder(existing(use)))
    fitting = FitSettings(
        targets_of(target, goal), context, groups, error, metric, fast, seed, simulate, model, define, scale
    )
    reading = ReadSettings(
        formula, structure, sheet, unit, alloys, decimal, thousands, max_bad, reaction, takes_reactions=True
    )
    dataset = read_labels(reading, labels, fitting)
    show_reading(dataset)
    ranking.scout(
        dataset,
        fitting,
        out=out,
        command=command_line(invoked),
        use=use,
        candidates=candidates,
        alloys=alloys,
        elements=parse_list(elements),
        dope=dope,
        n_candidates=n_candidates,
    )

"""``matscout recommend``: what is like a material that works, ranked for a purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.again import command_line
from matscout.app.console import show_reading
from matscout.app.index_options import Condition, Count, Diversity, Exact, Names
from matscout.app.options import (
    Alloys,
    Context,
    Decimal,
    Define,
    ErrorColumn,
    Fast,
    Formula,
    Groups,
    Level,
    MaxBad,
    Metric,
    ModelName,
    Scales,
    Seed,
    Settings,
    Sheet,
    Structure,
    Targets,
    Thousands,
    Unit,
)
from matscout.app.ranking_options import (
    Batch,
    Exclude,
    Goals,
    MustHold,
    Order,
    RankOptions,
    Require,
)
from matscout.app.reading import read_labels
from matscout.workflow.parsing import context_of, targets_of


def recommend(
    *,
    invoked: typer.Context,
    like: Annotated[
        list[str],
        typer.Option(
            "--like",
            metavar="FORMULA|FILE|ID|TEXT",
            help="What works, e.g. PbTe (repeatable: like any of them).",
            show_default=False,
        ),
    ],
    index: Annotated[
        str,
        typer.Option(
            "--index", metavar="INDEX", help="Where to look: a folder, or s3://BUCKET/NAME.", show_default=False
        ),
    ],
    labels: Annotated[
        Path,
        typer.Option("--labels", metavar="LABELS", help="Labelled rows to rank by, as for scout.", show_default=False),
    ],
    goal: Goals,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="OUT_DIR", help="Folder for the report and tables.", show_default=False),
    ] = None,
    formula: Formula = None,
    structure: Structure = None,
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
    seed: Seed = 0,
    define: Define = None,
    model: ModelName = None,
    names: Names = None,
    condition: Condition = "",
    count: Count = 100,
    diversity: Diversity = 0.0,
    exact: Exact = False,
    exclude: Exclude = None,
    settings: Settings = None,
    order: Order = "auto",
    require: Require = None,
    must: MustHold = None,
    batch: Batch = 8,
    level: Level = 0.9,
) -> None:
    """Recall the materials of an index that are like a known one, and rank them for a purpose, with a report."""
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.read_settings import ReadSettings

    ranking = RankOptions(goal, exclude, settings, order, require, batch, level, must)
    read_as_context = context_of(context, ranking.conditions)
    fitting = FitSettings(
        targets_of(target, goal),
        read_as_context,
        groups,
        error,
        metric,
        fast,
        seed,
        named=model,
        define=define,
        scales=scale,
    )

    from matscout.discover.generators.recall import Recall

    candidates = Recall(index, tuple(like), count, tuple(names or ()), condition, diversity, exact)
    candidates.check()
    reading = ReadSettings(formula, structure, sheet, unit, alloys, decimal, thousands, max_bad)
    dataset = read_labels(reading, labels, fitting)
    show_reading(dataset)
    ranking.scout(dataset, fitting, out=out, command=command_line(invoked), candidates=candidates)

"""``matscout evaluate``: how good the model is on rows it has not seen, beside baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from matscout.app.console import note, progress_display, say, show_reading, show_table
from matscout.app.options import (
    Context,
    Decimal,
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
    ModelName,
    Reaction,
    ScaleName,
    Seed,
    Sheet,
    Simulate,
    Structure,
    Targets,
    Thousands,
    Unit,
    check_level,
    parse_counts,
)
from matscout.app.places import result_file

if TYPE_CHECKING:
    from matscout.app.side_by_side import Plan, SideBySide
    from matscout.data.dataset import Dataset
    from matscout.evaluation.base import Evaluation
    from matscout.evaluation.chances import Chances

_PROTOCOL = "Protocol options"

Folds = Annotated[
    str | None, typer.Option("--folds", metavar="COL", help="Column with given folds.", rich_help_panel=_PROTOCOL)
]
ProtocolName = Annotated[
    Literal["kfold", "repeated", "masked", "group", "cluster", "time"] | None,
    typer.Option(
        "--protocol",
        help="How rows are divided (default kfold; with --groups, group beside it).",
        rich_help_panel=_PROTOCOL,
    ),
]
Time = Annotated[
    str | None,
    typer.Option("--time", metavar="COL", help="Column that orders the rows in time.", rich_help_panel=_PROTOCOL),
]
NFolds = Annotated[int, typer.Option("--n-folds", min=2, help="Number of folds.", rich_help_panel=_PROTOCOL)]
Repeats = Annotated[
    int, typer.Option("--repeats", min=1, help="How often the folds are drawn.", rich_help_panel=_PROTOCOL)
]
Goal = Annotated[
    list[str] | None,
    typer.Option(
        "--goal",
        metavar="[COL=]max|min|VALUE|LOW:HIGH",
        help="Tell how often chances of this came true (repeatable; default: to be among the best tenth).",
        show_default=False,
        rich_help_panel=_PROTOCOL,
    ),
]
LabelCounts = Annotated[
    str | None,
    typer.Option("--labels", metavar="50,100", help="Label counts of masked.", rich_help_panel=_PROTOCOL),
]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="OUT.json", help="Write the scores.", show_default=False)
]
OofFile = Annotated[
    Path | None, typer.Option("--oof", metavar="OUT.csv", help="Write out-of-fold predictions.", show_default=False)
]


def evaluate(
    *,
    labels: Labels,
    formula: Formula = None,
    structure: Structure = None,
    reaction: Reaction = None,
    sheet: Sheet = None,
    unit: Unit = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    target: Targets = None,
    context: Context = None,
    groups: Groups = None,
    error: ErrorColumn = None,
    metric: Metric = "mae",
    scale: ScaleName = "auto",
    fast: Fast = False,
    simulate: Simulate = False,
    seed: Seed = 0,
    folds: Folds = None,
    protocol: ProtocolName = None,
    time: Time = None,
    n_folds: NFolds = 5,
    repeats: Repeats = 1,
    n_labels: LabelCounts = None,
    goal: Goal = None,
    level: Level = 0.9,
    model: ModelName = None,
    define: Define = None,
    json: JsonFile = None,
    oof: OofFile = None,
) -> None:
    """Score the model on rows it has not seen, beside a dummy, a tree ensemble and a Gaussian process."""
    check_level(level)
    for path in (json, oof):
        result_file(path, labels)
    counts = parse_counts(n_labels, "--labels")
    reading = InputOptions(
        formula, structure, sheet, unit, max_bad, reaction, takes_reactions=True, decimal=decimal, thousands=thousands
    )
    fitting = FitOptions(target, context, groups, error, metric, fast, seed, simulate, model, define, scale)
    dataset = reading.read_labels(labels, fitting)
    show_reading(dataset)

    from matscout.app.side_by_side import Plan, write_predictions, write_scores
    from matscout.discover.goals import parse_goals
    from matscout.evaluation.chances import chances_of

    chosen = protocol or _implied(time, counts, repeats)
    plan = Plan(chosen, folds, time, n_folds, repeats, counts, level, fitting.model, metric, fast, seed)
    plans = {name: replace(plan, model=fitting.model_of(name)) for name in fitting.learned(dataset)}
    goals = {one.target: one for one in parse_goals(goal, dataset.targets)} if goal else {}
    measured = _measure(dataset, plans)
    chances = {name: told for name, pair in measured.items() if (told := chances_of(pair.of_new, goals.get(name)))}
    for name, pair in measured.items():
        for evaluation in pair.both:
            grouped = (evaluation is pair.asked) == (plans[name].protocol == "group")
            _show(evaluation, of_known_groups=pair.beside is not None and not grouped)
        if name in chances:
            _show_chances(chances[name])
    if json is not None:
        say(f"scores: {write_scores(measured, json, chances)}")
    for path in write_predictions(measured, dataset, oof) if oof is not None else ():
        say(f"out-of-fold predictions: {path}")


def _measure(dataset: Dataset, plans: Mapping[str, Plan]) -> dict[str, SideBySide]:
    """Every target as planned; groups that are too few for intervals are set aside."""
    from matscout.app.few_groups import too_few_groups
    from matscout.app.side_by_side import measure, result_cache

    for remark in too_few_groups(dataset, list(plans), next(iter(plans.values()))):
        dataset = replace(dataset, groups=None)
        plans = {name: plan.ungrouped for name, plan in plans.items()}
        note(remark)
    store = result_cache()
    with progress_display() as progress:
        return {name: measure(dataset, name, plan, store=store, progress=progress) for name, plan in plans.items()}


def _implied(time: str | None, counts: tuple[int, ...], repeats: int) -> str:
    """The protocol that the other options speak of."""
    if time is not None:
        return "time"
    if counts:
        return "masked"
    return "repeated" if repeats > 1 else "kfold"


_NUMBERS = ("mae", "rmse", "r2", "median_error", "coverage", "width", "winkler")
_CLASSES = ("balanced_accuracy", "roc_auc", "f1", "coverage")


def _show_chances(found: Chances) -> None:
    rows = [(f"{one.chance:.0%}", f"{one.share:.0%}", str(one.n)) for one in found.bins]
    show_table(("chance", "came true", "answers"), rows, title=f"{found.target}: chances to be {found.words}")
    say(found.sentence)


def _show(evaluation: Evaluation, *, of_known_groups: bool) -> None:
    from matscout.evaluation.metrics import coverage_tolerance

    regression = evaluation.target.task == "regression"
    wanted = [name for name in (_NUMBERS if regression else _CLASSES) if name in evaluation.scores[evaluation.model]]
    rows = [
        (name, *(f"{scores[metric]:.4g}" if metric in scores else "" for metric in wanted))
        for name, scores in evaluation.scores.items()
    ]
    target = evaluation.target
    decades = "; errors in decades" if target.scale == "log" else ""
    show_table(("model", *wanted), rows, title=f"{target.label}: {evaluation.protocol}; {evaluation.n} rows{decades}")
    if decades:
        error = evaluation.scores[evaluation.model]["mae"]
        say(f"{target.name} is judged by factors: an error of {error:.3g} decades is a factor of {10**error:.3g}")
    if regression:
        tolerance = coverage_tolerance(evaluation.n_tested, evaluation.level)
        say(f"coverage should be {evaluation.level:.0%} within {100 * tolerance:.1f} points at this number of rows")
        if of_known_groups:
            say("it may be more here: intervals are made for new groups, and these folds test rows of known ones, too")
    for name, overlap in evaluation.overlap.items():
        say(f"{name}, {overlap}")

"""``matscout evaluate``: how good the model is on rows it has not seen, beside baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from matscout.app.console import note, progress_display, say, show_reading, show_table
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
    Reaction,
    Scales,
    Seed,
    Sheet,
    Simulate,
    Structure,
    Targets,
    Thousands,
    Unit,
)
from matscout.app.reading import read_labels
from matscout.counting import counted
from matscout.workflow.parsing import check_level, parse_counts
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.evaluation.base import Evaluation
    from matscout.evaluation.chances import Chances
    from matscout.workflow.side_by_side import Plan, SideBySide

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
ModelNames = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="NAME[=FOLDER]",
        help="Which model; repeat it to compare several, in paired tests against the first.",
        show_default="auto",
        rich_help_panel="Fit options",
    ),
]
LabelCounts = Annotated[
    str | None,
    typer.Option("--labels", metavar="50,100", help="Label counts of masked; all are told.", rich_help_panel=_PROTOCOL),
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
    folds: Folds = None,
    protocol: ProtocolName = None,
    time: Time = None,
    n_folds: NFolds = 5,
    repeats: Repeats = 1,
    n_labels: LabelCounts = None,
    goal: Goal = None,
    level: Level = 0.9,
    model: ModelNames = None,
    define: Define = None,
    json: JsonFile = None,
    oof: OofFile = None,
) -> None:
    """Score the model on rows it has not seen, beside a dummy, a tree ensemble and a Gaussian process."""
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.read_settings import ReadSettings

    check_level(level)
    for path in (json, oof):
        result_file(path, labels)
    counts = parse_counts(n_labels, "--labels")
    reading = ReadSettings(
        formula, structure, sheet, unit, alloys, decimal, thousands, max_bad, reaction, takes_reactions=True
    )
    named = model or []
    first = named[0] if named else None
    fitting = FitSettings(target, context, groups, error, metric, fast, seed, simulate, first, define, scale)
    dataset = read_labels(reading, labels, fitting)
    show_reading(dataset)

    from matscout.discover.goals import parse_goals
    from matscout.evaluation.chances import chances_of
    from matscout.workflow.side_by_side import Plan, write_predictions, write_scores

    chosen = protocol or _implied(time, counts, repeats)
    others = tuple(named[1:])
    plan = Plan(chosen, folds, time, n_folds, repeats, counts, level, fitting.model, others, metric, fast, seed)
    plans = {name: replace(plan, model=fitting.model_of(name)) for name in fitting.learned(dataset)}
    goals = {one.target: one for one in parse_goals(goal, dataset.targets)} if goal else {}
    measured = _measure(dataset, plans)
    chances = {name: told for name, pair in measured.items() if (told := chances_of(pair.of_new, goals.get(name)))}
    for pair in measured.values():
        for sentence in pair.doubts:
            say(sentence)
    for name, pair in measured.items():
        for evaluation in pair.both:
            grouped = (evaluation is pair.asked) == (plans[name].protocol == "group")
            _show(evaluation, of_known_groups=pair.beside is not None and not grouped)
        if name in chances:
            _show_chances(chances[name])
    if json is not None:
        say(f"scores: {write_scores(measured, dataset, json, chances)}")
    for path in write_predictions(measured, dataset, oof) if oof is not None else ():
        say(f"out-of-fold predictions: {path}")


def _measure(dataset: Dataset, plans: Mapping[str, Plan]) -> dict[str, SideBySide]:
    """Every target as planned; groups that are too few for intervals are set aside."""
    from matscout.app.stores import result_cache
    from matscout.workflow.few_groups import too_few_groups
    from matscout.workflow.side_by_side import measure

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


def _show_by_labels(evaluation: Evaluation, wanted: Sequence[str]) -> None:
    """Scores after each number of labels, with their standard deviation over draws."""
    from matscout.evaluation.learning import by_labels

    rows = [
        (
            str(one.labels),
            one.model,
            *(
                f"{one.means[name]:.4g}" + ("" if one.spreads[name] is None else f" ± {one.spreads[name]:.2g}")
                if name in one.means
                else ""
                for name in wanted
            ),
        )
        for one in by_labels(evaluation)
    ]
    if rows:
        draws = by_labels(evaluation)[0].draws
        each = f"the scores of each draw, their mean ± standard deviation over {draws} draws"
        told = each if draws > 1 else "one draw (--repeats tells the spread)"
        show_table(("labels", "model", *wanted), rows, title=f"{evaluation.target.name} by number of labels: {told}")


def _pooled(evaluation: Evaluation) -> str:
    """Which predictions the scores above those by number of labels are of; "" where there are no such."""
    from matscout.evaluation.learning import by_labels

    found = by_labels(evaluation)
    if not found:
        return ""
    most = found[-1]
    draws = "" if most.draws == 1 else f", the predictions of its {most.draws} draws pooled"
    return f"; scores with the most labels, {most.labels:,}{draws}"


def _show_paired(evaluation: Evaluation) -> None:
    """The model under test against each other one: mean difference over folds, median over rows, p-values."""
    from matscout.evaluation.comparison import comparisons

    rows = [
        (
            one.second,
            f"{one.over_folds.difference:+.3g}",
            "" if isnan(one.over_folds.p_value) else f"{one.over_folds.p_value:.2g}",
            f"{one.over_rows.difference:+.3g}",
            "" if isnan(one.over_rows.p_value) else f"{one.over_rows.p_value:.2g}",
        )
        for one in comparisons(evaluation)
    ]
    columns = ("other model", "mean over folds", "p (corrected t)", "median over rows", "p (Wilcoxon)")
    what = "MAE" if evaluation.target.task == "regression" else "1 - balanced accuracy"
    show_table(columns, rows, title=f"{what} of {evaluation.model} less that of others; below 0 it is better")


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
    title = f"{target.label}: {evaluation.protocol}; {counted(evaluation.n, 'row')}{decades}{_pooled(evaluation)}"
    show_table(("model", *wanted), rows, title=title)
    _show_by_labels(evaluation, wanted)
    _show_paired(evaluation)
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

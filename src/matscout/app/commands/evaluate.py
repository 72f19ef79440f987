"""``matscout evaluate``: how good the model is on rows it has not seen, beside baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt, Lt

from matscout.app.console import events_display, note, say, show_reading, show_table
from matscout.app.goal_settings import LabelledFile, read_step
from matscout.app.renaming import note_new_name
from matscout.app.session import give
from matscout.app.stores import run_store
from matscout.counting import counted
from matscout.data.table_writing import ENDINGS
from matscout.errors import UsageError
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.workflow.known_settings import KnownSettings
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.learning_settings import LearningSettings, SimulationSettings
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.discover.base import Goal
    from matscout.evaluation.base import Evaluation
    from matscout.evaluation.chances import Chances
    from matscout.workflow.kind import StepKind
    from matscout.workflow.side_by_side import SideBySide

_FIT, _PROTOCOL = "Fit options", "Protocol options"


@dataclass(frozen=True, kw_only=True)
class MeasuredModels(SimulationSettings):
    """Which models are measured, and how they are fitted.

    Parameters
    ----------
    model
        Model to evaluate; repeat it to compare several with the first in paired tests.
    representations
        Also evaluate trees on this representation (repeatable): --with magpie is --model trees=magpie.
    """

    model: Annotated[tuple[str, ...], SettingInfo(metavar="NAME[=FOLDER]", panel=_FIT, default="auto")] = ()
    representations: Annotated[tuple[str, ...], SettingInfo(key="with", metavar="NAME", panel=_FIT)] = ()

    def __post_init__(self) -> None:
        self.first  # noqa: B018 - refuses what does not go together

    @property
    def models(self) -> tuple[str, ...]:
        """All that are named, each once; none for the usual one."""
        return tuple(dict.fromkeys([*self.model, *(f"trees={name}" for name in self.representations)]))

    @property
    def first(self) -> LearningSettings:
        """The first of them, as for fit."""
        return taken_over(LearningSettings, self, model=self.models[0] if self.models else None)


@dataclass(frozen=True)
class ProtocolSettings:
    """How rows are divided, and what is told.

    Parameters
    ----------
    folds
        Column that assigns each row to a fold.
    protocol
        How rows are divided into training and test rows (default: kfold; with --groups also group).
    time
        Column of dates or times for the protocol time.
    n_folds
        Number of folds.
    repeats
        Number of times that the folds are drawn.
    counts
        Numbers of labels for the protocol masked; all scores are reported.
    goal
        Report how often the stated chances of this goal came true (repeatable; default: to be among the best tenth).
    level
        Level of the intervals, between 0 and 1.
    save
        Write the scores to this file.
    oof
        Write the out-of-fold predictions to this file.
    page
        Write a page on known and unlabelled rows: recall, trivial rivals, nearest known materials.
    """

    folds: Annotated[str | None, SettingInfo(metavar="COL", panel=_PROTOCOL)] = None
    protocol: Annotated[
        Literal["kfold", "repeated", "masked", "group", "cluster", "time"] | None, SettingInfo(panel=_PROTOCOL)
    ] = None
    time: Annotated[str | None, SettingInfo(metavar="COL", panel=_PROTOCOL)] = None
    n_folds: Annotated[int, Ge(2), SettingInfo(panel=_PROTOCOL)] = 5
    repeats: Annotated[int, Ge(1), SettingInfo(panel=_PROTOCOL)] = 1
    counts: Annotated[
        tuple[Annotated[int, Ge(1)], ...],
        SettingInfo(flags=("--n-labels",), metavar="50,100", panel=_PROTOCOL, commas=True),
    ] = ()
    goal: Annotated[tuple[str, ...], SettingInfo(metavar="[COL=]max|min|absmax|VALUE|LOW:HIGH", panel=_PROTOCOL)] = ()
    level: Annotated[float, Gt(0), Lt(1)] = 0.9
    save: Annotated[Path | None, SettingInfo(metavar="OUT.json")] = None
    oof: Annotated[Path | None, SettingInfo(metavar="OUT.csv|parquet|xlsx|json")] = None
    page: Annotated[Path | None, SettingInfo(metavar="OUT.html")] = None

    @property
    def implied(self) -> str:
        """The protocol that is named, or that the other options speak of."""
        if self.protocol is not None:
            return self.protocol
        if self.time is not None:
            return "time"
        if self.counts:
            return "masked"
        return "repeated" if self.repeats > 1 else "kfold"


@with_options
def evaluate(*, place: LabelledFile, reading: KnownSettings, learning: MeasuredModels, asked: ProtocolSettings) -> None:
    """Score the model on unseen rows and compare it with a constant guess, a tree ensemble and a Gaussian process."""
    result_file(asked.save, place.labels, endings=(".json",))
    result_file(asked.oof, place.labels, endings=ENDINGS)
    result_file(asked.page, place.labels, endings=(".html",))
    _require_known(asked, reading)
    note_new_name(learning.first.model)

    from matscout.discover.goals import parse_goals
    from matscout.evaluation.chances import chances_of
    from matscout.workflow.graph import Workflow
    from matscout.workflow.prepared import remarks_of
    from matscout.workflow.result_files import workflow_beside
    from matscout.workflow.running import WorkflowRun
    from matscout.workflow.side_by_side import scores_as_json, write_predictions, write_scores

    run = WorkflowRun(Workflow.linked({"labels": read_step(place.labels, reading)}), run_store())
    with events_display() as run.events:
        dataset = run.result("labels")
    show_reading(dataset)
    goals = {one.target: one for one in parse_goals(list(asked.goal), dataset.targets)} if asked.goal else {}
    steps = _steps(reading.learned(dataset), reading, learning, asked)
    run.grow(run.workflow.with_steps(steps))
    with events_display() as run.events:
        prepared = run.result("prepared")
        for remark in remarks_of(prepared):
            note(remark)
        if prepared.groups is None and dataset.groups is not None:
            steps = {name: _ungrouped(step) for name, step in steps.items()}
            run.grow(run.workflow.with_steps(steps))
        names = [name for name in steps if name != "prepared"]
        measured = {pair.asked.target.name: pair for pair in run.results(names).values()}
    _tell(measured, goals)
    chances = {name: chance for name, pair in measured.items() if (chance := chances_of(pair.of_new, goals.get(name)))}
    give("scores", scores_as_json(measured, chances))
    if asked.save is not None:
        say(f"scores: {write_scores(measured, prepared, asked.save, chances)}")
        workflow_beside(run.workflow, asked.save)
    if asked.page is not None:
        _write_page(measured, prepared, asked.page)
        workflow_beside(run.workflow, asked.page)
    if asked.oof is not None:
        for path in write_predictions(measured, prepared, asked.oof):
            say(f"out-of-fold predictions: {path}")
        workflow_beside(run.workflow, asked.oof)


def _require_known(asked: ProtocolSettings, reading: KnownSettings) -> None:
    """Refuse a page of what has no unlabelled rows."""
    if asked.page is not None and reading.unlabelled is None:
        raise UsageError("--page is for known and unlabelled rows: name these with --unlabelled=VALUE")


def _write_page(measured: Mapping[str, SideBySide], prepared: Dataset, path: Path) -> None:
    """The page on the known and unlabelled target; there is one."""
    from matscout.app.report.likeness_page import write_likeness_page

    pair = next(one for one in measured.values() if one.asked.target.task == "positive-unlabelled")
    say(f"page: {write_likeness_page(pair.of_new, prepared, path)}")


def _steps(
    targets: Sequence[str], reading: LabelSettings, learning: MeasuredModels, asked: ProtocolSettings
) -> dict[str, StepKind]:
    """Labels as they are learned from, and the scores of each target."""
    from matscout.predict.definitions import model_for
    from matscout.workflow.step_names import names_of
    from matscout.workflow.steps.evaluate import EvaluateStep
    from matscout.workflow.steps.prepare import PrepareStep

    steps: dict[str, StepKind] = {
        "prepared": PrepareStep("labels", targets=tuple(targets), level=asked.level, n_folds=asked.n_folds)
    }
    for target, name in zip(targets, names_of(targets), strict=True):
        first = model_for(target, dict(reading.define), learning.first.address)
        steps[name("quality")] = EvaluateStep(
            labels="prepared",
            target=target,
            model=(first, *learning.models[1:]),
            metric=learning.metric,
            fast=learning.fast,
            seed=learning.seed,
            protocol=asked.implied,
            folds=asked.folds,
            time=asked.time,
            n_folds=asked.n_folds,
            repeats=asked.repeats,
            counts=asked.counts,
            level=asked.level,
        )
    return steps


def _ungrouped(step: StepKind) -> StepKind:
    """Random folds in place of grouped ones, for labels whose groups are set aside."""
    from matscout.workflow.steps.evaluate import EvaluateStep

    grouped = isinstance(step, EvaluateStep) and step.protocol == "group"
    return replace(step, protocol="kfold") if grouped else step  # type: ignore[type-var]


def _tell(measured: Mapping[str, SideBySide], goals: Mapping[str, Goal]) -> None:
    """Doubts first, then the scores of each target and how true its chances were."""
    from matscout.evaluation.chances import chances_of

    for pair in measured.values():
        for sentence in pair.doubts:
            say(sentence)
    for name, pair in measured.items():
        for evaluation in pair.both:
            grouped = evaluation.protocol.startswith("group")
            _show(evaluation, of_known_groups=pair.beside is not None and not grouped)
        if chances := chances_of(pair.of_new, goals.get(name)):
            _show_chances(chances)


_NUMBERS = ("mae", "rmse", "r2", "median_error", "coverage", "width", "winkler")
_CLASSES = ("balanced_accuracy", "roc_auc", "f1", "coverage")
_RECALLS = ("recall_at_0.01", "recall_at_0.05", "recall_at_0.1", "recall_at_0.2")
_KNOWN = ("area", *_RECALLS, "lee_liu", "estimated_precision_at_0.1")
_SHOWN_SCORES: Mapping[str, tuple[str, ...]] = {
    "regression": _NUMBERS,
    "classification": _CLASSES,
    "positive-unlabelled": _KNOWN,
}


def _show_chances(chances: Chances) -> None:
    rows = [(f"{one.chance:.0%}", f"{one.share:.0%}", str(one.n)) for one in chances.bins]
    show_table(("chance", "came true", "answers"), rows, title=f"{chances.target}: chances to be {chances.words}")
    say(chances.sentence)


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
        shown_scores = each if draws > 1 else "one draw (--repeats shows the spread)"
        show_table(
            ("labels", "model", *wanted), rows, title=f"{evaluation.target.name} by number of labels: {shown_scores}"
        )


def _pooled(evaluation: Evaluation) -> str:
    """Which predictions the scores above those by number of labels are of; "" where there are no such."""
    from matscout.evaluation.learning import by_labels

    scores = by_labels(evaluation)
    if not scores:
        return ""
    most = scores[-1]
    draws = "" if most.draws == 1 else f", the predictions of its {most.draws} draws pooled"
    return f"; scores with the most labels, {most.labels:,}{draws}"


def _show_paired(evaluation: Evaluation) -> None:
    """The model under test against each other one: mean difference over folds, median over rows, p-values."""
    from matscout.evaluation.comparison import comparisons
    from matscout.evaluation.main_scores import MAIN_SCORES

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
    what = MAIN_SCORES[evaluation.target.task].loss
    show_table(columns, rows, title=f"{what} of {evaluation.model} minus that of others; below 0, it is better")


def _with_interval(scores: Mapping[str, float], metric: str) -> str:
    """A score, with the ends of its bootstrap interval if it has one."""
    ends = [scores[f"{metric}_{end}"] for end in ("low", "high") if f"{metric}_{end}" in scores]
    return f"{scores[metric]:.4g}" + (f" ({ends[0]:.3g}-{ends[1]:.3g})" if ends else "")


def _show(evaluation: Evaluation, *, of_known_groups: bool) -> None:
    from matscout.app.report.scores import tree_note
    from matscout.evaluation.metrics import coverage_tolerance

    regression = evaluation.target.task == "regression"
    shown = _SHOWN_SCORES[evaluation.target.task]
    wanted = [name for name in shown if name in evaluation.scores[evaluation.model]]
    rows = [
        (name, *(_with_interval(scores, metric) if metric in scores else "" for metric in wanted))
        for name, scores in evaluation.scores.items()
    ]
    target = evaluation.target
    decades = "; errors in decades" if target.scale == "log" else ""
    title = f"{target.label}: {evaluation.protocol}; {counted(evaluation.n, 'row')}{decades}{_pooled(evaluation)}"
    show_table(("model", *wanted), rows, title=title)
    if statistics := tree_note(evaluation):
        note(statistics)
    _show_by_labels(evaluation, wanted)
    _show_paired(evaluation)
    if decades:
        error = evaluation.scores[evaluation.model]["mae"]
        say(f"{target.name} is compared by factors: an error of {error:.3g} decades is a factor of {10**error:.3g}")
    if evaluation.target.task == "positive-unlabelled":
        say(
            "recall_at_0.1 is the share of the known rows that stand above nine tenths of the unlabelled ones (90 % "
            "bootstrap interval); unlabelled rows are never counted as wrong"
        )
    if regression:
        tolerance = coverage_tolerance(evaluation.n_tested, evaluation.level)
        say(f"expected coverage: {evaluation.level:.0%} within {100 * tolerance:.1f} points at this number of rows")
        if of_known_groups:
            say(
                "coverage may be higher here: the intervals are made for new groups, and these folds also test rows "
                "of known groups"
            )
    for name, overlap in evaluation.overlap.items():
        say(f"{name}, {overlap}")

"""screen: a funnel described in one file, expanded into the steps of a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from matscout.data.dataset import Dataset
from matscout.data.settings import set_columns
from matscout.discover.base import Brief
from matscout.discover.funnel import FunnelStep
from matscout.discover.goals import parse_goals
from matscout.generate.base import Generator
from matscout.predict.definitions import with_definitions
from matscout.progress import Progress, silent
from matscout.store import Store
from matscout.workflow.funnel_plan import FunnelPlan
from matscout.workflow.graph import Workflow
from matscout.workflow.kind import StepKind, placed_address
from matscout.workflow.results import Scouting
from matscout.workflow.running import WorkflowRun, as_events
from matscout.workflow.scout_settings import ScoutSettings
from matscout.workflow.scouting import (
    CANDIDATES,
    LABELS,
    candidate_step,
    gather,
    look_at_candidates,
    make_step,
    must_words,
    refuse_early,
    steps_from_candidates,
)
from matscout.workflow.search import Search, find_must


def screen(
    plan: str | Path,
    *,
    command: str = "",
    store: Path | None = None,
    progress: Progress = silent,
) -> Scouting:
    """Send candidates through a funnel, and rank what is left; nothing is written.

    Parameters
    ----------
    plan
        YAML file, see ``docs/how-to/screen.md``.
    command
        How to run the same again.
    store
        Folder in which finished steps are kept; a run that was stopped goes on from there.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError, InputError
        As :func:`matscout.workflow.scouting.scout` does, or if the plan is wrong, or a stage leaves nothing.
    """
    read = FunnelPlan.read(Path(plan))
    labels = Workflow.linked({LABELS: read.label_step()}, folder=read.path.parent)
    kept = None if store is None else Store(store)
    run = WorkflowRun(labels, kept, events=as_events(progress), processes=0)
    add_stages(run, read, run.result(LABELS))
    look_at_candidates(run)
    return gather(run, command)


def add_stages(run: WorkflowRun, plan: FunnelPlan, labels: Dataset) -> None:
    """Add all steps below the labels to a run; candidates are made, and each stage is looked at in the light of them.

    Raises
    ------
    UsageError, InputError
        As :func:`screen`.
    """
    source = plan.search().candidates
    if isinstance(source, Generator):
        source.check()
    run.grow(run.workflow.with_steps(funnel_steps(plan, labels)))
    brief = _brief(plan, labels)
    candidates = run.result(CANDIDATES)
    for step in plan.stages:
        step.stage().check(candidates, brief)


def funnel_steps(plan: FunnelPlan, labels: Dataset) -> dict[str, StepKind]:
    """The steps of a funnel below its labels."""
    goals, rank = list(plan.goals), plan.rank
    wanted = parse_goals(goals, labels.targets)
    source = plan.source_settings()
    settings = ScoutSettings(
        model=rank.model,
        metric=rank.metric,
        fast=rank.fast,
        seed=rank.seed,
        level=rank.level,
        order=rank.order,
        batch=rank.batch,
        definitions=plan.definitions,
        require=rank.require,
        allow=rank.allow,
        must=_asked(plan, labels),
        settings=plan.settings,
    )
    refuse_early(labels, wanted, replace(settings, model=placed_address(rank.model, plan.path.parent)))
    steps = {CANDIDATES: candidate_step(labels, wanted, replace(source, seed=0))}
    above = CANDIDATES
    for number, step in enumerate(plan.steps, start=1):
        name = f"stage-{number}"
        steps[name] = _sift(plan, step, above, first=number == 1)
        above = name
    return steps | steps_from_candidates(labels, goals, settings, {}, above)


def _sift(plan: FunnelPlan, step: FunnelStep, above: str, *, first: bool) -> StepKind:
    search = plan.search()
    held = {"must": must_words(search.must), "exclude": search.exclude, "elements": search.elements} if first else {}
    return make_step(
        "sift",
        candidates=above,
        labels=LABELS,
        by={step.name: dict(step.settings)},
        keep=step.keep,
        reason=step.reason,
        goal=tuple(plan.goals),
        conditions=dict(plan.settings),
        definitions=dict(plan.definitions),
        level=plan.rank.level,
        seed=plan.rank.seed,
        **held,
    )


def _brief(plan: FunnelPlan, labels: Dataset) -> Brief:
    laws: Mapping[str, str] = {name: law for name, law in plan.definitions.items() if name not in labels.targets}
    labels = with_definitions(labels, laws)
    settings = set_columns(plan.settings, tuple(labels.materials.context), labels.context_units)
    goals = parse_goals(list(plan.goals), labels.targets)
    return Brief(labels, goals, plan.definitions, settings, plan.rank.seed, plan.rank.level)


def _asked(plan: FunnelPlan, labels: Dataset) -> tuple[str, ...] | None:
    """What the ranking is to ask for: the plan's word, unless what is combined leaves out some of what labels share."""
    goals = parse_goals(list(plan.goals), labels.targets)
    combined = find_must(labels, plan.search(), goals).symbols
    return plan.must if combined == find_must(labels, Search(must=plan.must), goals).symbols else combined

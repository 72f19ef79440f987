"""scout: the main job from labels to a ranked shortlist, with everything a report needs to be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from matscout.crystal.chemistry import check_symbols
from matscout.data.dataset import Dataset
from matscout.discover.acquisition import check_order
from matscout.discover.base import Goal
from matscout.discover.filters import check_filters
from matscout.discover.generators.recall import Recall
from matscout.discover.goals import parse_goals
from matscout.discover.rounds import Round
from matscout.errors import UsageError
from matscout.generate.base import Candidates, Generator
from matscout.generate.generators.generated_crystals import GeneratedCrystals
from matscout.predict.artefact import load_models
from matscout.predict.definitions import model_for, with_definitions
from matscout.predict.fitting import make_model
from matscout.predict.model import Model
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.store import Store
from matscout.workflow.graph import Workflow
from matscout.workflow.kind import StepKind
from matscout.workflow.prepared import prepare
from matscout.workflow.results import Scouting, scouting_of
from matscout.workflow.round_review import review_rounds
from matscout.workflow.running import WorkflowRun, as_events
from matscout.workflow.scout_settings import ScoutSettings
from matscout.workflow.search import GivenCandidates, find_candidates, find_field, find_must
from matscout.workflow.side_by_side import require_measurable
from matscout.workflow.step_names import names_of
from matscout.workflow.steps.rank import RankStep


def scout(
    dataset: Dataset,
    goals: str | Sequence[str],
    settings: ScoutSettings,
    *,
    command: str = "",
    store: Path | None = None,
    rounds: Sequence[Round] = (),
    progress: Progress = silent,
) -> Scouting:
    """Learn from labels, measure how good that is, and rank what might be made; nothing is written.

    It is the workflow of :func:`scouting_steps`, run in this process.

    Parameters
    ----------
    dataset
        Labelled rows, see :func:`matscout.read`.
    goals
        ``"gap=1.1:1.6"``, ``"ZT=max"``, ``"min"`` (with one target), ``"0.8"``; one or several.
    settings
        How.
    command
        How to run the same again.
    store
        Folder in which finished fits of the evaluation are kept; a run with the same data and settings goes on from
        there.
    rounds
        Earlier rounds that are in memory; else those of the folder ``settings.since``, if it is given.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If a goal, filter, element or setting is wrong.
    InputError
        If there are too few labels or no candidate is left.
    """
    laws = {name: law for name, law in settings.definitions.items() if name not in dataset.targets}
    dataset = with_definitions(dataset, laws)
    asked = [goals] if isinstance(goals, str) else list(goals)
    given: dict[str, Any] = {LABELS: dataset}
    if rounds:
        settings = replace(settings, since=Path(MEASURED))
        given[MEASURED] = review_rounds(rounds, dataset)
    steps = scouting_steps(dataset, asked, settings)
    if isinstance(settings.candidates, Generator) and not isinstance(settings.candidates, Recall | GeneratedCrystals):
        given[CANDIDATES] = _candidates(dataset, asked, settings, progress)
    workflow = Workflow.linked({LABELS: _label_step(dataset), **steps})
    run = WorkflowRun(workflow, None if store is None else Store(store), given, events=as_events(progress))
    look_at_candidates(run)
    return gather(run, command)


LABELS, CANDIDATES, PREPARED, SHORTLIST, REPORT = "labels", "candidates", "prepared", "shortlist", "report"
MEASURED = "measured"
"""Names of steps."""


def scouting_steps(dataset: Dataset, goals: Sequence[str], settings: ScoutSettings) -> dict[str, StepKind]:
    """The steps from labels, which the step :data:`LABELS` gives, to a shortlist.

    Parameters
    ----------
    dataset
        What that step gives, with a target for each law.
    goals, settings
        As for :func:`scout`. Candidates of a generator that is no kind of step are to be given to the run.

    Raises
    ------
    UsageError, InputError
        As :func:`scout` does, before any work.
    """
    wanted = parse_goals(list(goals), dataset.targets)
    ready = {} if settings.use is None else load_ready(Path(settings.use), wanted)
    refuse_early(dataset, wanted, settings)
    steps = {CANDIDATES: candidate_step(dataset, wanted, settings)}
    if settings.since is not None:
        steps[MEASURED] = make_step("measured", labels=LABELS, since=Path(settings.since))
    stages = stability_steps(settings)
    above = next(reversed(stages), CANDIDATES)
    return steps | stages | steps_from_candidates(dataset, goals, settings, ready, above)


def stability_steps(settings: ScoutSettings) -> dict[str, StepKind]:
    """The stages that relax candidates and leave out those far above the hull; none without references.

    Raises
    ------
    UsageError
        If candidates are formulas only, or the energies are described and no references named.
    """
    if settings.references is None:
        asked = [
            name
            for name in ("relax", "own_hull", "second_opinion", "force_field", "keep_below")
            if name in settings.changed
        ]
        if asked:
            option = asked[0].replace("force_field", "with").replace("_", "-")
            raise UsageError(f"--{option} is about energies above the hull: name its phases with --references")
        return {}
    if settings.candidates is None:
        raise UsageError(
            "energies above the hull (--references) need structures: give a folder or table of structures with "
            "--candidates"
        )
    by: dict[str, dict[str, Any]] = {"relax": {"with": settings.force_field}} if settings.relax else {}
    by["stability"] = {
        "references": str(settings.references),
        "with": settings.force_field,
        "keep_below": settings.keep_below,
        **{name: settings.changed[name] for name in ("own_hull", "second_opinion") if name in settings.changed},
    }
    steps: dict[str, StepKind] = {}
    for name, given in by.items():
        above = next(reversed(steps), CANDIDATES)
        steps[name] = make_step("sift", candidates=above, labels=LABELS, by={name: given}, level=settings.level)
    return steps


def steps_from_candidates(
    dataset: Dataset, goals: Sequence[str], settings: ScoutSettings, ready: Mapping[str, Model], above: str = CANDIDATES
) -> dict[str, StepKind]:
    """The steps from candidates, which the step ``above`` gives, to a shortlist; see :func:`scouting_steps`."""
    wanted = parse_goals(list(goals), dataset.targets)
    names = names_of([goal.target for goal in wanted])
    targets = tuple(goal.target for goal in wanted)
    loaded = {
        name("model"): make_step("load", folder=Path(settings.use), target=goal.target)
        for goal, name in zip(wanted, names, strict=True)
        if settings.use is not None
    }
    # Labels come first: what is asked of them must not depend on what is fitted to them.
    steps: dict[str, StepKind] = dict(loaded)
    steps[PREPARED] = make_step(
        "prepare", labels=LABELS, candidates=above, models=tuple(loaded), targets=targets, level=settings.level
    )
    for goal, name, text in zip(wanted, names, goals, strict=True):
        steps |= _measuring(
            goal, name, f"{goal.target}={text.rpartition('=')[2].strip()}", settings, ready.get(goal.target)
        )
    steps[SHORTLIST] = _ranking(wanted, names, goals, settings, above)
    return steps


def _measuring(
    goal: Goal, name: Callable[[str], str], text: str, settings: ScoutSettings, ready: Model | None
) -> dict[str, StepKind]:
    """The steps for one target."""
    model = model_for(goal.target, dict(settings.definitions), settings.model)
    fitted: dict[str, Any] = {"metric": settings.metric, "fast": settings.fast, "seed": settings.seed}
    steps = {}
    if ready is None:
        steps[name("model")] = make_step("fit", labels=PREPARED, target=goal.target, model=model, **fitted)
    else:
        model, fitted = ready.address, {"metric": ready.metric, "fast": ready.fast, "seed": ready.seed}
    learning = {one: value for one, value in fitted.items() if one != "fast"}
    learning |= {"draws": 2} if settings.fast else {}
    measured = {"level": settings.level, "thrifty": True}
    steps[name("quality")] = make_step(
        "evaluate", labels=PREPARED, target=goal.target, model=(model,), **fitted, **measured
    )
    steps[name("learning-curve")] = make_step(
        "learning-curve", labels=PREPARED, target=goal.target, model=model, **learning
    )
    steps[name("back-test")] = make_step("back-test", labels=PREPARED, goal=text, seed=fitted["seed"])
    return steps


def _ranking(
    wanted: Sequence[Goal],
    names: Sequence[Callable[[str], str]],
    goals: Sequence[str],
    settings: ScoutSettings,
    above: str,
) -> StepKind:
    return make_step(
        "rank",
        candidates=above,
        models=tuple(name("model") for name in names),
        quality=tuple(name("quality") for name in names),
        back_tests=tuple(name("back-test") for name in names),
        rounds=None if settings.since is None else MEASURED,
        labels=PREPARED,
        goal=tuple(f"{one.target}={text.rpartition('=')[2].strip()}" for one, text in zip(wanted, goals, strict=True)),
        define=dict(settings.definitions),
        elements=tuple(settings.elements),
        watch=tuple(settings.watch),
        exclude=tuple(settings.exclude),
        allow=tuple(settings.allow),
        conditions=dict(settings.settings),
        order=settings.order,
        require=_required(settings),
        must=must_words(settings.must),
        batch=settings.batch,
        level=settings.level,
        seed=settings.seed,
    )


def gather(run: WorkflowRun, command: str = "") -> Scouting:
    """The results of a run of such steps, all of which are made first."""
    kinds = run.workflow.steps
    of_kind = {output: [name for name, kind in kinds.items() if kind.output == output] for output in _GATHERED}
    results = run.results([PREPARED, *(name for names in of_kind.values() for name in names)])
    models, quality, curves, played = ([results[name] for name in of_kind[output]] for output in _GATHERED[:4])
    (ranking,) = (results[name] for name in of_kind["Ranking"])
    reviews = [results[name] for name in of_kind["RoundReview"]]
    seconds = sum(one.seconds for one in run.outcomes.values())
    return scouting_of(
        results[PREPARED],
        ranking,
        models,
        quality,
        learning_curves=curves,
        back_tests=played,
        review=reviews[0] if reviews else None,
        seconds=seconds,
        command=command,
    )


def _required(settings: ScoutSettings) -> tuple[str, ...] | None:
    """The filters that are asked for; in a later round what is measured by now does not come again."""
    if settings.require is None:
        return None
    again = settings.since is not None and not {"new", "unlabelled"} & set(settings.require)
    return (*settings.require, "unlabelled") if again else tuple(settings.require)


_GATHERED = ("Model", "Evaluation", "LearningCurve", "BackTest", "Ranking", "RoundReview")


def look_at_candidates(run: WorkflowRun) -> None:
    """Make the candidates of a run of such steps, and filter them once, so that nothing is fitted in vain.

    Raises
    ------
    UsageError
        If a filter, element or process setting is wrong.
    InputError
        If the filters leave no candidate.
    """
    rank = run.workflow.steps[SHORTLIST]
    assert isinstance(rank, RankStep), "it is made here"
    # Earlier rounds that cannot be read are refused now, too.
    results = run.results([*([] if rank.rounds is None else [rank.rounds]), PREPARED, rank.candidates])
    labels = results[PREPARED]
    goals = parse_goals([str(goal) for goal in rank.goal], labels.targets)
    find_field(labels, replace(rank.search, candidates=GivenCandidates(results[rank.candidates])), goals=goals)


def report_step(steps: Mapping[str, StepKind], command: str) -> StepKind:
    """The step that writes the report on such steps."""
    named = {output: tuple(name for name, kind in steps.items() if kind.output == output) for output in _GATHERED}
    return make_step(
        "report",
        shortlist=named["Ranking"][0],
        quality=named["Evaluation"],
        models=named["Model"],
        labels=PREPARED,
        rounds=next(iter(named["RoundReview"]), None),
        learning_curves=named["LearningCurve"],
        back_tests=named["BackTest"],
        command=command,
    )


def candidate_step(dataset: Dataset, goals: Sequence[Goal], settings: ScoutSettings) -> StepKind:
    """The step that makes candidates.

    Raises
    ------
    UsageError
        If several sources are named, or they are of materials and the labels are reactions.
    """
    common: dict[str, Any] = {
        "labels": LABELS,
        "targets": tuple(goal.target for goal in goals),
        "must": must_words(settings.must),
        "exclude": tuple(settings.exclude),
        "conditions": dict(settings.settings),
        "seed": settings.seed,
    }
    settings.search.generator(dataset)
    match settings.candidates:
        case Recall() as recall:
            options = {name: getattr(recall, name) for name in ("count", "where", "diversity", "exact")}
            return make_step(
                "recall",
                index=str(recall.index),
                like=recall.sought,
                representations=tuple(recall.names),
                **common,
                **options,
            )
        case GeneratedCrystals() as crystals:
            named = {name: getattr(crystals, name) for name in ("wish", "generator", "count")}
            return make_step("generate-crystals", **common, **named)
        case str() | Path() as path:
            return make_step("from-file", file=Path(path), alloys=settings.alloys, **common)
    if settings.dope is not None:
        return make_step("dope", series=settings.dope, **common)
    return make_step("generate", elements=tuple(settings.elements), count=settings.n_candidates, **common)


def must_words(symbols: Sequence[str] | None) -> tuple[str, ...]:
    """Elements that candidates must hold, as settings say it: ``("auto",)`` for None, ``("none",)`` for no element."""
    return ("auto",) if symbols is None else tuple(symbols) or ("none",)


def make_step(kind: str, **settings: Any) -> StepKind:
    """A step of a kind, by its name."""
    made: StepKind = load_class("steps", kind)(**settings)
    return made


def _label_step(dataset: Dataset) -> StepKind:
    """Stands for labels that were read already."""
    return make_step("read", file=Path(dataset.provenance.source))


def _candidates(dataset: Dataset, goals: Sequence[str], settings: ScoutSettings, progress: Progress) -> Candidates:
    """Of a generator that is no kind of step."""
    wanted = parse_goals(list(goals), dataset.targets)
    search = settings.search
    return find_candidates(dataset, search, progress, find_must(dataset, search, wanted))


def refuse_early(dataset: Dataset, goals: Sequence[Goal], settings: ScoutSettings) -> None:
    """Refuse what cannot end well, before any work."""
    make_model(settings.model)
    search = settings.search
    check_order(search.order)
    check_filters(search.required(dataset))
    check_symbols((*search.exclude, *search.elements, *(search.must or ())))
    if search.watch and not dataset.materials.kind.is_compound:
        raise UsageError("watch= is for materials, but the labels are reactions: omit it")
    measured = prepare(dataset, [goal.target for goal in goals], level=settings.level)
    for goal in goals:
        require_measurable(measured, goal.target, settings.plan)


def load_ready(folder: Path, goals: Sequence[Goal]) -> dict[str, Model]:
    """Fitted models for all goals out of a folder.

    Raises
    ------
    UsageError
        If a target of the goals is not among them.
    """
    models = load_models(folder)
    for goal in goals:
        if goal.target not in models:
            raise UsageError(f"{folder} has no model of {goal.target!r}; it has models of {', '.join(models)}")
    return models

"""scout: the main job from labels to a ranked shortlist, with everything a report needs to be trusted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from matscout.data.dataset import Dataset
from matscout.data.formula_alloys import Shares
from matscout.data.materials import Materials
from matscout.discover.acquisition import DEFAULT_ORDER
from matscout.discover.base import Brief, Goal
from matscout.discover.goals import parse_goals
from matscout.discover.opinions import add_evidence
from matscout.discover.prediction import described_alike
from matscout.errors import UsageError
from matscout.generate.base import Generator
from matscout.predict.artefact import load_models
from matscout.predict.base import Metric
from matscout.predict.definitions import model_for, with_definitions
from matscout.predict.fitting import make_model
from matscout.predict.model import Model
from matscout.progress import Progress, silent
from matscout.workflow.check import check
from matscout.workflow.few_groups import too_few_groups
from matscout.workflow.findings import Finding, study
from matscout.workflow.model_context import as_fitted, refuse_models_of_structures, refuse_other_context
from matscout.workflow.results import Scouting
from matscout.workflow.search import Field, Ranking, Search, find_field, rank_candidates
from matscout.workflow.side_by_side import Plan, require_measurable

RENAMED = {"models": "use"}
"""Settings that had another name."""


@dataclass(frozen=True)
class ScoutSettings:
    """All that can be set of :func:`matscout.scout`, by the names that it takes.

    Parameters
    ----------
    model, metric, fast, seed
        As for :func:`matscout.fit`.
    use
        Folder of fitted models to use instead of fitting; scores are then those of the same kind of model. The labels
        must have been read with the context columns of these models.
    definitions
        Name -> law of targets that follow from others, ``{"zT": "S**2*sigma*T/kappa"}``: each of these is learned, and
        their uncertainties are propagated.
    level
        Coverage that the intervals should have.
    candidates
        File of materials to rank, or a generator, such as a :class:`~matscout.discover.generators.recall.Recall` of
        those of an index that are like known ones; otherwise formulas are generated.
    alloys
        What the numbers in the names of alloys of a file of candidates are, as for :func:`matscout.read`.
    elements, dope
        Enumerate compounds of these elements only; or a doping series instead, ``"HOST:A,B:0:0.2"``.
    n_candidates
        How many to generate.
    exclude, must
        Elements that must not occur; those that all must, ``()`` for none. If not given: those that at least 95 % of
        the labelled materials hold, where 20 rows or more are labelled; a remark says which.
    require
        Filters that candidates must pass. If not given: what their generator usually asks for, "neutral", "in-domain"
        and "new" for generated formulas, "new" for those of a file, "unlabelled" for a doping series.
    settings
        Context column -> ``"600"`` (fixed), ``"300,600"`` or ``"300:900"`` (the best is looked for). Columns that are
        not named stay at the middle number or the most frequent category of the labels, with a remark.
    order, batch
        See :func:`matscout.discover.acquisition.acquire`; how many different materials to propose, 0 for none.
    watch
        Formulas that are added to the candidates and whose rank is reported.
    """

    model: str = "auto"
    use: str | Path | None = None
    definitions: Mapping[str, str] = field(default_factory=dict)
    metric: Metric = "mae"
    fast: bool = False
    seed: int = 0
    level: float = 0.9
    candidates: str | Path | Generator | None = None
    alloys: Shares | None = None
    elements: Sequence[str] = ()
    dope: str | None = None
    n_candidates: int = 20_000
    exclude: Sequence[str] = ()
    require: Sequence[str] | None = None
    must: Sequence[str] | None = None
    settings: Mapping[str, str | float] = field(default_factory=dict)
    order: str = DEFAULT_ORDER
    batch: int = 8
    watch: Sequence[str] = ()

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> ScoutSettings:
        """From settings by name.

        Raises
        ------
        UsageError
            If one is unknown; the message names the nearest one.
        """
        known = [one.name for one in fields(cls)]
        for name in named:
            if name in RENAMED:
                raise UsageError(f"{name} is called {RENAMED[name]} now: say {RENAMED[name]}={named[name]!r}")
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise UsageError(f"scout has no setting {name!r}; {hint}")
        return cls(**{name: value for name, value in named.items() if value is not None})

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that are not the usual ones."""
        usual = ScoutSettings()
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value != getattr(usual, name)}

    @property
    def plan(self) -> Plan:
        """How models are fitted and measured."""
        return Plan(
            level=self.level, model=self.model, metric=self.metric, fast=self.fast, seed=self.seed, thrifty=True
        )

    @property
    def search(self) -> Search:
        """What is searched among and how it is ranked."""
        return Search(
            candidates=Path(self.candidates) if isinstance(self.candidates, str) else self.candidates,
            alloys=self.alloys,
            elements=tuple(self.elements),
            dope=self.dope,
            n_candidates=self.n_candidates,
            exclude=tuple(self.exclude),
            require=None if self.require is None else tuple(self.require),
            must=None if self.must is None else tuple(self.must),
            settings={name: str(value) for name, value in self.settings.items()},
            order=self.order,
            batch=self.batch,
            watch=tuple(self.watch),
            seed=self.seed,
        )


def scout(
    dataset: Dataset,
    goals: str | Sequence[str],
    settings: ScoutSettings,
    *,
    command: str = "",
    store: Path | None = None,
    progress: Progress = silent,
) -> Scouting:
    """Learn from labels, measure how good that is, and rank what might be made; nothing is written.

    Above 1,000 labelled rows not all of the 5 folds are run, but as many as test 500 rows; the scores say so. Groups
    that are too few for intervals at the level are set aside, and a remark of the shortlist says so.

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
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If a goal, filter, element or setting is wrong.
    InputError
        If there are too few labels or no candidate is left.
    """
    began, plan, search = time.perf_counter(), settings.plan, settings.search
    laws = dict(settings.definitions)
    dataset = with_definitions(dataset, {name: law for name, law in laws.items() if name not in dataset.targets})
    wanted = parse_goals([goals] if isinstance(goals, str) else list(goals), dataset.targets)
    make_model(settings.model)
    dataset, few_groups = _measurable(dataset, wanted, plan)
    ready = {} if settings.use is None else load_ready(Path(settings.use), wanted)
    refuse_other_context(ready, dataset)
    dataset = replace(dataset, materials=as_fitted(dataset.materials, ready))
    considered = find_field(dataset, search, progress, goals=wanted)
    refuse_models_of_structures(ready, considered.conditions.materials)
    unused = structures_unused(dataset, considered.conditions.materials)
    dataset = described_alike(dataset, considered.conditions.materials)
    findings = {
        goal.target: study(
            dataset,
            goal,
            replace(plan, model=model_for(goal.target, laws, settings.model)),
            ready.get(goal.target),
            store=store,
            progress=progress,
        )
        for goal in wanted
    }
    brief = Brief(dataset, wanted, laws, search.settings, settings.seed, settings.level)
    ranking = _ranked(considered, findings, brief, search, remarks=(*few_groups, *unused), progress=progress)
    return Scouting(
        dataset=dataset,
        check=check(dataset),
        goals=wanted,
        findings=findings,
        ranking=ranking,
        plan=plan,
        search=search,
        seconds=time.perf_counter() - began,
        command=command,
    )


def _measurable(dataset: Dataset, goals: Sequence[Goal], plan: Plan) -> tuple[Dataset, tuple[str, ...]]:
    """The labels, without groups that are too few, and a remark if these were set aside; errors before any work."""
    remarks = too_few_groups(dataset, [goal.target for goal in goals], plan)
    dataset = replace(dataset, groups=None) if remarks else dataset
    for goal in goals:
        require_measurable(dataset, goal.target, plan)
    return dataset, remarks


def _ranked(
    considered: Field,
    findings: Mapping[str, Finding],
    brief: Brief,
    search: Search,
    *,
    remarks: tuple[str, ...],
    progress: Progress,
) -> Ranking:
    """The candidates in their order, with all evidence and remarks."""
    models = {name: finding.model for name, finding in findings.items()}
    corrections = {name: one.chances.recalibration for name, one in findings.items() if one.chances is not None}
    ranking = rank_candidates(
        considered,
        models,
        brief.goals,
        brief.labels,
        search,
        level=brief.level,
        corrections=corrections,
        progress=progress,
    )
    shortlist = ranking.shortlist.with_remarks((*considered.must.remarks, *remarks))
    notes = tuple(note for model in models.values() for note in model.notes)
    return replace(ranking, shortlist=add_evidence(shortlist, replace(brief, notes=notes), progress))


def structures_unused(dataset: Dataset, candidates: Materials) -> tuple[str, ...]:
    """What to tell if the labels have structures and the candidates have none: a model needs them for both or neither.

    Parameters
    ----------
    dataset
        The labels.
    candidates
        What will be predicted.
    """
    if dataset.materials.structures is None or candidates.structures is not None:
        return ()
    return (
        "The candidates are formulas without structures, so of the structures of the labels only the compositions were "
        "learned from. To use them, give candidates with structures (--candidates: a folder of structure files, or a "
        "table with a column of them).",
    )


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
            raise UsageError(f"{folder} holds no model of {goal.target!r}; it holds {', '.join(models)}")
    return models

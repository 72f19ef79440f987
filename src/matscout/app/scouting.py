"""scout: the main job from labels to a ranked shortlist, with everything a report needs to be trusted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matscout.app.again import python_call
from matscout.app.check import CheckSummary, check
from matscout.app.few_groups import too_few_groups
from matscout.app.findings import Finding, study
from matscout.app.model_context import as_fitted, refuse_models_of_structures, refuse_other_context
from matscout.app.output import FACTS, write_scouting
from matscout.app.places import result_folder
from matscout.app.search import Ranking, Search, find_field, rank_candidates
from matscout.app.side_by_side import Plan, require_measurable
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
from matscout.predict.base import Metric, Model
from matscout.predict.definitions import model_for, with_definitions
from matscout.predict.fitting import make_model
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Scouting:
    """Everything one run of the main job found.

    Parameters
    ----------
    dataset
        The labels.
    check
        What was read and what was left out.
    goals
        What was looked for.
    findings
        Target name -> model, scores, learning curve and back-test.
    ranking
        The candidates, their predictions, the shortlist, and where watched materials rank.
    plan, search
        The settings of the run.
    seconds
        Wall time.
    command
        How to run the same again: a command line, or a call from Python.
    folder
        Where the results lie; None if they were not written.
    """

    dataset: Dataset
    check: CheckSummary
    goals: tuple[Goal, ...]
    findings: Mapping[str, Finding]
    ranking: Ranking
    plan: Plan
    search: Search
    seconds: float
    command: str
    folder: Path | None = None

    def summary(self) -> str:
        """The run in a few lines, for the terminal."""
        from matscout.app.summary import summarise

        return summarise(self)


def scout(
    dataset: Dataset,
    goals: str | Sequence[str],
    *,
    out: str | Path | None = None,
    models: str | Path | None = None,
    model: str = "auto",
    definitions: Mapping[str, str] | None = None,
    metric: Metric = "mae",
    fast: bool = False,
    seed: int = 0,
    level: float = 0.9,
    candidates: str | Path | Generator | None = None,
    alloys: Shares | None = None,
    elements: Sequence[str] = (),
    dope: str | None = None,
    n_candidates: int = 20_000,
    exclude: Sequence[str] = (),
    require: Sequence[str] | None = None,
    must: Sequence[str] | None = None,
    settings: Mapping[str, str | float] | None = None,
    order: str = DEFAULT_ORDER,
    batch: int = 8,
    watch: Sequence[str] = (),
    command: str | None = None,
    store: Path | None = None,
    progress: Progress = silent,
) -> Scouting:
    """Learn from labels, measure how good that is, and rank what might be made.

    Above 1,000 labelled rows not all of the 5 folds are run, but as many as test 500 rows; the scores say so. Groups
    that are too few for intervals at ``level`` are set aside, and a remark of the shortlist says so.

    Parameters
    ----------
    dataset
        Labelled rows, see :func:`matscout.read`.
    goals
        ``"gap=1.1:1.6"``, ``"ZT=max"``, ``"min"`` (with one target), ``"0.8"``; one or several.
    out
        Folder for ``report.html``, ``shortlist.csv``, ``predictions.csv``, ``scouting.json`` and ``model``; written
        whole or not at all. An earlier result there is replaced, anything else refused. None writes nothing.
    models
        Folder of fitted models to use instead of fitting; scores are then those of the same kind of model. The labels
        must have been read with the context columns of these models.
    model, metric, fast, seed
        As for :func:`matscout.fit`.
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
        Filters that candidates must pass. If not given: "neutral", "in-domain" and "new" for generated candidates,
        "new" for those of a file, "unlabelled" for a doping series.
    settings
        Context column -> ``"600"`` (fixed), ``"300,600"`` or ``"300:900"`` (the best is looked for). Columns that are
        not named stay at the middle number or the most frequent category of the labels, with a remark.
    order, batch
        See :func:`matscout.discover.acquisition.acquire`; how many different materials to propose, 0 for none.
    watch
        Formulas that are added to the candidates and whose rank is reported.
    command
        The command line of this run, for the report; None for a call from Python, which the report then shows.
    store
        Folder in which finished fits of the evaluation are kept; a run with the same data and settings goes on from
        there.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If a goal, filter, element or setting is wrong, or ``out`` holds something else.
    InputError
        If there are too few labels or no candidate is left.
    """
    again = command or python_call(scout, locals())
    began = time.perf_counter()
    texts = [goals] if isinstance(goals, str) else list(goals)
    laws = dict(definitions or {})
    dataset = with_definitions(dataset, {name: law for name, law in laws.items() if name not in dataset.targets})
    wanted = parse_goals(texts, dataset.targets)
    plan = Plan(level=level, model=model, metric=metric, fast=fast, seed=seed, thrifty=True)
    search = Search(
        candidates=Path(candidates) if isinstance(candidates, str) else candidates,
        alloys=alloys,
        elements=tuple(elements),
        dope=dope,
        n_candidates=n_candidates,
        exclude=tuple(exclude),
        require=None if require is None else tuple(require),
        must=None if must is None else tuple(must),
        settings={name: str(value) for name, value in (settings or {}).items()},
        order=order,
        batch=batch,
        watch=tuple(watch),
        seed=seed,
    )
    make_model(model)
    few_groups = too_few_groups(dataset, [goal.target for goal in wanted], plan)
    dataset = replace(dataset, groups=None) if few_groups else dataset
    for goal in wanted:
        require_measurable(dataset, goal.target, plan)
    folder = None if out is None else result_folder(Path(out), FACTS)
    ready = {} if models is None else load_ready(Path(models), wanted)
    refuse_other_context(ready, dataset)
    dataset = replace(dataset, materials=as_fitted(dataset.materials, ready))
    considered = find_field(dataset, search, progress, goals=wanted)
    refuse_models_of_structures(ready, considered.conditions.materials)
    told = structures_unused(dataset, considered.conditions.materials)
    dataset = described_alike(dataset, considered.conditions.materials)
    plans = {goal.target: replace(plan, model=model_for(goal.target, laws, model)) for goal in wanted}
    findings = {
        goal.target: study(dataset, goal, plans[goal.target], ready.get(goal.target), store=store, progress=progress)
        for goal in wanted
    }
    chosen = {name: finding.model for name, finding in findings.items()}
    corrections = {name: one.chances.recalibration for name, one in findings.items() if one.chances is not None}
    ranking = rank_candidates(
        considered, chosen, wanted, dataset, search, level=level, corrections=corrections, progress=progress
    )
    shortlist = ranking.shortlist.with_remarks((*considered.must.remarks, *few_groups, *told))
    notes = tuple(note for one in chosen.values() for note in one.notes)
    brief = Brief(dataset, wanted, laws, search.settings, seed, level, notes)
    ranking = replace(ranking, shortlist=add_evidence(shortlist, brief, progress))
    scouting = Scouting(
        dataset=dataset,
        check=check(dataset),
        goals=wanted,
        findings=findings,
        ranking=ranking,
        plan=plan,
        search=search,
        seconds=time.perf_counter() - began,
        command=again,
    )
    return scouting if folder is None else write_scouting(scouting, folder)


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

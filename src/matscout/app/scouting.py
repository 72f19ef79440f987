"""scout: the main job from labels to a ranked shortlist, with everything a report needs to be trusted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matscout.app.check import CheckSummary, check
from matscout.app.comparison import Comparison, Plan, compare, learning_curve, result_cache
from matscout.app.search import Search, Watched, find_candidates, find_watched, rank_candidates
from matscout.data.dataset import Dataset, Target
from matscout.discover.back_test import BackTest
from matscout.discover.base import Candidates, Goal, Shortlist
from matscout.discover.goals import parse_goals
from matscout.errors import UsageError
from matscout.evaluate.base import Evaluation
from matscout.predict.base import AnyPredictions, Metric, Model
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Finding:
    """What is known about one target of a goal.

    Parameters
    ----------
    goal
        What the target should be.
    model
        Fitted to all labelled rows.
    comparison
        Its scores on unseen rows beside baselines; with groups, random and grouped folds.
    learning_curve
        Scores at growing numbers of labels (protocol "masked"); None if there are too few labels to divide.
    back_test
        What ranking by model would have found among the labelled rows themselves; None if there are too few.
    """

    goal: Goal
    model: Model
    comparison: Comparison
    learning_curve: Evaluation | None
    back_test: BackTest | None

    @property
    def target(self) -> Target:
        """The measured values."""
        return self.comparison.asked.target


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
    candidates
        What was considered, m materials.
    predictions
        Target name -> m predictions, in the order of ``candidates``.
    shortlist
        The ranked candidates.
    watched
        Materials whose rank was asked for.
    plan, search
        The settings of the run.
    remarks
        What the reader should know about the run, a sentence each.
    seconds
        Wall time.
    folder
        Where the results lie; None if they were not written.
    """

    dataset: Dataset
    check: CheckSummary
    goals: tuple[Goal, ...]
    findings: Mapping[str, Finding]
    candidates: Candidates
    predictions: Mapping[str, AnyPredictions]
    shortlist: Shortlist
    watched: tuple[Watched, ...]
    plan: Plan
    search: Search
    remarks: tuple[str, ...]
    seconds: float
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
    metric: Metric = "mae",
    fast: bool = False,
    seed: int = 0,
    level: float = 0.9,
    candidates: str | Path | None = None,
    elements: Sequence[str] = (),
    dope: str | None = None,
    n_candidates: int = 20_000,
    exclude: Sequence[str] = (),
    require: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    order: str = "ei",
    batch: int = 8,
    watch: Sequence[str] = (),
    progress: Progress = silent,
) -> Scouting:
    """Learn from labels, measure how good that is, and rank what might be made.

    Parameters
    ----------
    dataset
        Labelled rows, see :func:`matscout.read`.
    goals
        ``"gap=1.1:1.6"``, ``"ZT=max"``, ``"min"`` (with one target), ``"0.8"``; one or several.
    out
        Folder for ``report.html``, ``shortlist.csv``, ``predictions.csv``, ``scouting.json`` and ``model``; written whole or
        not at all. An earlier result there is replaced, anything else refused. None writes nothing.
    models
        Folder of fitted models to use instead of fitting; scores are then those of the same kind of model.
    model, metric, fast, seed
        As for :func:`matscout.fit`.
    level
        Coverage that the intervals should have.
    candidates
        File of materials to rank; otherwise they are generated.
    elements
        Enumerate compounds of these elements only.
    dope
        ``"HOST:A,B:0:0.2"``: a doping series instead.
    n_candidates
        How many to generate.
    exclude
        Elements that must not occur.
    require
        Filters that candidates must pass, e.g. ``("neutral", "in-domain", "new")``.
    settings
        Context column -> ``"600"`` (fixed) or ``"300:900"`` (the best is looked for). Columns that are not named stay at
        the median or the most frequent category of the labels, with a remark.
    order
        "ei", "probability", "ucb" or "value".
    batch
        How many different materials to propose to make next; 0 for none.
    watch
        Formulas that are added to the candidates and whose rank is reported, e.g. known answers.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If a goal, filter, element or setting is wrong, or ``out`` holds something else.
    InputError
        If there are too few labels or no candidate is left.
    """
    began = time.perf_counter()
    texts = [goals] if isinstance(goals, str) else list(goals)
    wanted = parse_goals(texts, dataset.targets)
    plan = Plan(level=level, model=model, metric=metric, fast=fast, seed=seed)
    search = Search(
        candidates=None if candidates is None else Path(candidates),
        elements=tuple(elements),
        dope=dope,
        n_candidates=n_candidates,
        exclude=tuple(exclude),
        require=tuple(require),
        settings=dict(settings or {}),
        order=order,
        batch=batch,
        watch=tuple(watch),
        seed=seed,
    )
    folder = None if out is None else refuse_foreign(Path(out))
    ready = {} if models is None else load_ready(Path(models), wanted)
    found = find_candidates(dataset, search)
    findings = {goal.target: study(dataset, goal, plan, ready.get(goal.target), progress) for goal in wanted}
    ranking = rank_candidates(
        found, {name: part.model for name, part in findings.items()}, wanted, dataset, search, level
    )
    scouting = Scouting(
        dataset=dataset,
        check=check(dataset),
        goals=wanted,
        findings=findings,
        candidates=ranking.candidates,
        predictions=ranking.predictions,
        shortlist=ranking.shortlist,
        watched=find_watched(ranking, search),
        plan=plan,
        search=search,
        remarks=ranking.remarks,
        seconds=time.perf_counter() - began,
    )
    return scouting if folder is None else write_scouting(scouting, folder)

"""What is found out about each target of a goal: a model, its scores, and what more labels would bring."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matscout.data.dataset import Dataset, Target
from matscout.discover.back_test import BackTest, back_test
from matscout.discover.base import Goal
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import Evaluation
from matscout.evaluation.chances import Chances
from matscout.evaluation.evaluating import TREE_BASELINES, PlannedComparison, planned_comparison, usual_baselines
from matscout.evaluation.plan import EvaluationPlan
from matscout.predict.model import Model
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.store import Store
from matscout.workflow.side_by_side import SideBySide

LEARNING_LEVEL = 0.5
"""Level of the intervals in it, which it does not show: 25 rows of few groups allow no high one."""


@dataclass(frozen=True, eq=False)
class Finding:
    """What is known about one target of a goal.

    Parameters
    ----------
    goal
        What the target should be.
    model
        Fitted to all labelled rows.
    scores
        Its scores on unseen rows beside baselines; with groups, random and grouped folds.
    learning_curve
        Scores at growing numbers of labels (protocol "masked"); None if there are too few labels to divide.
    back_test
        What ranking by model would have found among the labelled rows themselves; None if there are too few.
    chances
        How true chances of reaching the goal were on unseen rows; None if there are too few.
    """

    goal: Goal
    model: Model
    scores: SideBySide
    learning_curve: Evaluation | None
    back_test: BackTest | None
    chances: Chances | None = None

    @property
    def target(self) -> Target:
        """The measured values."""
        return self.scores.asked.target

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a reader must know before all else, a sentence each: of the scores, and of the back-test."""
        played = self.back_test
        if played is None or played.beats_chance:
            return self.scores.doubts
        text = f"The back-test of {self.target.name} does no better than a random order. {played.sentence}"
        return (*self.scores.doubts, Remark("back-test-at-chance", text))


def measure_learning(
    dataset: Dataset, target: str, plan: EvaluationPlan, *, store: Path | None = None, progress: Progress = silent
) -> Evaluation | None:
    """Scores at growing numbers of labels, with fast fits; None if the labels are too few to be divided so.

    Where the labels come in groups, whole groups are held out.
    """
    comparison = learning_comparison(dataset, target, plan)
    if comparison is None:
        return None
    try:
        return comparison.evaluation(None if store is None else Store(store), progress)
    except (UsageError, InputError):
        return None


def learning_comparison(dataset: Dataset, target: str, plan: EvaluationPlan) -> PlannedComparison | None:
    """What :func:`measure_learning` fits, before anything is fitted; None if the labels are too few."""
    try:
        return planned_comparison(dataset, target, _of_learning(dataset, plan))
    except (UsageError, InputError):
        return None


def _of_learning(dataset: Dataset, plan: EvaluationPlan) -> EvaluationPlan:
    """The same model, fitted fast to growing numbers of labels, next to the trees alone."""
    trees = tuple(name for name in TREE_BASELINES if name in usual_baselines(dataset) and name != plan.model)
    return EvaluationPlan(
        protocol="masked",
        repeats=plan.repeats,
        level=LEARNING_LEVEL,
        model=plan.model,
        metric=plan.metric,
        fast=True,
        seed=plan.seed,
        baselines=trees,
        both_statistics=False,
    )


def play_back(dataset: Dataset, goal: Goal, plan: EvaluationPlan, progress: Progress = silent) -> BackTest | None:
    """The back-test on the user's own rows; None if they are too few for it."""
    try:
        return back_test(dataset, goal.target, goal, seed=plan.seed, progress=progress)
    except InputError:
        return None

"""Groups that are too few for intervals: scout and evaluate set them aside, with a remark."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from matscout.data.dataset import Dataset
from matscout.errors import UsageError
from matscout.evaluation.base import ProtocolOptions
from matscout.evaluation.evaluating import make_protocol
from matscout.evaluation.plan import EvaluationPlan
from matscout.remarks import Remark


def too_few_groups(dataset: Dataset, targets: Sequence[str], plan: EvaluationPlan) -> tuple[str, ...]:
    """The remark to make if the groups of the data set are too few to be used; empty if they do, or there are none.

    Intervals at level p for a new group need p / (1 - p) groups to learn from (9 for 90 %; see
    :mod:`matscout.predict.conformal`), also in each training part of the grouped folds that check them.
    """
    if dataset.groups is None:
        return ()
    needed = math.ceil(plan.level / (1.0 - plan.level) - 1e-9)
    fewest = min(_fewest_groups(dataset, target, plan) for target in targets)
    if fewest >= needed:
        return ()
    divided = (
        f"the smallest training part of grouped folds holds {fewest}"
        if fewest
        else f"they cannot be divided into {plan.n_folds} folds"
    )
    text = (
        f"THE GROUPS WERE NOT USED: there are {len(np.unique(dataset.groups))}, and {divided}; intervals at "
        f"{plan.level:.0%} for a new group need {needed} in each training part. All scores and intervals hold for "
        f"new {dataset.materials.noun}s like the labelled ones and are too optimistic for a new group; add groups or "
        "choose a lower level."
    )
    return (Remark("groups-not-used", text),)


def _fewest_groups(dataset: Dataset, target: str, plan: EvaluationPlan) -> int:
    """Groups in the training part, with the target known, of the grouped fold that has the fewest; 0 if none can be."""
    protocol = make_protocol("group", ProtocolOptions(n_folds=plan.n_folds))
    groups = dataset.groups
    assert groups is not None, "the caller has looked"
    try:
        splits = list(protocol.splits(dataset, target, plan.seed))
    except UsageError:
        return 0
    return min(len(np.unique(groups[split.train])) for split in splits)

"""Predictions of a model that can exceed the labels, for the goals max and min."""

from __future__ import annotations

import numpy as np

from matscout.discover.base import Brief, Goal
from matscout.discover.goals import aim_of
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.predict.base import Predictions
from matscout.predict.fitting import fit
from matscout.progress import Progress, silent
from matscout.remarks import Remark

EXTRAPOLATING = "gp"
"""A Gaussian process with a linear part follows a trend past its last label; an average of leaves cannot."""


class Extrapolation(EvidenceProvider):
    """A column ``TARGET_extrapolated`` where no prediction lies beyond the best label, and a remark that says so."""

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """What a Gaussian process says of each candidate, for every such goal."""
        goals = [
            goal for goal in brief.goals if goal.kind in ("max", "min") and not _goes_beyond(candidates, goal, brief)
        ]
        return Opinion(
            tuple(_extrapolated(candidates, goal, brief) for goal in goals),
            tuple(_remark(goal.target) for goal in goals),
        )


def _goes_beyond(candidates: Candidates, goal: Goal, brief: Brief) -> bool:
    """Whether a candidate is predicted beyond the best label, or nothing can be."""
    labels = brief.labels.target(goal.target).values
    if aim_of(goal, brief.labels).at_limit:
        return True
    predicted = candidates.facts[f"{goal.target}_predicted"].values
    if goal.kind == "max":
        return bool(predicted.max() > np.nanmax(labels))
    return bool(predicted.min() < np.nanmin(labels))


def _extrapolated(candidates: Candidates, goal: Goal, brief: Brief) -> Evidence:
    name = goal.target
    model = fit(brief.labels, name, model=EXTRAPOLATING, metric="rmse", seed=brief.seed)
    predictions = model.predict(candidates.materials, level=0.5)
    assert isinstance(predictions, Predictions)
    return Evidence(
        f"{name}_extrapolated",
        f"{name}, extrapolated",
        predictions.predicted,
        "prediction of a Gaussian process with a linear part, which can extrapolate beyond the labels and has "
        "larger errors on average",
        EvidenceSource(EXTRAPOLATING),
        predictions.unit,
    )


def _remark(name: str) -> Remark:
    text = (
        f"No candidate is predicted beyond the best label of {name}: few models extrapolate beyond their labels, and "
        f"averages of labels never do. The column {name}_extrapolated of shortlist.csv contains predictions of a "
        "Gaussian process, which can; its errors are larger on average: see its scores."
    )
    return Remark("nothing-predicted-beyond-labels", text)

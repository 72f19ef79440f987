"""Rank by the predictions of a model that is fitted to the labels."""

from __future__ import annotations

import numpy as np

from matscout.discover.acquisition import DEFAULT_ORDER, check_order
from matscout.discover.base import Brief
from matscout.discover.conditions import expand_context
from matscout.discover.prediction import described_alike, predict_candidates
from matscout.discover.ranking import rank
from matscout.discover.stage import Stage, Verdict
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.predict.definitions import model_for
from matscout.predict.fitting import fit, make_model
from matscout.predict.labels import training_labels
from matscout.predict.origins import origin_of_fit
from matscout.progress import Progress, silent
from matscout.store import key_of


class ModelStage(Stage):
    """Ranks as scout does, without measuring how good the model is: a cheap look before a costly one.

    Parameters
    ----------
    name
        Of the model.
    fast
        Spend a quarter of the time or less.
    order
        See :func:`matscout.discover.acquisition.check_order`.
    """

    def __init__(self, *, name: str = "extratrees-magpie", fast: bool = True, order: str = DEFAULT_ORDER) -> None:
        make_model(name)
        check_order(order)
        self.name, self.fast, self.order = name, fast, order

    def origin(self, brief: Brief) -> str:
        """Digest of what the models of all goals rest on."""
        models = [model_for(goal.target, brief.definitions, self.name) for goal in brief.goals]
        return key_of([origin_of_fit(model, brief.labels.materials) for model in models])

    def check(self, candidates: Candidates, brief: Brief) -> None:
        """Enough labels of each goal, and conditions that there are."""
        labels = described_alike(brief.labels, candidates.materials)
        expand_context(candidates, brief.settings, labels, np.arange(min(1, len(candidates))))
        for goal in brief.goals:
            if goal.target not in brief.definitions:
                training_labels(labels, goal.target)

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """Ranks, and what is predicted of each."""
        labels = described_alike(brief.labels, candidates.materials)
        conditions = expand_context(candidates, brief.settings, labels)
        predictions = {}
        for goal in brief.goals:
            learned = fit(
                labels,
                goal.target,
                model=model_for(goal.target, brief.definitions, self.name),
                fast=self.fast,
                seed=brief.seed,
                progress=progress,
            )
            predictions[goal.target] = predict_candidates(learned, conditions.materials, brief.level, progress)
        ranked = rank(
            candidates,
            predictions,
            brief.goals,
            labels,
            conditions=conditions,
            order=self.order,
            n_rows=len(candidates),
            seed=brief.seed,
        )
        first = brief.goals[0].target
        column = f"{first}_predicted" if f"{first}_predicted" in ranked.facts else f"{first}_class"
        given = ranked.facts[column]
        values = given.values[ranked.ranks - 1]
        words = [f"{first} {_short(value)}" for value in values.tolist()]
        fact = Evidence(
            f"{column}_by_{self.name}",
            f"{first} by {self.name}",
            values,
            f"prediction of {first} by {self.name}, which selected the candidates and was not evaluated",
            EvidenceSource(self.name),
            given.unit,
            use="filter",
        )
        nothing = np.full(len(candidates), "", dtype=np.str_)
        return Verdict(nothing, -ranked.ranks.astype(np.float64), np.array(words, dtype=np.str_), (fact,))


def _short(value: float | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else value

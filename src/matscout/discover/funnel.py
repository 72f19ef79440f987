"""A funnel: stages that look at candidates one after the other, the cheap ones first, with budget and reason."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from matscout.code_digest import digest_of_code
from matscout.data.digests import digest_of, digest_of_materials
from matscout.discover.base import Brief
from matscout.discover.stage import Stage, Verdict
from matscout.discover.verdicts import keep_verdict, kept_verdict
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates, StageNote
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.settings.checking import argument_of, check_arguments
from matscout.store import Store, key_of


@dataclass(frozen=True)
class FunnelStep:
    """One stage of a funnel.

    Parameters
    ----------
    name
        The stage.
    settings
        Arguments of it.
    keep
        How many candidates may pass: the best, or of a stage that does not rank the first in the order in which they
        come; None for all that it does not object to, which a stage that ranks does not take.
    reason
        Why it stands there, in the words of its author.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    keep: int | None = None
    reason: str = ""

    def maker(self) -> type[Stage]:
        """What makes the stage.

        Raises
        ------
        UsageError
            If there is no such stage, a setting is unknown or missing, or one that ranks has no budget.
        """
        maker: type[Stage] = load_class("stages", self.name)
        check_arguments(maker, self.settings, f"the stage {self.name}")
        if self.keep is None and maker.ranks and not maker.limits:
            raise UsageError(f"the stage {self.name} ranks: state how many to keep")
        return maker

    def stage(self) -> Stage:
        """The stage with its settings; errors as :meth:`maker`, or if a value makes no sense."""
        return self.maker()(**{argument_of(name): value for name, value in self.settings.items()})


def sift(
    candidates: Candidates,
    steps: Sequence[FunnelStep],
    brief: Brief,
    *,
    store: Path | None = None,
    progress: Progress = silent,
) -> Candidates:
    """Those candidates that pass all steps, with what became of the others at each (:attr:`Candidates.lost`).

    Parameters
    ----------
    candidates
        n of them.
    steps
        In this order.
    brief
        What the stages go by.
    store
        Folder of finished verdicts: a run that was stopped goes on after the last of them.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If a step is wrong, or does not fit the labels or candidates; all are looked at before any work.
    InputError
        If there are too few labels for a model, or a stage leaves no candidate.
    """
    stages, kept = [step.stage() for step in steps], None if store is None else Store(store)
    for stage in stages:
        stage.check(candidates, brief)
    passed = len(candidates.stages)
    for number, (step, stage) in enumerate(zip(steps, stages, strict=True)):
        progress(f"stage {passed + number + 1}: {step.name}", number, len(steps))
        began = time.perf_counter()
        key = "" if kept is None else _key(step, stage, candidates, brief)
        verdict = None if kept is None else kept_verdict(kept, key)
        judgement = verdict or stage.judge(candidates, brief, progress)
        seconds = 0.0 if verdict else time.perf_counter() - began
        if kept is not None and verdict is None:
            keep_verdict(kept, key, judgement)
        before, candidates = len(candidates), _passed(judgement, candidates, step, seconds)
        if not len(candidates):
            reasons = Counter(candidates.lost[-1].reasons.tolist())
            raise InputError(
                f"stage {passed + number + 1} ({step.name}) leaves none of {before:,} candidates; the most frequent "
                f"reason: {reasons.most_common(1)[0][0]}"
            )
    progress("stages", len(steps), len(steps))
    return candidates


def _passed(verdict: Verdict, candidates: Candidates, step: FunnelStep, seconds: float) -> Candidates:
    """Those that stay, the best first where there is a best, with the facts about them and the record of the others."""
    free = np.flatnonzero(verdict.objections == "")
    order = free if verdict.scores is None else free[np.argsort(-verdict.scores[free], kind="stable")]
    budget = len(order) if step.keep is None else step.keep
    objections = verdict.objections.astype(object)
    place_word = "place" if verdict.scores is None else "rank"
    for place, row in enumerate(order[budget:].tolist(), start=budget + 1):
        words = f" ({verdict.words[row]})" if verdict.words[row] else ""
        objections[row] = f"{place_word} {place:,} of {len(order):,}, {step.keep:,} pass{words}"
    out = np.concatenate([np.flatnonzero(verdict.objections != ""), order[budget:]])
    judged = candidates.with_facts(verdict.facts)
    if verdict.structures is not None:
        judged = replace(judged, materials=replace(judged.materials, structures=verdict.structures))
    note = StageNote(step.name, step.settings, step.keep, step.reason, seconds)
    return judged.without(step.name, order[:budget], out, objections[out].tolist(), note)


def _key(step: FunnelStep, stage: Stage, candidates: Candidates, brief: Brief) -> str:
    """What a verdict is stored by: all that it depends on but the budget, which can be changed without work."""
    return key_of(
        digest_of_code(__name__, type(stage).__module__),
        stage.origin(brief),
        step.name,
        step.settings,
        digest_of_materials(candidates.materials),
        candidates.facts,
        digest_of(brief.labels),
        [repr(goal) for goal in brief.goals],
        brief.definitions,
        brief.settings,
        brief.seed,
        brief.level,
    )

"""A funnel: stages that look at candidates one after the other, the cheap ones first, with budget and reason."""

from __future__ import annotations

import inspect
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from matscout.code_digest import digest_of_code
from matscout.data.digests import digest_of, digest_of_materials
from matscout.discover.base import Brief
from matscout.discover.stage import Stage, Verdict
from matscout.discover.verdicts import keep_verdict, kept_verdict
from matscout.errors import InputError, UsageError, shortened
from matscout.generate.base import Candidates, StageNote
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.store import Store, key_of

PLAIN: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "str": ("a text", lambda one: isinstance(one, str) and bool(one.strip())),
    "bool": ("true or false", lambda one: isinstance(one, bool)),
    "int": ("a whole number", lambda one: isinstance(one, int) and not isinstance(one, bool)),
    "float": ("a number", lambda one: isinstance(one, int | float) and not isinstance(one, bool)),
}
"""Annotation of a setting -> what is expected, and whether a value is that."""


@dataclass(frozen=True)
class Step:
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

    def stage(self) -> Stage:
        """The stage with its settings.

        Raises
        ------
        UsageError
            If there is no such stage, a setting is unknown or missing, or one that ranks has no budget.
        """
        maker: type[Stage] = load_class("stages", self.name)
        known = inspect.signature(maker).parameters
        for name in self.settings:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise UsageError(f"the stage {self.name} has no setting {shortened(name)}; {hint}")
            self._check(name, str(known[name].annotation))
        missing = [name for name, one in known.items() if one.default is one.empty and name not in self.settings]
        if missing:
            raise UsageError(f"the stage {self.name} needs {', '.join(missing)}")
        if self.keep is None and maker.ranks:
            raise UsageError(f"the stage {self.name} ranks: say how many to keep")
        return maker(**self.settings)

    def _check(self, name: str, kind: str) -> None:
        """Refuse a setting that is not of its plain kind; other kinds are looked at by the stage."""
        value = self.settings[name]
        words, is_one = PLAIN.get(kind, ("", lambda one: True))
        if not is_one(value):
            raise UsageError(f"{name} of the stage {self.name} is {shortened(value)}; {words} is expected")


def sift(
    candidates: Candidates,
    steps: Sequence[Step],
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
    for number, (step, stage) in enumerate(zip(steps, stages, strict=True)):
        progress(f"stage {number + 1}: {step.name}", number, len(steps))
        began = time.perf_counter()
        key = "" if kept is None else _key(step, stage, candidates, brief)
        verdict = None if kept is None else kept_verdict(kept, key)
        found = verdict or stage.judge(candidates, brief, progress)
        seconds = 0.0 if verdict else time.perf_counter() - began
        if kept is not None and verdict is None:
            keep_verdict(kept, key, found)
        before, candidates = len(candidates), _passed(found, candidates, step, seconds)
        if not len(candidates):
            reasons = Counter(candidates.lost[-1].reasons.tolist())
            raise InputError(
                f"stage {number + 1} ({step.name}) leaves none of {before:,} candidates, most for: "
                f"{reasons.most_common(1)[0][0]}"
            )
    progress("stages", len(steps), len(steps))
    return candidates


def _passed(verdict: Verdict, candidates: Candidates, step: Step, seconds: float) -> Candidates:
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


def _key(step: Step, stage: Stage, candidates: Candidates, brief: Brief) -> str:
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

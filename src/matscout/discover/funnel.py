"""A funnel: stages that look at candidates one after the other, the cheap ones first, with budget and reason."""

from __future__ import annotations

import hashlib
import inspect
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.data.dataset import Dataset
from matscout.data.digests import digest_of, digest_of_materials
from matscout.data.files import atomic_write
from matscout.discover.base import Candidates, Goal
from matscout.errors import InputError, UsageError, shortened
from matscout.progress import Progress, silent
from matscout.registry import load_class

Floats = NDArray[np.float64]

PLAIN: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "str": ("a text", lambda one: isinstance(one, str) and bool(one.strip())),
    "bool": ("true or false", lambda one: isinstance(one, bool)),
    "int": ("a whole number", lambda one: isinstance(one, int) and not isinstance(one, bool)),
    "float": ("a number", lambda one: isinstance(one, int | float) and not isinstance(one, bool)),
}
"""Annotation of a setting -> what is expected, and whether a value is that."""


@dataclass(frozen=True, eq=False)
class Brief:
    """What every stage may go by.

    Parameters
    ----------
    labels
        Measured materials, with a target for each definition.
    goals
        What is wanted.
    definitions
        Name -> law of targets that follow from others.
    settings
        Context column -> value, see :func:`matscout.discover.conditions.expand_context`.
    seed
        Of every random choice.
    level
        Coverage that intervals should have.
    """

    labels: Dataset
    goals: tuple[Goal, ...]
    definitions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    level: float = 0.9


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a stage says of n candidates.

    Parameters
    ----------
    objections
        text [n], why a candidate is out; "" for none.
    scores
        float64 [n], the larger the better; None if the stage knows no better and worse.
    words
        text [n], what is said of each: ``"similarity 0.93"``.
    """

    objections: NDArray[np.str_]
    scores: Floats | None
    words: NDArray[np.str_]


class Stage(ABC):
    """Looks at candidates; one file in ``discover/stages`` each, whose constructor takes its settings by name."""

    ranks: bool = True
    """Whether it knows better and worse; the budget of one that does not is optional, and keeps the first."""

    @property
    def origin(self) -> str:
        """Digest of what it rests on besides its settings and its code: files, models and representations it names."""
        return ""

    def check(self, candidates: Candidates, brief: Brief) -> None:  # noqa: B027 - most have nothing to refuse
        """Tell before any work of the funnel what :meth:`judge` would refuse; errors as there."""

    @abstractmethod
    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """A verdict on every candidate.

        Raises
        ------
        UsageError
            If a setting does not fit the labels or candidates.
        """


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


@dataclass(frozen=True, eq=False)
class Passed:
    """What became of the candidates at a step.

    Parameters
    ----------
    step
        The stage.
    before, after
        Candidates that came and that were left.
    seconds
        How long it took; 0 if it had been done before.
    lost
        polars frame: id, formula, why; in the order in which they came, or by rank.
    """

    step: Step
    before: int
    after: int
    seconds: float
    lost: pl.DataFrame


def sift(
    candidates: Candidates,
    steps: Sequence[Step],
    brief: Brief,
    *,
    store: Path | None = None,
    progress: Progress = silent,
) -> Candidates:
    """Those candidates that pass all steps, with what became of them at each (:attr:`Candidates.passed`).

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
    stages = [step.stage() for step in steps]
    for stage in stages:
        stage.check(candidates, brief)
    passed: list[Passed] = []
    for number, (step, stage) in enumerate(zip(steps, stages, strict=True)):
        progress(f"stage {number + 1}: {step.name}", number, len(steps))
        began = time.perf_counter()
        done = None if store is None else store / f"{_key(step, stage, candidates, brief)}.parquet"
        verdict = None if done is None else _read(done, len(candidates))
        found = verdict or stage.judge(candidates, brief, progress)
        seconds = 0.0 if verdict else time.perf_counter() - began
        if done is not None and verdict is None:
            _write(found, done)
        kept, lost = _divided(found, candidates, step)
        passed.append(Passed(step, len(candidates), len(kept), seconds, lost))
        if not len(kept):
            why = lost["why"].value_counts(sort=True)["why"][0]
            raise InputError(
                f"stage {number + 1} ({step.name}) leaves none of {len(candidates):,} candidates, most for: {why}"
            )
        candidates = replace(candidates, materials=candidates.materials[kept], origins=candidates.origins[kept])
    progress("stages", len(steps), len(steps))
    return replace(candidates, passed=tuple(passed))


def several(told: object, what: str) -> tuple[str, ...]:
    """One name or a list of names, as names; text with commas is such a list.

    Raises
    ------
    UsageError
        If it is something else; ``what`` says whose names they are.
    """
    if isinstance(told, str):
        return tuple(name for part in told.split(",") if (name := part.strip()))
    if isinstance(told, list | tuple) and all(isinstance(one, str) for one in told):
        return tuple(told)
    raise UsageError(f"{what} is {shortened(told)}; a name is expected, or a list such as [Pb, Te]")


def _divided(verdict: Verdict, candidates: Candidates, step: Step) -> tuple[NDArray[np.int64], pl.DataFrame]:
    """Those that stay, the best first where there is a best, and those that are lost, with the reason."""
    free = np.flatnonzero(verdict.objections == "")
    order = free if verdict.scores is None else free[np.argsort(-verdict.scores[free], kind="stable")]
    budget = len(order) if step.keep is None else step.keep
    why = verdict.objections.astype(object)
    place_word = "place" if verdict.scores is None else "rank"
    for place, row in enumerate(order[budget:].tolist(), start=budget + 1):
        told = f" ({verdict.words[row]})" if verdict.words[row] else ""
        why[row] = f"{place_word} {place:,} of {len(order):,}, {step.keep:,} pass{told}"
    out = np.concatenate([np.flatnonzero(verdict.objections != ""), order[budget:]])
    materials = candidates.materials
    lost = pl.DataFrame(
        {
            "id": materials.ids[out].astype(str),
            "formula": materials.formulas[out].astype(str),
            "why": pl.Series(why[out].tolist(), dtype=pl.String),
        }
    )
    return order[:budget], lost


def _key(step: Step, stage: Stage, candidates: Candidates, brief: Brief) -> str:
    """Digest of everything that a verdict depends on but the budget, which can be changed without work."""
    told = {
        "step": [step.name, dict(step.settings)],
        "stage": stage.origin,
        "candidates": digest_of_materials(candidates.materials),
        "labels": digest_of(brief.labels),
        "goals": [repr(goal) for goal in brief.goals],
        "definitions": dict(brief.definitions),
        "settings": dict(brief.settings),
        "seed": brief.seed,
        "level": brief.level,
        "code": digest_of_code(__name__, type(stage).__module__),
    }
    return hashlib.sha256(json.dumps(told, default=repr).encode()).hexdigest()[:32]


def _write(verdict: Verdict, path: Path) -> None:
    scores = [None] * len(verdict.words) if verdict.scores is None else verdict.scores
    table = pl.DataFrame(
        {
            "objections": verdict.objections.astype(str),
            "scores": pl.Series(scores, dtype=pl.Float64),
            "words": verdict.words.astype(str),
        }
    )
    with atomic_write(path) as unfinished:
        table.write_parquet(unfinished)


def _read(path: Path, n: int) -> Verdict | None:
    """A verdict that was stored; None if there is none, or it cannot be read."""
    try:
        table = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError):
        return None
    if len(table) != n:
        return None
    scores = None if table["scores"].null_count() else table["scores"].to_numpy()
    return Verdict(table["objections"].to_numpy().astype(np.str_), scores, table["words"].to_numpy().astype(np.str_))

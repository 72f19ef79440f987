"""Trials: every recipe is judged in turn; those on trial may be given up after the first inner fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from matscout.predict.recipes import Candidate, Plan, Recipe
from matscout.progress import Progress

Part = TypeVar("Part")
JudgeOne = Callable[[Recipe, float], tuple[Part | None, float]]
"""From a recipe and the least error that counts as tolerable to what it said (None: given up) and its error in the
first inner fold."""


@dataclass(frozen=True, eq=False)
class Trials(Generic[Part]):
    """The recipes that went through all inner folds, what each said of the rows, and the others."""

    recipes: tuple[Recipe, ...]
    parts: tuple[Part, ...]
    given_up: tuple[Candidate, ...]


def run_trials(plan: Plan, judge_one: JudgeOne[Part], progress: Progress) -> Trials[Part]:
    """Judge every recipe of the plan; those on trial after the others, against the least error of the first fold."""
    recipes, parts, given_up, least = [], [], [], np.inf
    for at, recipe in enumerate((*plan.recipes.kept, *plan.recipes.on_trial)):
        progress(recipe.label, at, len(plan.recipes))
        part, error = judge_one(recipe, least if recipe in plan.recipes.on_trial else np.inf)
        least = min(least, error)
        if part is None:
            given_up.append(Candidate(recipe.label, error, 0.0, given_up=True))
        else:
            recipes.append(recipe)
            parts.append(part)
    return Trials(tuple(recipes), tuple(parts), tuple(given_up))

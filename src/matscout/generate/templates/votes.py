"""Votes: each known crystal speaks for its prototype, the louder, the more its elements resemble the wanted ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.templates.key_templates import KeyTemplates

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHARPNESS = 0.5
"""A vote grows by a factor of e with each so much of mean likeness."""
SHARP, SOFT = 0.25, 1.0
"""The same for votes that are features of the ranker."""
NO_FORMULA = -1
"""No template is left out."""


@dataclass(frozen=True, eq=False)
class Votes:
    """What the templates of a key say about one formula: g prototypes.

    Parameters
    ----------
    votes
        float64 [g], sums of exp(likeness / :data:`SHARPNESS`) over templates; 0 where none is left.
    likeness
        float64 [g], mean over the slots of the best template; minus infinity where none is left.
    best
        int64 [g], its entry; -1 where none is left.
    templates
        int64 [g], how many.
    sharp, soft
        float64 [g], votes that grow with likeness more (:data:`SHARP`) and less (:data:`SOFT`).
    by_slot
        float64 [g, k], the likeness in each slot of the template that is best there.
    """

    votes: Floats
    likeness: Floats
    best: Integers
    templates: Integers
    sharp: Floats
    soft: Floats
    by_slot: Floats

    @property
    def order(self) -> Integers:
        """The prototypes that have a template, most votes first."""
        order = np.argsort(-self.votes, kind="stable")
        return np.asarray(order[self.best[order] >= 0])


def vote(
    key: KeyTemplates, formulas: Integers, elements: Integers, likeness: Floats, left_out: int = NO_FORMULA
) -> Votes:
    """Count the votes for a formula.

    Parameters
    ----------
    key
        The templates of its key.
    formulas
        int64 [n], formulas of the pool.
    elements
        int64 [k], its atomic numbers by slot.
    likeness
        float64 [118, 118], of elements (:func:`matscout.generate.templates.likeness.role_likeness`).
    left_out
        The formula whose templates say nothing.
    """
    groups = key.n_prototypes
    votes, best_likeness = np.zeros(groups), np.full(groups, -np.inf)
    best, templates = np.full(groups, -1, dtype=np.int64), np.zeros(groups, dtype=np.int64)
    others, by_slot = np.zeros((2, groups)), np.full((groups, len(elements)), -np.inf)
    _count(
        key.templates, key.elements, key.prototypes, formulas, elements - 1, likeness, left_out,
        votes, best_likeness, best, templates, others, by_slot,
    )  # fmt: skip
    return Votes(votes, best_likeness, best, templates, others[0], others[1], by_slot)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _count(  # noqa: PLR0917
    templates: Integers,
    elements: Integers,
    prototypes: Integers,
    formulas: Integers,
    wanted: Integers,
    likeness: Floats,
    left_out: int,
    votes: Floats,
    best_likeness: Floats,
    best: Integers,
    counts: Integers,
    others: Floats,
    by_slot: Floats,
) -> None:
    """Fill the last six. Of the entries of one template in one prototype only the best is counted."""
    entries, slots = elements.shape
    seen, given = np.empty(64, dtype=np.int64), np.empty(64)
    start = 0
    while start < entries:
        stop, n_seen = start, 0
        while stop < entries and templates[stop] == templates[start]:
            stop += 1
        if formulas[templates[start]] != left_out:
            for entry in range(start, stop):
                score, group = 0.0, prototypes[entry]
                for slot in range(slots):
                    own = likeness[wanted[slot], elements[entry, slot] - 1]
                    score += own
                    by_slot[group, slot] = max(by_slot[group, slot], own)
                score /= slots
                if best[group] < 0 or score > best_likeness[group]:
                    best_likeness[group], best[group] = score, entry
                place = n_seen
                for one in range(n_seen):
                    if seen[one] == group:
                        place = one
                if place == n_seen:
                    seen[place], given[place] = group, -np.inf
                    counts[group] += 1
                    n_seen += 1
                if score > given[place]:
                    last = given[place]
                    votes[group] += np.exp(score / SHARPNESS) - np.exp(last / SHARPNESS)
                    others[0, group] += np.exp(score / SHARP) - np.exp(last / SHARP)
                    others[1, group] += np.exp(score / SOFT) - np.exp(last / SOFT)
                    given[place] = score
        start = stop

"""Candidates that an earlier round proposed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.counting import listed
from matscout.data.kinds import KINDS
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.discover.rounds import Key, condition_keys
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent

PROPOSED_BEFORE = "proposed_before"


class EarlierProposals(EvidenceProvider):
    """The column ``proposed_before``: in which rounds, and whether it was measured since; nothing in a first round."""

    kinds = KINDS

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """In which rounds each candidate was proposed."""
        if not brief.proposed:
            return Opinion()
        values = proposed_before(candidates.materials, brief)
        meaning = "the rounds that proposed it, under any conditions, and whether the labels now contain it"
        fact = Evidence(PROPOSED_BEFORE, "proposed before", values, meaning, EvidenceSource("earlier rounds"))
        return Opinion((fact,))


def proposed_before(materials: Materials, brief: Brief) -> NDArray[np.str_]:
    """``"proposed in round 1, not measured yet"`` for each of m materials; "" for what was not proposed, text [m]."""
    numbers: dict[Key, list[str]] = {}
    for number, proposed in brief.proposed.items():
        for key in dict.fromkeys(_keys(proposed)):
            numbers.setdefault(key, []).append(str(number))
    known = np.any([brief.labels.target(goal.target).known for goal in brief.goals], axis=0)
    measured = set(_keys(brief.labels.materials[np.flatnonzero(known)]))
    words = [_words(numbers.get(key, []), key in measured) for key in _keys(materials)]
    return np.array(words, dtype=np.str_)


def _keys(materials: Materials) -> list[Key]:
    """What tells candidates apart: of reactions their conditions, too."""
    return condition_keys(materials, tuple(materials.context) if materials.kind.with_conditions else ())


def _words(numbers: list[str], measured: bool) -> str:
    if not numbers:
        return ""
    noun = "round" if len(numbers) == 1 else "rounds"
    return f"proposed in {noun} {listed(numbers)}, {'measured' if measured else 'not measured yet'}"

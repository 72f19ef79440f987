"""Similarity to the nearest label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.counting import unit_behind
from matscout.data.dataset import Dataset
from matscout.data.kinds import KINDS
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.candidate_kinds import candidate_kind
from matscout.discover.goals import Aim, aim_of
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.discover.reasons import Nearest
from matscout.generate.assembly import first_of_each
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.predict.domain import Domain
from matscout.progress import Progress, silent

SOURCE = EvidenceSource("labels")


class NearestLabel(EvidenceProvider):
    """Columns ``similarity`` and ``nearest``; the ranking asks for it, as its reasons name the nearest label."""

    with_ranking = True
    kinds = KINDS

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """How like the nearest label each is, and which one that is."""
        aims = [aim_of(goal, brief.labels) for goal in brief.goals]
        return Opinion(likeness_facts(nearest_labels(candidates.materials, brief.labels, aims)))


def likeness_facts(nearest: Nearest) -> tuple[Evidence, ...]:
    """Columns ``similarity`` and ``nearest`` of candidates whose nearest labels are known."""
    meaning = "similarity to the nearest label: 1 for the same composition or reaction, 0 for nothing in common"
    return (
        Evidence("similarity", "similarity", nearest.similarities, meaning, SOURCE),
        Evidence("nearest", "nearest label", nearest.formulas, "the most similar label", SOURCE),
    )


def nearest_labels(materials: Materials, labels: Dataset, aims: Sequence[Aim]) -> Nearest:
    """The most similar composition, or reaction, with a known value of any goal's target, and what was measured."""
    known = np.any([labels.target(aim.goal.target).known for aim in aims], axis=0)
    labelled = labels[np.flatnonzero(known)]
    kept = first_of_each(labelled.materials)
    nearest = Domain.yardstick(labelled.materials[kept]).nearest(materials)
    rows = nearest.rows[:, 0]
    _, which = np.unique(labelled.materials.keys(), return_inverse=True)
    distinct, back = np.unique(rows, return_inverse=True)
    words = np.array([_measured(labelled, np.flatnonzero(which == which[kept[row]]), aims) for row in distinct])
    measured, copied = words[back].tolist(), candidate_kind(materials).copied(materials, labels.materials)
    return Nearest(labelled.materials.formulas[kept[rows]], nearest.similarities[:, 0], measured, copied)


def _measured(labelled: Dataset, rows: NDArray[np.int64], aims: Sequence[Aim]) -> str:
    parts = []
    for aim in aims:
        values = labelled.target(aim.goal.target).values[rows]
        values = values[~np.isnan(values)]
        unit = unit_behind(aim.unit)
        if len(values) == 0:
            continue
        if aim.classes:
            parts.append(f"{aim.goal.target} = {aim.classes[int(np.bincount(values.astype(np.int64)).argmax())]}")
        elif np.ptp(values) > 0:
            parts.append(f"measured {values.min():.3g} to {values.max():.3g}{unit}")
        else:
            parts.append(f"measured {values[0]:.3g}{unit}")
    return ", ".join(parts)

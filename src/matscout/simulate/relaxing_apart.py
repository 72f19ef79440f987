"""Materials that are relaxed by other processes, so that one which never comes back costs itself only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.progress import Progress, silent
from matscout.simulate.choice import make_force_field
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxed import Relaxed
from matscout.simulate.relaxing import STEP, given_up, relax_materials
from matscout.workers import Lost, ended_if_still, in_processes

PART = 32
"""Structures in a part: so many are lost at most when a run is killed."""

PATIENCE = 60.0
"""Seconds beyond the time limit of a structure, after which a process that works on it counts as stuck."""

FAILED, ADVICE = "it cannot be relaxed", "leave it out, or use another force field"
"""What is said of a structure that a process is stuck with."""


@dataclass(frozen=True, eq=False)
class RelaxingPart:
    """Some materials for another process, and how they are relaxed.

    Parameters
    ----------
    materials
        The materials.
    name
        Of the force field, or the address of a calculator.
    settings
        When a relaxation ends.
    patience
        Seconds, as :data:`PATIENCE`.
    """

    materials: Materials
    name: str
    settings: RelaxSettings
    patience: float

    def relaxed(self) -> Relaxed:
        """Relax them; a process that is stuck is ended."""
        with ended_if_still(self.settings.time_limit + self.patience) as beat:
            return relax_materials(self.materials, make_force_field(self.name), self.settings, silent, beat)


def relax_apart(materials: Materials, name: str, settings: RelaxSettings, progress: Progress = silent) -> Relaxed:
    """Relax n materials with structures by all processors.

    Parameters
    ----------
    materials
        The materials.
    name
        Of the force field, or the address of a calculator.
    settings
        When a relaxation ends.
    progress
        Told how many are done.
    """
    n, done = len(materials), list[Relaxed]()
    progress(STEP, 0, n)
    starts = range(0, n, PART)
    parts = [RelaxingPart(materials[start : start + PART], name, settings, PATIENCE) for start in starts]
    for start, one in zip(starts, _outcomes(parts, PART), strict=True):
        done.append(one if isinstance(one, Relaxed) else Relaxed.joined(one.part.materials, list(_alone(one.part))))
        progress(STEP, min(start + PART, n), n)
    return Relaxed.joined(materials, done)


def _alone(part: RelaxingPart) -> Iterator[Relaxed]:
    """The materials of a part that was lost, one at a time."""
    rows = [slice(row, row + 1) for row in range(len(part.materials))]
    singles = [replace(part, materials=part.materials[row]) for row in rows]
    for one in _outcomes(singles, 1):
        if isinstance(one, Lost):
            yield given_up(one.part.materials, make_force_field(part.name), (one.reason, ADVICE))
        else:
            yield one


def _outcomes(parts: Sequence[RelaxingPart], size: int) -> Iterator[Relaxed | Lost[RelaxingPart]]:
    """Of each part, in order."""
    if not parts:
        return iter(())
    first = parts[0]
    each = first.settings.time_limit + first.patience
    seconds = each * size + (first.patience if size == 1 else 0.0)
    return in_processes(RelaxingPart.relaxed, parts, seconds=seconds, prepare=partial(load_field, first.name))


def load_field(name: str) -> None:
    """What takes long to load must not count as time for a structure."""
    one = Structures(np.eye(3)[None] * 3.0, np.array([0, 1]), np.array([18], np.uint8), np.zeros((1, 3)), np.ones(1))
    make_force_field(name).evaluate(one)

"""Relaxation of a stream of crystals: a few at a time in one graph, and a new one enters where another one is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.simulate.force_field import ForceField
from matscout.simulate.relax_endings import BatchState, RelaxedCrystal
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxing_batch import Pull, RelaxingBatch, joined_crystals
from matscout.simulate.symmetry_keeping import symmetry_of

Floats = NDArray[np.float64]


def relaxed_crystals(
    source: Iterable[Crystals], field: ForceField, settings: RelaxSettings, beat: Callable[[], None] = lambda: None
) -> Iterator[RelaxedCrystal]:
    """What became of each crystal of a source, in the order in which they are done.

    A crystal that fails is given up alone; the others go on.

    Parameters
    ----------
    source
        One crystal at a time; they are taken only when there is room for them.
    field
        The force field.
    settings
        When a relaxation ends.
    beat
        Called after each step of the batch, e.g. to tell a watchdog that the work goes on.
    """
    coming, batch = enumerate(source), None
    while True:
        batch, refused = _filled(batch, coming, field, settings)
        yield from refused
        if batch is None or not len(batch):
            return
        began = time.perf_counter()
        energies = field.guarded(batch.crystals)
        spent = time.perf_counter() - began
        batch = replace(batch, seconds=batch.seconds + spent * batch.sites / batch.sites.sum())
        beat()
        pull = Pull.of(batch, energies, settings)
        finished = BatchState.of(batch, energies, pull).finished(field, settings)
        yield from finished.values()
        batch, pull = _left(batch, pull, ~np.isin(np.arange(len(batch)), list(finished)))
        if len(batch):
            batch = batch.moved(pull)


def _left(batch: RelaxingBatch, pull: Pull, keep: NDArray[np.bool_]) -> tuple[RelaxingBatch, Pull]:
    """The crystals that go on, and what moves them."""
    if keep.all():
        return batch, pull
    forces = pull.forces[keep[batch.crystals.owners]]
    left = replace(pull, forces=forces, virial=pull.virial[keep], cell_moves=pull.cell_moves[keep])
    return batch.kept(keep), left


def _filled(
    batch: RelaxingBatch | None,
    coming: Iterator[tuple[int, Crystals]],
    field: ForceField,
    settings: RelaxSettings,
) -> tuple[RelaxingBatch | None, list[RelaxedCrystal]]:
    """The batch with new crystals until there are as many sites as the force field takes at once; and those refused."""
    room = field.sites_at_once - (0 if batch is None else int(batch.sites.sum()))
    rows, crystals, refused = list[int](), list[Crystals](), list[RelaxedCrystal]()
    while room > 0 and (taken := next(coming, None)) is not None:
        row, crystal = taken
        (reason,) = field.refusals(crystal)
        if reason is None:
            rows.append(row)
            crystals.append(crystal)
            room -= len(crystal.fractional)
        else:
            refused.append(RelaxedCrystal(row, crystal, np.nan, 0, False, reason))
    if not rows:
        return batch, refused
    symmetries = [symmetry_of(one, 0) if settings.keep_symmetry else None for one in crystals]
    new = RelaxingBatch.at_start(np.array(rows), joined_crystals(crystals), symmetries, settings.method)
    return new if batch is None or not len(batch) else batch.with_others(new), refused

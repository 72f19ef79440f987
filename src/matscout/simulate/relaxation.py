"""Relaxation of a stream of crystals: a few at a time in one graph, and a new one enters where another one is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.errors import RowProblem
from matscout.simulate.energies import Energies
from matscout.simulate.force_field import ForceField, Reason
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxing_batch import Pull, RelaxingBatch, joined_crystals
from matscout.simulate.symmetry_keeping import symmetry_of

Floats = NDArray[np.float64]

LARGEST_RATIO = 4.0
"""A cell that has grown or shrunk by more explodes or collapses."""

LARGEST_FORCE = 1000.0
"""eV/Å; beyond it a force field is far from anything that it was trained on."""


@dataclass(frozen=True, eq=False)
class RelaxedCrystal:
    """What became of one crystal.

    Parameters
    ----------
    row
        Which one of the source.
    crystal
        As it was last; one crystal.
    energy
        eV, of the cell; NaN where it has none.
    steps
        Taken.
    converged
        Whether forces and stresses are as small as they should be.
    reason
        Why it was given up or ended early, and what to do; None where it is converged.
    largest_force, largest_stress
        That are left, eV/Å and GPa.
    volume_change
        Volume over that at the start, minus 1.
    """

    row: int
    crystal: Crystals
    energy: float
    steps: int
    converged: bool
    reason: Reason | None
    largest_force: float = float("nan")
    largest_stress: float = float("nan")
    volume_change: float = float("nan")


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
        energies = _energies(field, batch)
        spent = time.perf_counter() - began
        batch = replace(batch, seconds=batch.seconds + spent * batch.sites / batch.sites.sum())
        beat()
        pull = Pull.of(batch, energies, settings)
        done, finished = _done(batch, energies, pull, field, settings)
        yield from finished
        batch, pull = _left(batch, pull, ~done)
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
    new = RelaxingBatch.at_start(np.array(rows), joined_crystals(crystals), symmetries)
    return new if batch is None or not len(batch) else batch.with_others(new), refused


def _energies(field: ForceField, batch: RelaxingBatch) -> Energies:
    """Of the crystals of the batch; NaN, with a problem that says why, for one that makes the force field fail."""
    try:
        return field.batch(batch.crystals)
    except Exception:
        # One crystal may be to blame, e.g. one with too many neighbours for the memory: the others must not suffer.
        return _one_by_one(field, batch.crystals)


def _one_by_one(field: ForceField, crystals: Crystals) -> Energies:
    answers = [_single(field, crystals[np.array([row])], row) for row in range(len(crystals))]
    return Energies(
        np.concatenate([one.energy for one in answers]),
        np.concatenate([one.forces for one in answers]),
        np.concatenate([one.stress for one in answers]),
        tuple(problem for one in answers for problem in one.problems),
    )


def _single(field: ForceField, crystal: Crystals, row: int) -> Energies:
    try:
        answer = field.batch(crystal)
        return replace(answer, problems=tuple(replace(problem, row=row + 1) for problem in answer.problems))
    except Exception as error:
        nothing = np.full((len(crystal.fractional), 3), np.nan)
        problem = RowProblem(row + 1, "", f"{field.title} fails: {_first_line(error)}", "leave it out")
        return Energies(np.array([np.nan]), nothing, np.full((1, 3, 3), np.nan), (problem,))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _done(
    batch: RelaxingBatch, energies: Energies, pull: Pull, field: ForceField, settings: RelaxSettings
) -> tuple[NDArray[np.bool_], list[RelaxedCrystal]]:
    """Which crystals go no further [n], and what became of them."""
    force, gradient, stress = (
        measure(batch) for measure in (pull.largest_force, pull.largest_gradient, pull.largest_stress)
    )
    converged = (force < settings.fmax) & (gradient < settings.fmax) & np.isfinite(energies.energy)
    problems = {problem.row - 1: (problem.reason, problem.advice) for problem in energies.problems}
    failed = _failures(batch, energies, force, gradient, field, problems)
    early = _ended_early(batch, force, settings)
    done = converged | np.isin(np.arange(len(batch)), [*failed, *early])
    change = batch.volume_ratios - 1.0
    finished = []
    for place in np.flatnonzero(done):
        reason = failed.get(place) or (None if converged[place] else early.get(place))
        finished.append(
            RelaxedCrystal(
                int(batch.rows[place]),
                batch.crystals[np.array([place])],
                float("nan") if place in failed else float(energies.energy[place]),
                int(batch.steps[place]),
                bool(converged[place]) and place not in failed,
                reason,
                float(force[place]),
                float(stress[place]),
                float(change[place]),
            )
        )
    return done, finished


def _failures(
    batch: RelaxingBatch,
    energies: Energies,
    force: Floats,
    gradient: Floats,
    field: ForceField,
    problems: Mapping[int, Reason],
) -> dict[int, Reason]:
    """Place in the batch -> why a crystal has no result."""
    failed, ratios = dict(problems), batch.volume_ratios
    for place in np.flatnonzero(np.isnan(energies.energy) | np.isnan(force)):
        failed.setdefault(int(place), field.undefined(batch.crystals[np.array([place])]))
    for place in np.flatnonzero(np.isnan(gradient)):
        failed.setdefault(int(place), (f"{field.title} gives no stress for it", "relax it with --cell=fixed"))
    for place in np.flatnonzero((ratios > LARGEST_RATIO) | (ratios < 1.0 / LARGEST_RATIO)):
        what = f"it explodes: its volume is {ratios[place]:.2g} times that at the start"
        failed.setdefault(int(place), (what, "check the structure and its lattice constants"))
    for place in np.flatnonzero(force > LARGEST_FORCE):
        what = f"a force on it is {force[place]:,.0f} eV/Å: its atoms are too close for {field.title}"
        failed.setdefault(int(place), (what, "check the structure and its lattice constants"))
    return failed


def _ended_early(batch: RelaxingBatch, force: Floats, settings: RelaxSettings) -> dict[int, Reason]:
    """Place in the batch -> why a crystal goes no further though it is not converged."""
    early: dict[int, Reason] = {}
    for place in np.flatnonzero(batch.seconds > settings.time_limit):
        what = f"the time limit of {settings.time_limit:g} s is over after {batch.steps[place]:,} steps"
        early[int(place)] = (what, "raise it with --time-limit, or reduce the structure to its primitive cell")
    for place in np.flatnonzero(batch.steps >= settings.steps):
        what = f"not converged after {settings.steps:,} steps: a force of {force[place]:.2g} eV/Å is left"
        early.setdefault(int(place), (what, "allow more with --steps, or less accuracy with --fmax"))
    return early

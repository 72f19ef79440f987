"""When a relaxation ends, and why: converged, given up, or out of steps or time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.crystals import Crystals
from matscout.simulate.energies import Energies
from matscout.simulate.force_field import ForceField, Reason
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxing_batch import Pull, RelaxingBatch

Floats = NDArray[np.float64]

LARGEST_RATIO = 4.0
"""A cell that has grown or shrunk by more explodes or collapses."""

CHECK = "check the structure and its lattice constants"

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


@dataclass(frozen=True, eq=False)
class BatchState:
    """A batch of n crystals with what its force field states of it.

    Parameters
    ----------
    batch
        The crystals.
    energies
        Of them.
    force
        float64 [n], the largest one of each, eV/Å.
    gradient
        float64 [n], the largest gradient of the cell of each, eV.
    stress
        float64 [n], the largest component of each, GPa.
    """

    batch: RelaxingBatch
    energies: Energies
    force: Floats
    gradient: Floats
    stress: Floats

    @classmethod
    def of(cls, batch: RelaxingBatch, energies: Energies, pull: Pull) -> BatchState:
        """Measured by what pulls at atoms and cells."""
        return cls(batch, energies, pull.largest_force(batch), pull.largest_gradient(batch), pull.largest_stress(batch))

    def finished(self, field: ForceField, settings: RelaxSettings) -> dict[int, RelaxedCrystal]:
        """Place in the batch of each crystal that goes no further -> what became of it."""
        failed, early = self._failures(field), self._ended_early(settings)
        small = (self.force < settings.fmax) & (self.gradient < settings.fmax)
        converged = [int(place) for place in np.flatnonzero(small) if place not in failed]
        ended = {place: early[place] for place in early if place not in converged}
        reasons: dict[int, Reason | None] = {**ended, **dict.fromkeys(converged), **failed}
        return {place: self._ending(place, reasons[place], place in failed) for place in sorted(reasons)}

    def _ending(self, place: int, reason: Reason | None, failed: bool) -> RelaxedCrystal:
        batch = self.batch
        return RelaxedCrystal(
            row=int(batch.rows[place]),
            crystal=batch.crystals[np.array([place])],
            energy=float("nan") if failed else float(self.energies.energy[place]),
            steps=int(batch.steps[place]),
            converged=reason is None,
            reason=reason,
            largest_force=float(self.force[place]),
            largest_stress=float(self.stress[place]),
            volume_change=float(batch.volume_ratios[place]) - 1.0,
        )

    def _failures(self, field: ForceField) -> dict[int, Reason]:
        """Place in the batch -> why a crystal has no result."""
        batch, ratios = self.batch, self.batch.volume_ratios
        failed = {problem.row - 1: (problem.reason, problem.advice) for problem in self.energies.problems}
        for place in np.flatnonzero(np.isnan(self.energies.energy) | np.isnan(self.force)).tolist():
            failed.setdefault(place, field.undefined(batch.crystals[np.array([place])]))
        for place in np.flatnonzero(np.isnan(self.gradient)).tolist():
            failed.setdefault(place, (f"{field.title} gives no stress for it", "relax it with --cell=fixed"))
        for place in np.flatnonzero((ratios > LARGEST_RATIO) | (ratios < 1.0 / LARGEST_RATIO)).tolist():
            how = "explodes" if ratios[place] > 1.0 else "collapses"
            what = f"it {how}: its volume is {ratios[place]:.2g} times that at the start"
            failed.setdefault(place, (what, CHECK))
        for place in np.flatnonzero(self.force > LARGEST_FORCE).tolist():
            what = f"a force on it is {self.force[place]:,.0f} eV/Å: its atoms are too close for {field.title}"
            failed.setdefault(place, (what, CHECK))
        return failed

    def _ended_early(self, settings: RelaxSettings) -> dict[int, Reason]:
        """Place in the batch -> why a crystal goes no further though it may not be converged."""
        early: dict[int, Reason] = {}
        for place in np.flatnonzero(self.batch.seconds > settings.time_limit).tolist():
            what = f"the time limit of {settings.time_limit:g} s is over after {self.batch.steps[place]:,} steps"
            early[place] = (what, "raise it with --time-limit, or reduce the structure to its primitive cell")
        for place in np.flatnonzero(self.batch.steps >= settings.steps).tolist():
            left = f"a force of {self.force[place]:.2g} eV/Å"
            if self.gradient[place] >= settings.fmax:
                left += f" and a stress of {self.stress[place]:.2g} GPa"
            what = f"not converged after {counted(settings.steps, 'step')}, with {left} left"
            early.setdefault(place, (what, "allow more with --steps, or less accuracy with --fmax"))
        return early

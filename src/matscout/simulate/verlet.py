"""Newton's equations without a thermostat: the velocity Verlet scheme, whose energy a force field should conserve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.simulate.force_field import ForceField
from matscout.simulate.moving_batch import MovingBatch

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EnergyTrace:
    """Energies of one crystal on its way, eV/atom, [steps + 1] each.

    Parameters
    ----------
    times
        fs.
    potential, kinetic
        eV/atom.
    """

    times: Floats
    potential: Floats
    kinetic: Floats

    @property
    def total(self) -> Floats:
        """What should not change, eV/atom."""
        return np.asarray(self.potential + self.kinetic)

    @property
    def drift(self) -> float:
        """Slope of the total energy, eV/atom/ps."""
        return float(np.polyfit(self.times / 1000.0, self.total, 1)[0])

    @property
    def scatter(self) -> float:
        """Root mean square of the total energy around its slope, eV/atom."""
        line = np.polyval(np.polyfit(self.times, self.total, 1), self.times)
        return float(np.sqrt(((self.total - line) ** 2).mean()))


def energy_trace(
    field: ForceField, crystal: Crystals, *, temperature: float, step: float, steps: int, seed: int
) -> EnergyTrace:
    """Move the atoms of one crystal at constant energy (W. C. Swope et al., J. Chem. Phys. 76, 637 (1982)).

    Parameters
    ----------
    field
        The force field.
    crystal
        One ordered crystal; its cell stays.
    temperature
        K, of the velocities at the start; half of it goes into the potential energy of a crystal at rest.
    step
        fs.
    steps
        How many.
    seed
        Of the velocities.

    Raises
    ------
    ValueError
        If the force field gives no number on the way.
    """
    (refusal,) = field.refusals(crystal)
    if refusal is not None:
        raise ValueError(refusal[0])
    start = MovingBatch.at_start(np.zeros(1, dtype=np.int64), crystal, np.array([temperature]), field, seed)
    potential, kinetic, batch = [_checked(start, field)], [start.kinetic[0]], start
    for _ in range(steps):
        batch = batch.stepped(field, step, None, seed)
        potential.append(_checked(batch, field))
        kinetic.append(batch.kinetic[0])
    n = len(crystal.fractional)
    times = np.linspace(0.0, step * steps, steps + 1)
    return EnergyTrace(times, np.array(potential) / n, np.array(kinetic) / n)


def _checked(batch: MovingBatch, field: ForceField) -> float:
    """The energy."""
    answer = batch.energies
    if not np.isfinite(answer.energy[0]) or not np.isfinite(answer.forces).all():
        reason = [problem.reason for problem in answer.problems] or [field.undefined(batch.crystals)[0]]
        raise ValueError(reason[0])
    return float(answer.energy[0])

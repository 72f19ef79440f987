"""Newton's equations without a thermostat: the velocity Verlet scheme, whose energy a force field should conserve."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import atomic_masses
from matscout.simulate.force_field import ForceField

Floats = NDArray[np.float64]

BOLTZMANN = 8.617333262e-5
"""eV/K."""

ACCELERATION = 9.648533212e-3
"""Å/fs² of an atom of 1 u that 1 eV/Å pulls."""


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
    masses = atomic_masses()[crystal.atomic_numbers - 1][:, None]
    velocity = _velocities(masses, temperature, seed)
    inverse = np.linalg.inv(crystal.lattices[0])
    energy, forces = _pull(field, crystal)
    potential, kinetic = [energy], [_kinetic(masses, velocity)]
    for _ in range(steps):
        velocity = velocity + 0.5 * step * ACCELERATION * forces / masses
        crystal = replace(crystal, fractional=crystal.fractional + step * velocity @ inverse)
        energy, forces = _pull(field, crystal)
        velocity = velocity + 0.5 * step * ACCELERATION * forces / masses
        potential.append(energy)
        kinetic.append(_kinetic(masses, velocity))
    n = len(masses)
    times = np.linspace(0.0, step * steps, steps + 1)
    return EnergyTrace(times, np.array(potential) / n, np.array(kinetic) / n)


def _pull(field: ForceField, crystal: Crystals) -> tuple[float, Floats]:
    answer = field.evaluate(crystal)
    if not np.isfinite(answer.energy[0]) or not np.isfinite(answer.forces).all():
        raise ValueError(str(answer.problems[0].reason) if answer.problems else "the forces are no numbers")
    return float(answer.energy[0]), answer.forces


def _velocities(masses: Floats, temperature: float, seed: int) -> Floats:
    """Å/fs, of a temperature, without motion of the whole."""
    drawn = np.random.default_rng(seed).normal(0.0, 1.0, (len(masses), 3))
    velocity = drawn * np.sqrt(BOLTZMANN * temperature * ACCELERATION / masses)
    return np.asarray(velocity - (masses * velocity).sum(axis=0) / masses.sum())


def _kinetic(masses: Floats, velocity: Floats) -> float:
    return float(0.5 * (masses * velocity**2).sum() / ACCELERATION)

"""Crystals whose atoms move by Newton's equations, several in one graph: a step splits as B A O A B."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import atomic_masses
from matscout.simulate.energies import GIGAPASCAL, Energies
from matscout.simulate.force_field import ForceField
from matscout.simulate.thermostats import ACCELERATION, Thermostat, drawn_velocities, kinetic_energy

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MovingBatch:
    """n crystals with s sites, all at the same step.

    Half a kick by the forces (B), half a way (A), the thermostat (O), half a way, half a kick: without a thermostat
    this is the velocity Verlet scheme (W. C. Swope et al., J. Chem. Phys. 76, 637 (1982)); with that of Langevin it is
    BAOAB (B. Leimkuhler, C. Matthews, J. Chem. Phys. 138, 174102 (2013), doi:10.1063/1.4802990).

    Parameters
    ----------
    numbers
        int64 [n], which run each is; with the seed it decides the noise, whoever shares the batch.
    crystals
        As they are now; atoms that leave the cell are not put back.
    velocities
        float64 [s, 3], Å/fs.
    temperatures
        float64 [n], K, of the bath.
    energies
        Where the atoms are now.
    heat
        float64 [n], eV, that the thermostat has removed.
    step
        How many were taken.
    """

    numbers: Integers
    crystals: Crystals
    velocities: Floats
    temperatures: Floats
    energies: Energies
    heat: Floats
    step: int = 0

    @classmethod
    def at_start(
        cls, numbers: Integers, crystals: Crystals, temperatures: Floats, field: ForceField, seed: int
    ) -> MovingBatch:
        """With drawn velocities."""
        masses = masses_of(crystals)
        parts = [
            drawn_velocities(masses[sites], float(temperature), np.random.default_rng([seed, int(number)]))
            for sites, temperature, number in zip(_slices(crystals), temperatures, numbers, strict=True)
        ]
        heat = np.zeros(len(numbers))
        return cls(numbers, crystals, np.concatenate(parts), temperatures, field.guarded(crystals), heat)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def kinetic(self) -> Floats:
        """Kinetic energy of each cell, eV, [n]."""
        masses = masses_of(self.crystals)
        return np.array([kinetic_energy(self.velocities[sites], masses[sites]) for sites in _slices(self.crystals)])

    @property
    def pressure(self) -> Floats:
        """Of each, GPa, [n]: what the forces and the motion of the atoms push; NaN where there is no stress."""
        push = 2.0 / 3.0 * self.kinetic / self.crystals.volumes * GIGAPASCAL
        return np.asarray(push - np.trace(self.energies.stress, axis1=1, axis2=2) / 3.0)

    def stepped(self, field: ForceField, step: float, thermostat: Thermostat | None, seed: int) -> MovingBatch:
        """After a step of so many fs."""
        crystals, masses = self.crystals, masses_of(self.crystals)
        velocity = self.velocities + 0.5 * step * ACCELERATION * self.energies.forces / masses
        crystals = _gone(crystals, velocity, 0.5 * step)
        velocity, removed = self._bathed(velocity, masses, step, thermostat, seed)
        crystals = _gone(crystals, velocity, 0.5 * step)
        energies = field.guarded(crystals)
        velocity = velocity + 0.5 * step * ACCELERATION * energies.forces / masses
        return replace(
            self,
            crystals=crystals,
            velocities=velocity,
            energies=energies,
            heat=self.heat + removed,
            step=self.step + 1,
        )

    def _bathed(
        self, velocity: Floats, masses: Floats, step: float, thermostat: Thermostat | None, seed: int
    ) -> tuple[Floats, Floats]:
        """Velocities after the thermostat, and the heat that it has removed from each crystal, eV [n]."""
        if thermostat is None:
            return velocity, np.zeros(len(self))
        turned, removed = velocity.copy(), np.zeros(len(self))
        for row, sites in enumerate(_slices(self.crystals)):
            # The noise of each step has a seed of its own, so that a run that goes on needs no state of it.
            rng = np.random.default_rng([seed, int(self.numbers[row]), self.step + 1])
            turned[sites] = thermostat.turned(velocity[sites], masses[sites], float(self.temperatures[row]), step, rng)
            before, after = (kinetic_energy(one[sites], masses[sites]) for one in (velocity, turned))
            removed[row] = before - after
        return turned, removed

    def kept(self, keep: NDArray[np.bool_]) -> MovingBatch:
        """Those that are to be kept, [n]."""
        if keep.all():
            return self
        sites = keep[self.crystals.owners]
        energies = Energies(self.energies.energy[keep], self.energies.forces[sites], self.energies.stress[keep])
        return MovingBatch(
            self.numbers[keep],
            self.crystals[np.flatnonzero(keep)],
            self.velocities[sites],
            self.temperatures[keep],
            energies,
            self.heat[keep],
            self.step,
        )


def masses_of(crystals: Crystals) -> Floats:
    """Of all sites, u, [s, 1]."""
    return np.asarray(atomic_masses()[crystals.atomic_numbers - 1][:, None])


def _slices(crystals: Crystals) -> list[slice]:
    """The sites of each crystal."""
    return [slice(start, stop) for start, stop in zip(crystals.offsets[:-1], crystals.offsets[1:], strict=True)]


def _gone(crystals: Crystals, velocity: Floats, time: float) -> Crystals:
    """Atoms after so many fs at a constant velocity."""
    inverse = np.linalg.inv(crystals.lattices)[crystals.owners]
    return replace(crystals, fractional=crystals.fractional + time * np.einsum("si,sij->sj", velocity, inverse))

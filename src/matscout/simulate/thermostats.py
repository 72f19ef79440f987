"""How atoms exchange heat with a bath while they move: both thermostats sample the canonical ensemble."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.simulate.dynamics_settings import ThermostatNames

Floats = NDArray[np.float64]

BOLTZMANN = 8.617333262e-5
"""eV/K."""

ACCELERATION = 9.648533212e-3
"""Å/fs² of an atom of 1 u that 1 eV/Å pulls."""


def at_rest(velocity: Floats, masses: Floats) -> Floats:
    """Velocities [s, 3] without the motion of the whole; masses [s, 1]."""
    return np.asarray(velocity - (masses * velocity).sum(axis=0) / masses.sum())


def drawn_velocities(masses: Floats, temperature: float, rng: np.random.Generator) -> Floats:
    """Å/fs, [s, 3], of a temperature (K), without motion of the whole; masses [s, 1] in u."""
    drawn = rng.normal(0.0, 1.0, (len(masses), 3))
    return at_rest(drawn * np.sqrt(BOLTZMANN * temperature * ACCELERATION / masses), masses)


def kinetic_energy(velocity: Floats, masses: Floats) -> float:
    """EV."""
    return float(0.5 * (masses * velocity**2).sum() / ACCELERATION)


def temperature_of(kinetic: Floats, sites: int | NDArray[np.int64]) -> Floats:
    """K, of kinetic energies (eV) of so many sites whose centre of mass rests: 3 s - 3 degrees of freedom."""
    return np.asarray(2.0 * kinetic / (BOLTZMANN * (3.0 * sites - 3.0)))


@dataclass(frozen=True)
class Thermostat(ABC):
    """What changes velocities in a time step.

    Parameters
    ----------
    damping
        fs in which it acts.
    """

    damping: float

    @abstractmethod
    def turned(
        self, velocity: Floats, masses: Floats, temperature: float, step: float, rng: np.random.Generator
    ) -> Floats:
        """Velocities [s, 3] (Å/fs) after a time step (fs) in a bath of a temperature (K); the whole stays at rest."""


class BussiThermostat(Thermostat):
    """All velocities are multiplied by one number, so that the kinetic energy follows its canonical distribution.

    G. Bussi, D. Donadio, M. Parrinello, J. Chem. Phys. 126, 014101 (2007), doi:10.1063/1.2408420, equation A7.
    """

    def turned(
        self, velocity: Floats, masses: Floats, temperature: float, step: float, rng: np.random.Generator
    ) -> Floats:
        """As the paper has it."""
        freedom, kinetic = 3 * len(masses) - 3, kinetic_energy(velocity, masses)
        kept, share = np.exp(-step / self.damping), 0.5 * BOLTZMANN * temperature
        first = rng.normal()
        others = 2.0 * rng.standard_gamma((freedom - 1) / 2.0)
        target = kept * kinetic + (1.0 - kept) * share * (first**2 + others)
        target += 2.0 * first * np.sqrt(kept * (1.0 - kept) * share * kinetic)
        return np.asarray(velocity * np.sqrt(max(target, 0.0) / kinetic)) if kinetic > 0.0 else velocity


class LangevinThermostat(Thermostat):
    """Friction and noise on each atom, exact over a step: the O of B. Leimkuhler, C. Matthews, doi:10.1063/1.4802990.

    The noise does not move the whole. It slows diffusion, by D = kT / (m gamma) of atoms that nothing else holds.
    """

    def turned(
        self, velocity: Floats, masses: Floats, temperature: float, step: float, rng: np.random.Generator
    ) -> Floats:
        """An Ornstein-Uhlenbeck step."""
        kept = np.exp(-step / self.damping)
        noise = drawn_velocities(masses, temperature, rng)
        return np.asarray(kept * at_rest(velocity, masses) + np.sqrt(1.0 - kept**2) * noise)


def make_thermostat(name: ThermostatNames, damping: float) -> Thermostat:
    """By its name."""
    return {"bussi": BussiThermostat, "langevin": LangevinThermostat}[name](damping)

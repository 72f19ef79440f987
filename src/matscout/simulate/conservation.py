"""Whether the forces of a force field are the slopes of its energy: else dynamics heats or cools without a cause."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.shown import Shown
from matscout.simulate.force_field import ForceField
from matscout.simulate.verlet import energy_trace

Floats = NDArray[np.float64]

FLOORS = {"single": 0.005, "double": 1e-5}
"""Asymmetry that rounding alone causes, measured with CHGNet and Lennard-Jones."""

STEPS = {"single": 0.03, "double": 0.01}
"""Å; how far atoms are moved for slopes."""

BEYOND = 3.0
"""Times the floor from which an asymmetry is one of the forces."""

LARGEST_DRIFT = 0.001
"""eV/atom/ps."""

TEMPERATURE, TIME_STEP, PICOSECONDS = 600.0, 2.0, 0.6
"""K, fs and ps of the dynamics."""


@dataclass(frozen=True, repr=False)
class Conservation(Shown):
    """What was found out about a force field on one crystal.

    Parameters
    ----------
    force_field
        Its name.
    sites
        Of the crystal.
    force_error
        Largest difference between a force and the slope of the energy, eV/Å.
    asymmetry
        |J - J^T| / (2 |J|) of the derivatives J of the forces by the places (F. Bigi, M. F. Langer, M. Ceriotti,
        arXiv:2412.11569): 0 for slopes of an energy.
    floor
        The asymmetry that rounding alone causes.
    drift
        Of the total energy in dynamics at constant energy, eV/atom/ps.
    scatter
        Of the total energy around its slope, eV/atom.
    kinetic_scatter
        Of the kinetic energy, eV/atom: what there is to be conserved.
    """

    force_field: str
    sites: int
    force_error: float
    asymmetry: float
    floor: float
    drift: float
    scatter: float
    kinetic_scatter: float

    @property
    def conservative(self) -> bool:
        """Whether it may be used at constant energy: the asymmetry alone does not decide, nor does the drift."""
        return self.asymmetry <= BEYOND * self.floor or abs(self.drift) <= LARGEST_DRIFT

    @property
    def verdict(self) -> str:
        """The same in a sentence."""
        if self.conservative:
            return f"{self.force_field} is conservative as far as this crystal shows"
        return (
            f"{self.force_field} is not conservative: the asymmetry of its forces is {self.asymmetry / self.floor:.0f} "
            f"times that of rounding, and its energy drifts by {1e3 * self.drift:+.1f} meV/atom/ps"
        )

    def in_a_line(self) -> str:
        """The verdict."""
        return self.verdict


def conservation(field: ForceField, crystal: Crystals, seed: int = 0) -> Conservation:
    """Measure it on one ordered crystal: 6 times as many evaluations as it has sites, and some hundreds of steps.

    Parameters
    ----------
    field
        The force field.
    crystal
        One crystal, best of some atoms without symmetry.
    seed
        Of the velocities.

    Raises
    ------
    ValueError
        If the force field gives no number for it.
    """
    h = STEPS[field.precision]
    slopes, jacobian = _derivatives(field, crystal, h)
    forces = field.evaluate(crystal).forces
    trace = energy_trace(
        field,
        crystal,
        temperature=TEMPERATURE,
        step=TIME_STEP,
        steps=round(1000.0 * PICOSECONDS / TIME_STEP),
        seed=seed,
    )
    return Conservation(
        field.name,
        len(crystal.fractional),
        float(np.abs(forces.ravel() + slopes).max()),
        _asymmetry(jacobian),
        FLOORS[field.precision],
        trace.drift,
        trace.scatter,
        float(trace.kinetic.std()),
    )


def _asymmetry(jacobian: Floats) -> float:
    """|J - J^T| / (2 |J|); 0 of one that is 0, as where one atom has copies of itself for neighbours only."""
    size = float(np.linalg.norm(jacobian))
    return float(np.linalg.norm(jacobian - jacobian.T)) / (2.0 * size) if size > 0 else 0.0


def _derivatives(field: ForceField, crystal: Crystals, h: float) -> tuple[Floats, Floats]:
    """Slopes of the energy [3 s] (eV/Å) and of the forces [3 s, 3 s] (eV/Å²) by central differences."""
    sites = len(crystal.fractional)
    moves = np.concatenate([np.eye(3 * sites), -np.eye(3 * sites)]).reshape(-1, 3) * h
    copies = crystal[np.zeros(6 * sites, dtype=np.int64)]
    there = moves @ np.linalg.inv(crystal.lattices[0])
    answer = field.evaluate(replace(copies, fractional=copies.fractional + there))
    energies = answer.energy.reshape(2, 3 * sites)
    forces = answer.forces.reshape(2, 3 * sites, 3 * sites)
    return (energies[0] - energies[1]) / (2.0 * h), (forces[0] - forces[1]) / (2.0 * h)

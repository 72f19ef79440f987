"""How the coordinates of one crystal follow its forces to a minimum: BFGS, and FIRE."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FARTHEST = 0.2
"""Å, that a step of FIRE is long at most, all coordinates taken as one vector."""

FARTHEST_OF_ONE = 0.05
"""Å, that one coordinate goes at most in a step of BFGS. With 0.2 one of 50 disturbed crystals ended 0.19 eV/atom from
where FIRE of ASE ends; with 0.05 the largest difference was 0.01, for a seventh more steps."""

FIRST_STEP, LONGEST_STEP = 0.1, 1.0
"""Of FIRE: time, without units."""

PATIENCE, FASTER, SLOWER, FIRST_MIX, LESS_MIX = 5, 1.1, 0.5, 0.1, 0.99
"""Of FIRE: steps downhill before it is faster, and factors; those of ASE."""

STIFFNESS = 30.0
"""eV/Å², of all coordinates at the start of BFGS: that of an atom in an inorganic crystal."""

DAMPED = 0.2
"""Of the expected curvature: less than that counts as so much, which keeps all curvatures above 0 (Powell)."""

SOFTEST = 1e-3
"""eV/Å²; a curvature is not damped any further."""

MOST_SITES = 150
"""Larger crystals are moved by FIRE, since the time of BFGS goes with the third power of their sites."""


class Mover(ABC):
    """What is known of the way of one crystal so far."""

    scale: float
    """Å, by which deformations are multiplied to be coordinates like those of atoms."""

    @abstractmethod
    def step(self, forces: Floats) -> tuple[Floats, Mover]:
        """How far the k coordinates move [k, 3], and what is known then.

        Parameters
        ----------
        forces
            float64 [k, 3], minus the slopes of the energy.
        """


@dataclass(frozen=True, eq=False)
class Fire(Mover):
    """Inertia that is stopped when it goes uphill, with the constants of ASE.

    E. Bitzek, P. Koskinen, F. Gähler, M. Moseler, P. Gumbsch, Phys. Rev. Lett. 97, 170201 (2006),
    doi:10.1103/PhysRevLett.97.170201.

    Parameters
    ----------
    scale
        See :class:`Mover`.
    velocity
        float64 [k, 3]; None before the first step.
    time_step, mixing
        Of the next step.
    downhill
        Steps since the last one that went uphill.
    """

    scale: float
    velocity: Floats | None = None
    time_step: float = FIRST_STEP
    mixing: float = FIRST_MIX
    downhill: int = 0

    def step(self, forces: Floats) -> tuple[Floats, Fire]:
        """As the paper has it; no step is longer than .2 Å, all coordinates taken as one vector."""
        before = self._turned(forces)
        velocity = before.time_step * forces + (0.0 if before.velocity is None else before.velocity)
        step = before.time_step * velocity
        length = float(np.linalg.norm(step))
        return step * min(1.0, FARTHEST / length if length else 1.0), replace(before, velocity=velocity)

    def _turned(self, forces: Floats) -> Fire:
        """With the velocity turned towards the forces, or stopped."""
        if self.velocity is None:
            return self
        if (forces * self.velocity).sum() <= 0.0:
            return Fire(self.scale, None, self.time_step * SLOWER)
        ratio = np.linalg.norm(self.velocity) / np.linalg.norm(forces)
        turned = (1.0 - self.mixing) * self.velocity + self.mixing * ratio * forces
        if self.downhill <= PATIENCE:
            return replace(self, velocity=turned, downhill=self.downhill + 1)
        faster = min(self.time_step * FASTER, LONGEST_STEP)
        return Fire(self.scale, turned, faster, self.mixing * LESS_MIX, self.downhill + 1)


@dataclass(frozen=True, eq=False)
class Bfgs(Mover):
    """Newton's steps with curvatures that are learned on the way, damped so that all stay above 0.

    M. J. D. Powell, Numerical Analysis, Lecture Notes in Mathematics 630, 144 (1978), doi:10.1007/BFb0067703.

    Parameters
    ----------
    scale
        See :class:`Mover`.
    curvatures
        float64 [3 k, 3 k], eV/Å²; None before the first step.
    forces, moved
        float64 [3 k], at the last step, and how far it went.
    """

    scale: float
    curvatures: Floats | None = None
    forces: Floats | None = None
    moved: Floats | None = None

    def step(self, forces: Floats) -> tuple[Floats, Bfgs]:
        """No coordinate goes farther than .05 Å."""
        flat = forces.ravel()
        curvatures = self._learned(flat)
        try:
            step = np.asarray(np.linalg.solve(curvatures, flat), dtype=np.float64).reshape(-1, 3)
        except np.linalg.LinAlgError:
            return Bfgs(self.scale).step(forces)
        longest = float(np.linalg.norm(step, axis=1).max())
        step *= min(1.0, FARTHEST_OF_ONE / longest if longest else 1.0)
        return step, Bfgs(self.scale, curvatures, flat, step.ravel())

    def _learned(self, forces: Floats) -> Floats:
        """Curvatures that agree with the last step."""
        if self.curvatures is None or self.forces is None or self.moved is None:
            return np.eye(len(forces)) * STIFFNESS
        expected = self.curvatures @ self.moved
        size, seen = self.moved @ expected, self.moved @ (self.forces - forces)
        bounded = seen < DAMPED * size and size < SOFTEST * (self.moved @ self.moved)
        if bounded or not size > 0.0:
            return self.curvatures
        share = 1.0 if seen >= DAMPED * size else (1.0 - DAMPED) * size / (size - seen)
        change = share * (self.forces - forces) + (1.0 - share) * expected
        learned = np.outer(change, change) / (self.moved @ change) - np.outer(expected, expected) / size
        return np.asarray(self.curvatures + learned)


def mover_for(method: str, sites: int) -> Mover:
    """What moves a crystal; deformations are scaled for FIRE as in ASE, and for BFGS to be as stiff as atoms.

    Parameters
    ----------
    method
        "bfgs" or "fire".
    sites
        Of the crystal.
    """
    if method == "fire" or sites > MOST_SITES:
        return Fire(float(sites))
    return Bfgs(2.0 * float(np.sqrt(sites)))

"""FIRE on the atoms and the cells of many crystals at once, each with a time step of its own.

E. Bitzek, P. Koskinen, F. Gähler, M. Moseler, P. Gumbsch, Phys. Rev. Lett. 97, 170201 (2006),
doi:10.1103/PhysRevLett.97.170201, with the constants of ASE.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FIRST_STEP, LONGEST_STEP = 0.1, 1.0
"""Of time, without units."""

FARTHEST = 0.2
"""Å; no step of a crystal is longer, all its coordinates taken as one vector."""

PATIENCE, FASTER, SLOWER, FIRST_MIX, LESS_MIX = 5, 1.1, 0.5, 0.1, 0.99


@dataclass(frozen=True, eq=False)
class FireState:
    """The motion of n crystals with k coordinates in all, rows of three.

    Parameters
    ----------
    velocity
        float64 [k, 3].
    time_step, mixing
        float64 [n].
    downhill
        int64 [n], steps since the last one that went uphill.
    """

    velocity: Floats
    time_step: Floats
    mixing: Floats
    downhill: Integers

    @classmethod
    def at_rest(cls, rows: Integers) -> FireState:
        """Of crystals with so many ``rows`` [n] of coordinates."""
        n = len(rows)
        return cls(
            np.zeros((int(rows.sum()), 3)), np.full(n, FIRST_STEP), np.full(n, FIRST_MIX), np.zeros(n, dtype=np.int64)
        )

    @classmethod
    def joined(cls, states: list[FireState]) -> FireState:
        """Those of several batches, one behind the other."""
        names = ("velocity", "time_step", "mixing", "downhill")
        return cls(*(np.concatenate([getattr(state, name) for state in states]) for name in names))

    def of(self, kept: NDArray[np.bool_], owners: Integers) -> FireState:
        """Of the crystals that are kept [n]; ``owners`` [k] are the crystals of the coordinates."""
        return FireState(self.velocity[kept[owners]], self.time_step[kept], self.mixing[kept], self.downhill[kept])


def fire_step(state: FireState, forces: Floats, owners: Integers) -> tuple[Floats, FireState]:
    """How far all coordinates move [k, 3], and the motion after it.

    Parameters
    ----------
    state
        The motion.
    forces
        float64 [k, 3], minus the derivatives of the energies by the coordinates.
    owners
        int64 [k], ascending: the crystal of each row of coordinates.
    """
    n, velocity = len(state.time_step), state.velocity
    power, pull, speed = (
        _sums(owners, product, n) for product in (forces * velocity, forces * forces, velocity * velocity)
    )
    down = power > 0.0
    ratio = np.sqrt(speed / np.where(pull > 0.0, pull, 1.0))
    mixed = (1.0 - state.mixing)[owners, None] * velocity + (state.mixing * ratio)[owners, None] * forces
    # The first step of all is neither: there is no motion yet.
    moving = speed > 0.0
    steady = down & (state.downhill > PATIENCE)
    time_step = np.where(steady, np.minimum(state.time_step * FASTER, LONGEST_STEP), state.time_step)
    time_step = np.where(~down & moving, time_step * SLOWER, time_step)
    mixing = np.where(steady, state.mixing * LESS_MIX, np.where(down, state.mixing, FIRST_MIX))
    velocity = np.where(down[owners, None], mixed, 0.0) + time_step[owners, None] * forces
    step = time_step[owners, None] * velocity
    length = np.sqrt(_sums(owners, step * step, n))
    step *= np.minimum(1.0, FARTHEST / np.where(length > 0.0, length, 1.0))[owners, None]
    downhill = np.where(down, state.downhill + 1, 0)
    return step, replace(state, velocity=velocity, time_step=time_step, mixing=mixing, downhill=downhill)


def _sums(owners: Integers, products: Floats, n: int) -> Floats:
    return np.bincount(owners, products.sum(axis=1), minlength=n).astype(np.float64)

"""A gas of particles without forces, whose behaviour under a thermostat is known."""

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.simulate.dynamics_plan import repeated
from matscout.simulate.energies import Energies
from matscout.simulate.force_field import ForceField
from matscout.simulate.simulated_runs import FrameSeries, RunStart, SimulatedRun


class Free(ForceField):
    """No forces."""

    title = "none"

    def batch(self, crystals):
        n = len(crystals)
        return Energies(np.zeros(n), np.zeros((len(crystals.fractional), 3)), np.zeros((n, 3, 3)))


def gas(n: int, seed: int = 0, length: float = 60.0) -> Structures:
    """n argon atoms at random places of a cube."""
    places = np.random.default_rng(seed).random((n, 3))
    return Structures(np.eye(3)[None] * length, np.array([0, n]), np.full(n, 18, np.uint8), places, np.ones(n))


def walkers(steps: np.ndarray, numbers: list[int], temperature: float = 600.0, spacing: float = 0.1) -> SimulatedRun:
    """A run whose atoms, of a rock salt of some cells, take steps [f, s, 3] (Å) from their places."""
    cells = len(numbers) // 2
    pair = Structures(
        np.eye(3)[None] * 4.0, np.array([0, 2]), np.array(numbers[:2], np.uint8), np.array([[0, 0, 0], [0.5] * 3]),
        np.ones(2),
    )  # fmt: skip
    crystal = repeated(Crystals.from_structures(pair), (cells, 1, 1))
    frames = FrameSeries(crystal.positions + np.cumsum(steps, axis=0), np.zeros((len(steps), 4)))
    return SimulatedRun(RunStart(0, 0, temperature, crystal), frames, spacing)

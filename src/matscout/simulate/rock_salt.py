"""A crystal to try force fields on: rock salt of two elements that it computes, without any symmetry."""

from __future__ import annotations

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.simulate.force_field import ForceField

PAIR = (11, 17)
"""Sodium and chlorine, where it computes them; else the first and the last element that it computes."""

SPACING = {11: 5.64}
"""Å, lattice constants by the first element; 5.4 of others."""

PLACES = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0], [0.5, 0.5, 0.5], [0.5, 0, 0], [0, 0.5, 0],
                   [0, 0, 0.5]])  # fmt: skip


def rock_salt(field: ForceField, seed: int = 0, repeats: int = 1) -> Crystals:
    """A cell of eight atoms, moved by about .05 Å and strained by a hundredth; or some cells in a row."""
    rng = np.random.default_rng(seed)
    known = field.computes or PAIR
    first, second = PAIR if set(PAIR) <= set(known) else (known[0], known[-1])
    lattice = (SPACING.get(first, 5.4) * (np.eye(3) + rng.normal(0.0, 0.01, (3, 3)))).astype(np.float64)
    places = PLACES + rng.normal(0.0, 0.05, PLACES.shape) @ np.linalg.inv(lattice)
    fractional = np.concatenate([places + np.array([cell, 0, 0]) for cell in range(repeats)]) / [repeats, 1, 1]
    numbers = np.tile(np.repeat([first, second], 4), repeats).astype(np.uint8)
    lattice = lattice * np.array([repeats, 1, 1])[:, None]
    structures = Structures(lattice[None], np.array([0, len(numbers)]), numbers, fractional, np.ones(len(numbers)))
    return Crystals.from_structures(structures)

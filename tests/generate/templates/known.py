"""Small crystals for tests of templates."""

from __future__ import annotations

import numpy as np

from matscout.crystal.symmetric_crystals import SymmetricCrystals

ROCK_SALT = (225, 5.6, [("a", 11, (0, 0, 0)), ("b", 17, (0.5, 0.5, 0.5))])
CAESIUM_CHLORIDE = (221, 4.1, [("a", 55, (0, 0, 0)), ("b", 17, (0.5, 0.5, 0.5))])
ZINC_BLENDE = (216, 5.4, [("a", 30, (0, 0, 0)), ("c", 16, (0.25, 0.25, 0.25))])
PEROVSKITE = (221, 3.9, [("a", 38, (0, 0, 0)), ("b", 22, (0.5, 0.5, 0.5)), ("c", 8, (0, 0.5, 0.5))])


def crystal(
    described: tuple[int, float, list[tuple[str, int, tuple[float, ...]]]], *elements: int
) -> SymmetricCrystals:
    """A cubic crystal; with other elements on its orbits where they are given."""
    group, edge, orbits = described
    return SymmetricCrystals.of(
        [group],
        np.array([[edge, edge, edge, 90.0, 90.0, 90.0]]),
        offsets=np.array([0, len(orbits)]),
        letters=[letter for letter, _, _ in orbits],
        elements=elements or [element for _, element, _ in orbits],
        free=np.array([place for _, _, place in orbits], dtype=np.float64),
    )

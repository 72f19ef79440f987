"""Distances of neighbours in hosts, whatever vectors their cells are written with."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.crystal.defects.matching import nearest_neighbours
from matscout.data.defects.hosts import HostCrystal

OBLIQUE = np.array([[2, 3, 0], [3, 4, 0], [7, 11, 1]])


@pytest.mark.parametrize("change", [np.eye(3), OBLIQUE])
def test_neighbours_do_not_depend_on_the_vectors(change: np.ndarray) -> None:
    """Fcc copper and diamond, an atom of it two cells away: a / sqrt(2), and a sqrt(3) / 4."""
    cell = change @ (np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) / 2)
    copper = HostCrystal.of_arrays("Cu", 3.61 * cell, np.array([29], dtype=np.uint8), np.zeros((1, 3)))
    assert nearest_neighbours(copper) == pytest.approx(3.61 / np.sqrt(2))
    places = np.array([[0.0, 0.0, 0.0], [0.25, 0.25, 0.25]]) @ np.linalg.inv(change)
    diamond = HostCrystal.of_arrays(
        "C", 3.57 * cell, np.array([6, 6], dtype=np.uint8), places + np.array([[0.0], [2.0]])
    )
    assert nearest_neighbours(diamond) == pytest.approx(3.57 * np.sqrt(3) / 4)

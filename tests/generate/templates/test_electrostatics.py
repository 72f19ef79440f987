"""Ewald sums against published Madelung constants (C. Kittel, Introduction to Solid State Physics, table 3.4)."""

from __future__ import annotations

import numpy as np
import pytest
from tests.generate.templates.known import CAESIUM_CHLORIDE, ROCK_SALT, ZINC_BLENDE, crystal

from matscout.data.structures import Structures
from matscout.generate.templates.electrostatics import coulomb_sums


def sums(structures: Structures) -> tuple[float, float]:
    """Energy per formula unit of charges 1 and -1, in e² / (4 pi eps0) per Å, and the shortest distance."""
    elements, slots = np.unique(structures.atomic_numbers, return_inverse=True)
    parts = coulomb_sums(
        structures.lattices, structures.offsets, structures.fractional_coordinates, slots, len(elements)
    )[0]
    volume = abs(float(np.linalg.det(structures.lattices[0]))) / len(slots)
    return 2 * float(parts[0] + parts[2] - parts[1]) / volume ** (1 / 3), volume


@pytest.mark.parametrize(
    ("described", "constant", "shortest"),
    [
        (ROCK_SALT, 1.747565, 2.8),
        (CAESIUM_CHLORIDE, 1.762675, 4.1 * 3**0.5 / 2),
        (ZINC_BLENDE, 1.6381, 5.4 * 3**0.5 / 4),
    ],
)
@pytest.mark.parametrize("primitive", [True, False])
def test_madelung_constants(described: tuple, constant: float, shortest: float, primitive: bool) -> None:  # type: ignore[type-arg]
    energy, _ = sums(crystal(described).structures(primitive=primitive))
    assert -energy * shortest == pytest.approx(constant, abs=1e-4)

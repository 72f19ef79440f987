"""Expected volumes, against measured ones (Å³ per atom at room temperature)."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.crystal.volumes import expected_volumes
from matscout.data.materials import Materials

MEASURED = {
    "NaCl": 5.640**3 / 8,
    "MgO": 4.212**3 / 8,
    "Si": 5.431**3 / 8,
    "SrTiO3": 3.905**3 / 5,
    "GaAs": 5.653**3 / 8,
    "Cu": 3.615**3 / 4,
    "Ni3Al": 3.57**3 / 4,
    "MgAl2O4": 8.083**3 / 56,
}
"""From lattice constants of the CRC Handbook of Chemistry and Physics."""


@pytest.mark.parametrize("formula", MEASURED)
def test_volumes_are_near_those_measured(formula: str) -> None:
    expected = expected_volumes(Materials.from_formulas([formula]).compositions)
    assert 0.65 < expected[0] / MEASURED[formula] < 1.3


def test_elements_without_crystals_have_no_volume() -> None:
    assert np.isnan(expected_volumes(Materials.from_formulas(["OgO2", "NaCl"]).compositions)).tolist() == [True, False]

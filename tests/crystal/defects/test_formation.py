"""Formation energies against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.crystal.defects.formation import CHARGED_FORMULA, FORMULA, Charges, defect_energies
from matscout.data.defects.column_store import Defects
from matscout.data.defects.tables import parse_defects
from matscout.errors import UsageError

POTENTIALS = {"Mo": -10.9332, "S": -4.127, "Se": -3.489, "Li": -1.9}
TEXTS = ["v(Mo); 2 Se(S)", "i(Li)", "none"]


def defects() -> Defects:
    return parse_defects(TEXTS, ["MoS2"] * 3, [None] * 3, [None] * 3).defects


def test_energies_are_those_of_the_formula() -> None:
    """A row of the pilot set of 2DMD: -1378.177 eV in a cell of -1398.1131 eV costs 7.7269 eV."""
    outcome = defect_energies(defects(), np.array([-1378.177, -1399.0, -1398.1131]), -1398.1131, POTENTIALS)
    np.testing.assert_allclose(outcome.energies, [7.7269, -1399.0 + 1398.1131 + 1.9, 0.0], atol=1e-9)
    np.testing.assert_allclose(outcome.per_defect, [7.7269 / 3, outcome.energies[1], 0.0], atol=1e-9)
    assert outcome.formula == FORMULA


def test_charged_rows_need_all_that_the_formula_names() -> None:
    nan = np.nan
    charges = Charges(
        np.array([0.0, 1.0, -1.0]), np.array([nan, 0.3, 0.3]), np.array([nan, 1.2, 1.2]), np.array([nan, 0.1, nan])
    )
    outcome = defect_energies(defects(), np.full(3, -1398.0), -1398.1131, POTENTIALS, charges)
    neutral = defect_energies(defects(), np.full(3, -1398.0), -1398.1131, POTENTIALS)
    np.testing.assert_allclose(outcome.energies[:2], neutral.energies[:2] + np.array([0.0, 0.3 + 1.2 + 0.1]))
    assert np.isnan(outcome.energies[2])
    assert outcome.problems[0].row == 3
    assert "a correction is not given" in outcome.problems[0].reason
    assert outcome.formula == CHARGED_FORMULA


def test_a_missing_chemical_potential_is_named() -> None:
    with pytest.raises(UsageError, match="chemical potentials of Mo are missing"):
        defect_energies(defects(), np.zeros(3), 0.0, {"S": 1.0, "Se": 1.0, "Li": 1.0})

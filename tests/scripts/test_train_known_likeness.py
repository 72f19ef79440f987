"""What the training of the shipped likeness takes for known, and which energies belong to a composition."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matscout.data.materials import Materials


@pytest.fixture(scope="module")
def script() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
    try:
        return import_module("train_known_likeness")
    finally:
        sys.path.pop(0)


def materials(*formulas: str) -> Materials:
    return Materials.from_formulas(list(formulas))


def test_a_composition_is_known_if_one_of_its_materials_is_and_has_the_lowest_energy(script: Any) -> None:
    labelled = materials("SiO2", "Si2O4", "NaCl", "LiF")
    crystals = materials("SiO2", "SiO2", "NaCl")
    solid = script.Rows(crystals, np.array([True, False, False]), np.array([0.3, 0.1, np.nan]))
    made = script.Labels(frozenset(), np.unique(materials("SiO2", "LiF").keys()))
    rows = script.compositions(made, labelled, solid)
    assert rows.materials.formulas.tolist() == ["SiO2", "NaCl", "LiF"]
    assert rows.known.tolist() == [True, False, True]
    np.testing.assert_array_equal(rows.above, [0.1, np.nan, np.nan])


def test_scores_are_means_over_folds(script: Any) -> None:
    known = np.tile([True, False, False], 9)
    scores = known + np.linspace(0.0, 0.5, 27)
    measured = script.scores_of(scores, known, np.repeat([0, 1, 2], 9))
    assert measured["area"] == 1.0
    assert (measured["known"], measured["unlabelled"]) == (9, 18)


def test_systems_are_sets_of_elements(script: Any) -> None:
    first, second, third = script.systems(materials("NaCl", "ClNa3", "LiF"))
    assert first == second != third

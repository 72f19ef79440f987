"""A trend that goes on past the best label: trees stop there, the added column does not."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Brief, Goal
from matscout.discover.evidence.extrapolation import Extrapolation
from matscout.discover.opinions import Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.remarks import codes

SERIES = np.linspace(0.0, 0.5, 26)[1:]
HIGHEST = Goal("gap", np.inf, np.inf)


@pytest.fixture
def labels() -> Dataset:
    formulas = [f"Zn{1 - x:.4f}Mg{x:.4f}O" for x in SERIES]
    return Dataset(Materials.from_formulas(formulas), {"gap": Target("gap", 3.3 + 2.0 * SERIES, "eV")})


def candidates(predicted: float) -> Candidates:
    materials = Materials.from_formulas(["Zn0.3Mg0.7O", "Zn0.2Mg0.8O"])
    known = Evidence("gap_predicted", "gap", np.array([4.0, predicted]), "made up", EvidenceSource("model"), "eV")
    return Candidates(materials, np.array(["a", "b"]), facts={"gap_predicted": known})


def test_the_trend_goes_on(labels: Dataset) -> None:
    found = Extrapolation().evidence(candidates(4.2), Brief(labels, (HIGHEST,)))
    assert found.facts[0].column == "gap_extrapolated"
    assert found.facts[0].values == pytest.approx([4.7, 4.9], abs=0.2)
    assert codes(found.remarks)[-1] == "nothing-predicted-beyond-labels"
    assert "gap_extrapolated" in found.remarks[-1]


def test_nothing_is_added_where_the_model_goes_beyond_by_itself(labels: Dataset) -> None:
    assert Extrapolation().evidence(candidates(4.9), Brief(labels, (HIGHEST,))) == Opinion()


def test_nothing_is_added_for_a_range(labels: Dataset) -> None:
    assert Extrapolation().evidence(candidates(4.2), Brief(labels, (Goal("gap", 1.0, 2.0),))) == Opinion()

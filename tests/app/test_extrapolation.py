"""A trend that goes on past the best label: trees stop there, the added column does not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from matscout.app.extrapolation import add_extrapolation
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Goal, Shortlist

SERIES = np.linspace(0.0, 0.5, 26)[1:]
HIGHEST = Goal("gap", np.inf, np.inf)


@pytest.fixture
def labels() -> Dataset:
    formulas = [f"Zn{1 - x:.4f}Mg{x:.4f}O" for x in SERIES]
    return Dataset(Materials.from_formulas(formulas), {"gap": Target("gap", 3.3 + 2.0 * SERIES, "eV")})


def shortlist(predicted: float) -> Shortlist:
    columns = {"formula": ["Zn0.3Mg0.7O", "Zn0.2Mg0.8O"], "gap_predicted": [4.0, predicted], "gap_upper": [5.0, 5.0]}
    return Shortlist(pl.DataFrame(columns), "ei", ())


def test_the_trend_goes_on(labels: Dataset) -> None:
    found = add_extrapolation(shortlist(4.2), [HIGHEST], labels)
    assert found.table["gap_extrapolated"].to_numpy() == pytest.approx([4.7, 4.9], abs=0.2)
    assert "No candidate is predicted beyond the best label of gap" in found.remarks[-1]
    assert "gap_extrapolated" in found.remarks[-1]


def test_nothing_is_added_where_the_model_goes_beyond_by_itself(labels: Dataset) -> None:
    assert add_extrapolation(shortlist(4.9), [HIGHEST], labels).table.columns == shortlist(4.9).table.columns


def test_nothing_is_added_for_a_range(labels: Dataset) -> None:
    assert "gap_extrapolated" not in add_extrapolation(shortlist(4.2), [Goal("gap", 1.0, 2.0)], labels).table.columns

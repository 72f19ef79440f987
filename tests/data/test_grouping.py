"""Groups of rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.data.grouping import group_labels
from matscout.data.reading import read_materials
from matscout.errors import UsageError

FORMULAS = ["Fe2O3", "FeO", "Fe4O6", "O3Fe2", "NaCl", "LiFeO2"]


@pytest.fixture
def dataset():
    return read_materials(pl.DataFrame({"formula": FORMULAS, "Paper": ["a", "b", None, "a", None, "b"]}))


def test_by_formula(dataset):
    labels = group_labels(dataset, "formula")
    assert labels[0] == labels[2] == labels[3]
    assert len(set(labels)) == 4


def test_by_chemical_system(dataset):
    np.testing.assert_array_equal(
        group_labels(dataset, "chemical-system"), ["Fe-O", "Fe-O", "Fe-O", "Fe-O", "Cl-Na", "Fe-Li-O"]
    )


def test_by_column_blank_rows_stand_alone(dataset):
    np.testing.assert_array_equal(group_labels(dataset, "paper"), ["a", "b", "row 3", "a", "row 5", "b"])


def test_unknown_column(dataset):
    with pytest.raises(UsageError, match="did you mean Paper"):
        group_labels(dataset, "papers")
    with pytest.raises(UsageError, match="no column 'paper'"):
        group_labels(dataset[:2].__class__(dataset.materials), "paper")


def test_components_are_grouped_by_molecule_and_blanks_together():
    table = pl.DataFrame({
        "amine": ["CCN", "NCC", "CN", "CN"],
        "base": ["c1ccncc1", None, "n1ccccc1", None],
        "yield": [10.0, 20.0, 30.0, 40.0],
    })  # fmt: skip
    asked = {"reaction": ("amine", "base"), "target": "yield"}
    assert matscout.read(table, groups="amine", **asked).groups.tolist() == ["CCN", "CCN", "CN", "CN"]
    assert matscout.read(table, groups="base", **asked).groups.tolist() == ["c1ccncc1", "no base"] * 2

"""Digits that predictions deserve."""

import numpy as np
import polars as pl

from matscout.workflow.table_digits import decimals_by_uncertainty


def test_two_digits_of_a_quarter_of_the_interval():
    table = pl.DataFrame(
        {
            "gap_predicted": [1.23456, 123.456, 1.0],
            "gap_std": [0.2, 20.0, 0.0],
            "gap_lower": [0.8, 80.0, 1.0],
            "gap_upper": [1.6, 160.0, 1.0],
            "other": [1.0, 2.0, 3.0],
        }
    )
    decimals = decimals_by_uncertainty(table)
    assert set(decimals) == {"gap_predicted", "gap_std", "gap_lower", "gap_upper"}
    np.testing.assert_array_equal(decimals["gap_predicted"], [2.0, 0.0, np.nan])


def test_predictions_of_classes_have_none():
    assert decimals_by_uncertainty(pl.DataFrame({"metal_class": ["1"], "metal_probability_1": [0.7]})) == {}

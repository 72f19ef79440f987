"""Amounts that can be weighed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.generate.weighing import round_steps, weighable


def rounded(amounts):
    return weighable(Compositions.from_dicts([amounts])).to_dict(0)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"Bi": 0.4554, "Sb": 1.5246, "Dy": 0.02, "Te": 3}, {"Bi": 0.45, "Sb": 1.53, "Dy": 0.02, "Te": 3}),
        ({"Ba": 8, "Zn": 0.007, "In": 15.88, "Sn": 30.12}, {"Ba": 8, "Zn": 0.05, "In": 16, "Sn": 29.95}),
        ({"Pb": 0.9863, "Na": 0.0137, "Te": 1}, {"Pb": 0.985, "Na": 0.015, "Te": 1}),
        ({"Bi": 2, "Te": 2.7, "Se": 0.3}, {"Bi": 2, "Te": 2.7, "Se": 0.3}),
        ({"Na": 0.333, "Co": 1, "O": 2}, {"Na": 0.333, "Co": 1, "O": 2}),
        ({"Li": 0.125, "Mn": 1, "O": 2}, {"Li": 0.125, "Mn": 1, "O": 2}),
        ({"Na": 0.0137, "Pb": 1, "Te": 1}, {"Na": 0.015, "Pb": 1, "Te": 1}),
        ({"Cu": 12, "Sb": 4, "S": 13}, {"Cu": 12, "Sb": 4, "S": 13}),
    ],
)
def test_amounts_become_steps_and_sites_stay_full(amounts, expected):
    assert rounded(amounts) == pytest.approx(expected)


@given(
    st.dictionaries(st.sampled_from(["Bi", "Sb", "Pb", "Na", "Te", "Se", "O"]), st.floats(0.001, 8), min_size=1),
)
def test_rounding_moves_little_and_is_done_once(amounts):
    once = rounded(amounts)
    assert set(once) == set(amounts)
    assert all(amount > 0 for amount in once.values())
    assert sum(once.values()) == pytest.approx(sum(amounts.values()), abs=0.6)


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(0.0, 0.2, 0.01), (0.0, 0.1, 0.005), (0.0, 0.15, 0.01), (0.0, 1.0, 0.05), (0.0, 0.03, 0.002)],
)
def test_steps_of_a_series_are_round(low, high, step):
    grid = round_steps(low, high, 20)
    assert grid[[0, -1]].tolist() == [low, high]
    assert len(grid) <= 21
    np.testing.assert_allclose(np.diff(grid)[:-1], step, atol=1e-9)

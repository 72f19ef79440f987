"""Evidence: what a column says of itself, cut, joined and written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matscout.data.materials import Materials
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource, columns_of

SOURCE = EvidenceSource("network", "3", "ab" * 32, prefix="net")
floats = arrays(np.float64, 6, elements=st.one_of(st.floats(-5, 5), st.just(np.nan)))


def fact(values: np.ndarray, column: str = "net_gap_eV") -> Evidence:
    n = len(values)
    return Evidence(column, "gap", values, "made up", SOURCE, "eV", np.full(n, 0.1), "made up", np.arange(n) % 2 == 0)


@given(floats, st.permutations(range(6)))
def test_cut_and_joined_it_is_the_same(values: np.ndarray, order: list[int]) -> None:
    whole, rows = fact(values), np.array(order)
    again = Evidence.joined([whole[rows[:2]], whole[rows[2:]]])
    np.testing.assert_array_equal(again.values, values[rows])
    np.testing.assert_array_equal(again.seen, whole.seen[rows])
    assert again.described() == whole.described()


@given(floats)
def test_nothing_is_null_but_what_is_not_known(values: np.ndarray) -> None:
    columns = columns_of([fact(values), fact(values, "net_hull_eV")])
    assert list(columns) == ["net_gap_eV", "net_gap_eV_error", "net_hull_eV", "net_hull_eV_error", "net_seen"]
    for column in columns.values():
        assert column.is_null().to_list() == np.isnan(values).tolist()


def test_parts_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Evidence("a", "a", np.zeros(2), "", SOURCE, errors=np.zeros(3))
    with pytest.raises(ValueError, match="expected one value for each of 1 candidates"):
        Candidates(Materials.from_formulas(["KBr"]), np.array(["x"]), facts={"net_gap_eV": fact(np.zeros(2))})

"""The Pareto front against its definition in a double loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matscout.discover.pareto import pareto_front


def dominated(row, other):
    return all(other >= row) and any(other > row)


@given(st.integers(1, 3).flatmap(lambda k: st.lists(st.tuples(*[st.integers(0, 5)] * k), min_size=1, max_size=30)))
def test_equal_to_the_definition(rows):
    merits = np.array(rows, dtype=float)
    expected = [not any(dominated(row, other) for other in merits) for row in merits]
    assert pareto_front(merits).tolist() == expected


def test_equal_rows_are_all_on_the_front():
    assert pareto_front(np.ones((20_000, 2))).all()

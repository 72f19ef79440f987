from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.represent.segments import Segments

ROWS = st.lists(
    st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.1, 9.0), min_size=1, max_size=6), min_size=1, max_size=5
)


@given(ROWS, st.integers(0, 2**16))
def test_statistics_equal_plain_loops(rows, seed):
    compositions = Compositions.from_dicts(rows)
    rng = np.random.default_rng(seed)
    values, among = rng.normal(size=len(compositions.elements)), rng.random(len(compositions.elements)) < 0.6
    segments = Segments(compositions)
    for row in range(len(rows)):
        entries = range(compositions.offsets[row], compositions.offsets[row + 1])
        chosen = [(compositions.fractions[e], values[e]) for e in entries if among[e]]
        share = math.fsum(x for x, _ in chosen)
        mean = math.fsum(x * v for x, v in chosen) / share if chosen else 0.0
        variance = math.fsum(x * (v - mean) ** 2 for x, v in chosen) / share if chosen else 0.0
        entropy = -math.fsum(x / share * math.log(x / share) for x, _ in chosen)
        found = [segments.share(among), segments.mean(values, among), segments.std_dev(values, among)]
        found += [segments.entropy(among), segments.maximum(values), segments.minimum(values), segments.any(among)]
        truth = [share, mean, math.sqrt(variance), entropy]
        truth += [max(values[e] for e in entries), min(values[e] for e in entries), bool(chosen)]
        np.testing.assert_allclose([column[row] for column in found], truth, rtol=1e-9, atol=1e-12)

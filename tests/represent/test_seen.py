"""Marks of compositions: equal for the same material however it is written, different for any other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.formulas import parse_formulas
from matscout.represent.seen import are_seen, marks

AMOUNTS = st.dictionaries(st.sampled_from(SYMBOLS), st.integers(1, 64), min_size=1, max_size=8)


@given(AMOUNTS, st.sampled_from([2.0, 0.1, 1 / 3, 1e-3, 17.0]))
def test_formula_units_do_not_matter(amounts, factor):
    scaled = {symbol: factor * amount for symbol, amount in amounts.items()}
    first, second = marks(Compositions.from_dicts([amounts, scaled]))
    assert first == second


@given(AMOUNTS, AMOUNTS)
def test_equal_marks_mean_fractions_within_a_cell(one, other):
    compositions = Compositions.from_dicts([one, other])
    first, second = marks(compositions)
    distance = np.abs(np.subtract(*compositions.dense())).max()
    assert (first == second) <= (distance < 1e-4)
    if distance == 0:
        assert first == second


def test_ways_of_writing():
    written = ["Fe2O3", "Fe4O6", "O1.5Fe", "Fe0.4O0.6", "Fe3O4", "Fe2O3.001"]
    found = marks(parse_formulas(written).compositions)
    assert (found == found[0]).tolist() == [True, True, True, True, False, False]


def test_a_million_fractions_collide_never():
    rng = np.random.default_rng(0)
    pairs = np.unique(rng.integers(1, 10_000, (300_000, 2)), axis=0)
    pairs = pairs[np.gcd(pairs[:, 0], pairs[:, 1]) == 1]
    n = len(pairs)
    elements = np.tile(np.array([8, 26], dtype=np.uint8), n)
    compositions = Compositions(np.arange(n + 1) * 2, elements, pairs.astype(float).ravel())
    cells = np.floor(compositions.fractions[::2] / 1e-4 + 0.2113)
    assert len(np.unique(marks(compositions))) >= len(np.unique(cells))


def test_membership():
    seen = np.array([3, 9, 2**63], dtype=np.uint64)
    asked = np.array([2**63, 0, 9, 2**64 - 1], dtype=np.uint64)
    assert are_seen(asked, seen).tolist() == [True, False, True, False]
    assert are_seen(asked, seen[:0]).tolist() == [False] * 4

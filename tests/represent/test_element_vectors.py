"""Element vectors: standardised, without blanks, and honest about what is known."""

from __future__ import annotations

import numpy as np

from matscout.crystal.tables import elementembeddings_table, own_table
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.represent.element_vectors import element_vectors

SIZES = {"magpie": 22, "oliynyk": 44, "mat2vec": 200, "cgnf": 90, "xenonpy": 58}


def test_every_element_has_a_vector_without_blanks():
    vectors = element_vectors()
    assert vectors.values.shape == (118, sum(SIZES.values()) + len(SIZES))
    assert vectors.values.dtype == np.float32
    assert np.isfinite(vectors.values).all()
    assert vectors.listed.all()


def test_columns_are_those_of_the_tables_standardised():
    table = own_table("magpie").values
    for column in (0, 5, 21):
        known = np.isfinite(table[:, column])
        expected = (table[known, column] - table[known, column].mean()) / table[known, column].std()
        np.testing.assert_allclose(element_vectors().values[known, column], expected, rtol=1e-5, atol=1e-5)
        assert (element_vectors().values[~known, column] == 0).all()


def test_flags_say_what_share_of_a_table_is_known():
    places = np.cumsum([size + 1 for size in SIZES.values()]) - 1
    flags = element_vectors().values[:, places]
    oganesson, iron = ATOMIC_NUMBERS["Og"] - 1, ATOMIC_NUMBERS["Fe"] - 1
    assert (flags[iron] > 0.9).all()
    assert flags[oganesson, 1] == 0
    table = elementembeddings_table("oliynyk.csv").values
    np.testing.assert_allclose(flags[:, 1], np.isfinite(table).mean(axis=1), rtol=1e-6)

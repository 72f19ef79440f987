"""What an index knows of compositions, read from one column as it is from all."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.discover.index.facts import IN_COMPOSITION, facts, with_elements

amounts = st.one_of(st.integers(1, 12), st.floats(1e-6, 20.0))


@given(st.lists(st.dictionaries(st.sampled_from(SYMBOLS), amounts, min_size=1, max_size=12), min_size=1, max_size=5))
def test_elements_are_those_of_the_composition(compositions: list[dict[str, float]]) -> None:
    named = Materials.from_formulas(["H2O"] * len(compositions))
    stored = facts(Materials(named.ids, named.formulas, Compositions.from_dicts(compositions)))
    read = with_elements(stored.drop(IN_COMPOSITION)).select(stored.columns)
    assert read.equals(stored)
    assert read.schema == stored.schema


def test_a_table_without_rows_has_them_too() -> None:
    empty = with_elements(pl.DataFrame(schema={"composition": pl.String()}))
    assert empty.columns == ["composition", *IN_COMPOSITION]

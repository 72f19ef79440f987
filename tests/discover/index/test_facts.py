"""What an index knows of the elements of a composition, read from its text."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.discover.index.facts import IN_COMPOSITION, OF_COMPOSITION, facts, with_elements

amounts = st.one_of(st.integers(1, 12), st.floats(1e-6, 20.0))


@given(st.lists(st.dictionaries(st.sampled_from(SYMBOLS), amounts, min_size=1, max_size=12), min_size=1, max_size=5))
def test_elements_are_those_of_the_composition(compositions: list[dict[str, float]]) -> None:
    named, true = Materials.from_formulas(["H2O"] * len(compositions)), Compositions.from_dicts(compositions)
    told = facts(Materials(named.ids, named.formulas, true))
    assert told["elements"].to_list() == [sorted(one, key=SYMBOLS.index) for one in compositions]
    assert told["system"].to_list() == true.chemical_systems().tolist()
    assert told["nelements"].to_list() == [len(one) for one in compositions]
    assert told.schema == OF_COMPOSITION


def test_a_table_without_rows_has_them_too() -> None:
    empty = with_elements(pl.DataFrame(schema={"composition": pl.String()}))
    assert empty.columns == ["composition", *IN_COMPOSITION]

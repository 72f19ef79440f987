"""Columns of a source as properties of an index."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.tables import Table
from matscout.discover.index.about import Property
from matscout.discover.index.properties import LONGEST, SQL_WORDS, TAKEN, fitted, read_properties, sql_name
from matscout.errors import UsageError


def test_numbers_and_short_texts_are_kept_under_plain_names() -> None:
    cells = pl.DataFrame(
        {
            "Band gap (eV)": ["1.5", None, "0.3 ± 0.1"],
            "band gap": ["2", "3", "4"],
            "nsites": ["8", "8", "4"],
            "remark": ["ok", None, "n/a"],
            "empty": [None, None, None],
            "story": ["x" * (LONGEST + 1), "y", "z"],
        }
    )
    found = read_properties(Table("t", cells, np.array([2, 3, 5])), {"nsites": "1/cm3"})
    assert found.table.to_dict(as_series=False) == {
        "row": [2, 3, 5],
        "band_gap": [1.5, None, 0.3],
        "band_gap_2": [2.0, 3.0, 4.0],
        "nsites_2": [8.0, 8.0, 4.0],
        "remark": ["ok", None, None],
    }
    assert found.meaning["band_gap"] == Property("Band gap", "eV")
    assert found.meaning["band_gap"].label == "Band gap (eV)"


def table(**columns: list[str | None]) -> Table:
    cells = pl.DataFrame(columns)
    return Table("t", cells, np.arange(2, 2 + len(cells)))


def test_columns_of_an_index_and_of_hits_are_not_taken() -> None:
    headings = ("rank", "why", "score", "similarity", "composition", "vector magpie")
    told = table(**{name: ["1", "2"] for name in headings})
    names = set(read_properties(told).table.columns) - {"row"}
    assert not names & set(TAKEN)
    assert names == {"rank_2", "why_2", "score_2", "similarity_2", "composition_2", "_vector_magpie"}


def test_greek_letters_have_names() -> None:
    assert sql_name("σ", ()) == "sigma"
    assert sql_name("κ_lattice", ()) == "kappa_lattice"
    assert sql_name("Δ E", ()) == "delta_e"


KINDS = {"band_gap": "double", "sigma": "double", "remark": "string"}
WANTED = {"band_gap": Property("band gap", "eV"), "sigma": Property("σ", "S/cm"), "remark": Property("Remark")}


def test_properties_are_joined_by_heading_in_the_unit_of_the_index() -> None:
    told = read_properties(table(**{"Band gap (meV)": ["300", "1500"], "κ (W/mK)": ["1", "2"], "remark": ["1", "2"]}))
    found, said = fitted(told, WANTED, KINDS)
    assert found.table["band_gap"].to_list()[0] == pytest.approx(0.3)
    assert found.table["remark"].to_list() == ["1", "2"]
    assert "sigma" not in found.table.columns
    assert said == ("the index has no property 'κ (W/mK)': left out", "'σ (S/cm)' is missing in the new materials")


def test_two_columns_of_one_name_stay_two() -> None:
    told = read_properties(table(**{"gap (meV)": ["300"], "gap (eV)": ["0.4"]}))
    found, said = fitted(told, dict(told.meaning), dict.fromkeys(told.meaning, "double"))
    assert found.table.drop("row").row(0) == told.table.drop("row").row(0) == (300.0, 0.4)
    assert said == ()


def test_cells_that_are_no_numbers_are_counted() -> None:
    told = read_properties(table(**{"band gap (eV)": ["0.3", "not done", "broke", "n. d.", None]}))
    found, said = fitted(told, {"band_gap": WANTED["band_gap"]}, KINDS)
    assert found.table["band_gap"].to_list()[0] == 0.3
    assert found.table["band_gap"].null_count() == 4
    assert said == ("'band gap (eV)': 2 cells contain no number and are left blank, the first in row 3: 'not done'",)


def test_columns_of_numbers_and_words_say_what_they_are_taken_for() -> None:
    mixed = {"few (eV)": [*"12345678", "broke", None], "many (eV)": [*"123456", "bad", "worse", "broke", "n/a"]}
    told = read_properties(table(**mixed, words=[*"abcdefgh", "1", "2"]))
    assert told.remarks == {
        "few": "'few (eV)': 1 cell contains no number and is left blank, the first in row 10: 'broke'",
        "many": "'many (eV)' is read as text, since 3 of its cells contain no number, the first in row 8: 'bad'",
    }
    assert told.table["few"].to_list() == [1, 2, 3, 4, 5, 6, 7, 8, None, None]
    assert told.table["many"].to_list() == [*mixed["many (eV)"][:9], None]
    _, said = fitted(told, dict(told.meaning), {"few": "double", "many": "double", "words": "string"})
    assert said == (
        told.remarks["few"],
        "'many (eV)': 3 cells contain no number and are left blank, the first in row 8: 'bad'",
    )


def test_units_that_do_not_convert_are_refused() -> None:
    with pytest.raises(UsageError, match="'Band gap' is in GPa, but in eV in the index: convert the column"):
        fitted(read_properties(table(**{"Band gap (GPa)": ["1", "2"]})), WANTED, KINDS)


@given(st.lists(st.text(max_size=12), max_size=6))
def test_names_need_no_quotes_and_are_never_taken_twice(headings: list[str]) -> None:
    taken: list[str] = []
    for heading in headings:
        taken.append(sql_name(heading, taken))
    assert len(set(taken)) == len(taken)
    assert all(name.isascii() and name.isidentifier() and name == name.lower() for name in taken)


def test_numbers_without_a_unit_are_taken_to_be_in_that_of_the_index_and_it_is_said() -> None:
    found, said = fitted(
        read_properties(table(**{"band gap": ["1.5", "0.3"]})), {"band_gap": WANTED["band_gap"]}, KINDS
    )
    assert found.table["band_gap"].to_list() == [1.5, 0.3]
    assert said == ("'band gap' has no unit: eV is assumed, as in the index",)


def test_numbers_in_a_column_of_texts_keep_all_digits() -> None:
    found, _ = fitted(read_properties(table(remark=["1234567", "20240101.5"])), {"remark": WANTED["remark"]}, KINDS)
    assert found.table["remark"].to_list() == ["1234567", "20240101.5"]


@pytest.mark.parametrize("heading", ["Not", "Interval", "Query index", "True", "select"])
def test_words_of_sql_are_no_names(heading: str) -> None:
    assert sql_name(heading, ()) not in SQL_WORDS

"""Which column may tell what belongs together, by name and content."""

from __future__ import annotations

import polars as pl
import pytest

from matscout.data.reading import read
from matscout.workflow.check import check
from matscout.workflow.group_columns import group_column

FORMULAS = ["PbTe", "SnTe", "GeTe", "PbSe", "SnSe", "PbTe"]


def table(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"formula": FORMULAS, "kappa (W/m/K)": [1.0, 2.0, 3.0, 4.0, 5.0, 1.1], **columns})


@pytest.mark.parametrize("name", ["reference", "paper DOI", "Ref.", "source", "first_author", "publication (year)"])
def test_a_column_called_so_is_named(name: str) -> None:
    found = read(table(**{name: ["a", "a", "b", "b", "c", None]}), target="kappa")
    assert group_column(found) == (name, 3)


def test_what_says_most_comes_first() -> None:
    values = ["a", "a", "b", "b", "c", "c"]
    found = read(table(source=values, reference=values, doi=values), target="kappa")
    assert group_column(found) == ("doi", 3)


@pytest.mark.parametrize(
    "values", [["a"] * 6, [None] * 6, ["a", "b", "c", "d", "e", "f"], ["a", None, None, None, None, "b"]]
)
def test_what_does_not_divide_is_not_named(values: list[object]) -> None:
    assert group_column(read(table(reference=values), target="kappa")) is None


def test_other_names_and_what_is_used_are_not_named() -> None:
    values = ["a", "a", "b", "b", "c", "c"]
    assert group_column(read(table(resource=values, preferences=values), target="kappa")) is None
    assert group_column(read(table(source=values), target="kappa", context="source")) is None


def test_check_says_what_to_type() -> None:
    values = ["a", "a", "b", "b", "c", "c"]
    told = " ".join(check(read(table(**{"paper DOI": values}), target="kappa")).suggestions)
    assert "2 rows share their composition with another row; 'paper DOI' has 3 different values in 6 rows" in told
    assert "use --groups='paper DOI'" in told
    grouped = check(read(table(reference=values), target="kappa", groups="reference"))
    assert "--groups" not in " ".join(grouped.suggestions)
    assert "name the column of these with --groups" in " ".join(check(read(table(), target="kappa")).suggestions)

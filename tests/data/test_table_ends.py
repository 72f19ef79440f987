"""Where the data of a table end."""

from __future__ import annotations

import pytest

from matscout.data.table_ends import end_of_data, is_statistic

DATA = [["NaCl", "1"], ["KCl", "2"], ["MgO", "3"]]


@pytest.mark.parametrize(
    ("end", "left"),
    [
        ([], 0),
        ([["Mean", "2"]], 1),
        ([[], ["Mittelwert:", "2"], ["Stabw.", "1"]], 2),
        ([["n", "3"], ["Mean", "2"]], 1),
        ([["", ""], ["n", "3"], ["Mean", "2"]], 2),
        ([["", ""], ["", "Total", "6"]], 1),
        ([["Source: a paper"]], 1),
        ([["* estimated"]], 1),
        ([["*MgO", "3"]], 0),
        ([["CV", "3"]], 0),
        ([["N", "3"]], 0),
        ([["Note", "3"]], 0),
        ([["Mean", "2"], ["MgO", "3"]], 0),
    ],
)
def test_statistics_and_notes(end: list[list[str]], left: int) -> None:
    assert sum(1 for row in [*DATA, *end][end_of_data([*DATA, *end]) :] if any(row)) == left


def test_a_table_of_statistics_is_data() -> None:
    assert end_of_data([["Mean", "2"], ["Std", "1"]]) == 2


@pytest.mark.parametrize("word", ["mean", "écart-type", "标准差", "MEDIAN:", "Итого", "Standardabweichung"])
def test_words(word: str) -> None:
    assert is_statistic(word)
    assert not is_statistic(f"{word}2O3")

"""What decides the decimal sign of a column."""

from __future__ import annotations

import polars as pl
import pytest

from matscout.data.decimal_signs import DecimalSign, NumberNotation, decimal_sign, sign_of_table
from matscout.errors import UsageError

COMMAS, POINTS = DecimalSign(",", "commas elsewhere"), DecimalSign(".", "points elsewhere")


@pytest.mark.parametrize(
    ("cells", "alone", "among_commas", "among_points"),
    [
        (["7.874", "8.960"], ".", "?", "."),
        (["7,874", "8,961"], "?", ",", "."),
        (["1.200", "950"], ",", ",", "?"),
        (["1,200", "950"], ".", "?", "."),
        (["1.234", "950", "870"], "?", "?", "."),
        (["1.234", "2,345"], "?", "?", "?"),
        (["0.5", "1.234"], ".", ".", "."),
        (["0,5", "1.234"], ",", ",", ","),
        (["12", "13"], ".", ",", "."),
        (["05.12.2020"], ".", ",", "."),
        (["8.7E-4"], ".", ".", "."),
        (["4 100,000", "5 200,125"], ",", ",", ","),
    ],
)
def test_evidence(cells: list[str], alone: str, among_commas: str, among_points: str) -> None:
    found = [decimal_sign(pl.Series(cells), elsewhere=elsewhere) for elsewhere in (None, COMMAS, POINTS)]
    assert ["?" if one.question else one.sign for one in found] == [alone, among_commas, among_points]
    assert all(one.question or one.decided_by for one in found)


@pytest.mark.parametrize("sign", [".", ","])
def test_what_is_asked_for_goes_before_evidence(sign: str) -> None:
    assert decimal_sign(pl.Series(["1.5", "2,5"]), asked=NumberNotation.of(sign, False)).sign == sign
    with pytest.raises(UsageError, match="a point or a comma"):
        NumberNotation.of(" ", False)


@pytest.mark.parametrize(
    ("sign", "text", "unclear"),
    [
        (DecimalSign("."), "1,234", "1,234"),
        (DecimalSign(".", groups=True), "1,234", ""),
        (DecimalSign("."), "1.234", ""),
        (DecimalSign(".", is_contradicted=True), "1.234 ± 0.1", "1.234"),
        (DecimalSign(","), "0.123", ""),
        (DecimalSign(","), "1.234E-5", ""),
        (DecimalSign(","), "1.234.567", ""),
        (DecimalSign("."), "-1,234", "-1,234"),
        (DecimalSign("."), "5-1,234", "1,234"),
        (DecimalSign("."), "5 - 1,234", "1,234"),
        (DecimalSign("."), "±1,234", "1,234"),
    ],
)
def test_numbers_that_are_left_open(sign: DecimalSign, text: str, unclear: str) -> None:
    assert sign.unclear(text) == unclear


@pytest.mark.parametrize("cell", ["-110,0", "\N{MINUS SIGN}110,0", "-110,0 ± 0,5"])
def test_numbers_are_shown_with_their_minus(cell: str) -> None:
    for decided in (decimal_sign(pl.Series(["1", cell])), sign_of_table(pl.Series([cell]), ",")):
        assert decided is not None
        assert "'-110,0' can only be read this way" in decided.decided_by
    against = decimal_sign(pl.Series(["1.5", "-2.5", "-3,5"]))
    assert against.decided_by == "'1.5' can only be read this way, '-3,5' contradicts it"
    assert decimal_sign(pl.Series(["-1,234", "-2.345"])).question.startswith(
        "'-2.345' may be -2.345 or -2345: '-1,234' "
    )


def test_semicolons_between_columns_are_evidence_where_points_are_none() -> None:
    assert sign_of_table(pl.Series(["1,234"]), ";") is not None
    assert sign_of_table(pl.Series(["1,234", "1.234"]), ";") is None
    assert sign_of_table(pl.Series(["1,234"]), "\t") is None
    assert sign_of_table(pl.Series(["0,5", "0.5"]), ";") is None

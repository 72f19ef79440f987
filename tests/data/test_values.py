"""Cells as people write them; the expected numbers are worked out by hand or rebuilt from what was written."""

from __future__ import annotations

import math
import time
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.decimal_signs import DecimalSign, decimal_sign
from matscout.data.missing import is_missing
from matscout.data.values import parse_values, text_series

NAN = math.nan
WRITTEN = [
    # cell, value, error, censored, unit
    ("1.2", 1.2, NAN, 0, ""),
    ("  1.2 ", 1.2, NAN, 0, ""),
    ("+2", 2.0, NAN, 0, ""),
    ("−5", -5.0, NAN, 0, ""),
    (".5", 0.5, NAN, 0, ""),
    ("1.", 1.0, NAN, 0, ""),
    ("1e-3", 1e-3, NAN, 0, ""),
    ("1.5E+04", 1.5e4, NAN, 0, ""),
    ("1.2×10^-3", 1.2e-3, NAN, 0, ""),
    ("1.2 x 10-3", 1.2e-3, NAN, 0, ""),
    ("1.2·10⁻³ S/m", 1.2e-3, NAN, 0, "S/m"),
    ("1.2*10**4", 1.2e4, NAN, 0, ""),
    ("10^-3", 1e-3, NAN, 0, ""),
    ("10⁵", 1e5, NAN, 0, ""),
    ("1.2 ± 0.1", 1.2, 0.1, 0, ""),
    ("1.2±0.1", 1.2, 0.1, 0, ""),
    ("1.2 +/- 0.1 eV", 1.2, 0.1, 0, "eV"),
    ("(1.2 ± 0.1)e-3", 1.2e-3, 1e-4, 0, ""),
    ("(1.2 ± 0.1)×10^4 S/m", 1.2e4, 1e3, 0, "S/m"),
    ("1.2(1)", 1.2, 0.1, 0, ""),
    ("1.234(15)", 1.234, 0.015, 0, ""),
    ("12(3)", 12.0, 3.0, 0, ""),
    ("5 (3)", 5.0, 3.0, 0, ""),
    ("680 (61)", 680.0, 61.0, 0, ""),
    ("1.2(0.1)", 1.2, 0.1, 0, ""),
    ("1.23(12)e-3", 1.23e-3, 1.2e-4, 0, ""),
    ("<0.1", 0.1, NAN, -1, ""),
    ("≤ 5 K", 5.0, NAN, -1, "K"),
    ("<= 5", 5.0, NAN, -1, ""),
    (">5", 5.0, NAN, 1, ""),
    ("≥1e3", 1e3, NAN, 1, ""),
    ("1.1-1.3", 1.2, 0.1, 0, ""),
    ("1.1 – 1.3 eV", 1.2, 0.1, 0, "eV"),
    ("1.1 to 1.3", 1.2, 0.1, 0, ""),
    ("-1--0.5", -0.75, 0.25, 0, ""),
    ("~1.2", 1.2, NAN, 0, ""),
    ("ca. 1.2", 1.2, NAN, 0, ""),
    ("1,234.5", 1234.5, NAN, 0, ""),
    ("1 234", 1234.0, NAN, 0, ""),
    ("1.2 eV", 1.2, NAN, 0, "eV"),
    ("1.2eV", 1.2, NAN, 0, "eV"),
    ("300K", 300.0, NAN, 0, "K"),
    ("12 %", 12.0, NAN, 0, "%"),
    ("1.2*", 1.2, NAN, 0, ""),
    ("3.2 (theory)", 3.2, NAN, 0, "(theory)"),
    ("0.5 1/K", 0.5, NAN, 0, "1/K"),
]


@pytest.mark.parametrize(("cell", "value", "error", "censored", "unit"), WRITTEN, ids=[case[0] for case in WRITTEN])
def test_reads_what_people_write(cell, value, error, censored, unit):
    found = parse_values([cell])
    assert found.readable[0]
    assert found.values[0] == pytest.approx(value, rel=1e-12)
    assert found.errors[0] == pytest.approx(error, rel=1e-9, nan_ok=True)
    assert found.censored[0] == censored
    assert found.units[0] == unit


@pytest.mark.parametrize(
    "cell", ["", None, "-", "—", "–", "n/a", "N/A", "NA", "nan", "NaN", "n.d.", "N.D.", "null", "not measured", "#N/A"]
)
def test_missing_is_no_problem(cell):
    found = parse_values([cell])
    assert found.readable[0]
    assert np.isnan(found.values[0])
    assert is_missing(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1e400",
        "5-3",
        "2020-05-01",
        "2014-12-22 15:48:30.000",
        "1.2.3",
        "3 2",
        "68 (61)",
        "inf",
        "(1.2",
        "1_000",
        "<1-2",
        "Si",
        "1,2,3",
    ],
)
def test_text_that_is_no_value_is_told_apart(cell):
    found = parse_values([cell])
    assert not found.readable[0]
    assert np.isnan(found.values[0])
    assert not is_missing(cell)


def test_not_detected_without_a_limit_is_noted():
    assert "not detected" in parse_values(["n.d."]).notes[0]
    assert not parse_values(["n/a"]).notes


def test_ranges_and_about_are_noted():
    assert set(parse_values(["1.1-1.3", "~2", "3"]).notes) == {0, 1}


@pytest.mark.parametrize(
    ("cells", "comma"),
    [
        (["1,2", "3"], True),
        (["1.2", "3"], False),
        (["1.234,5"], True),
        (["1,234.5"], False),
        (["0,123"], True),
        (["0.123"], False),
        (["1,234", "2.5"], False),
        (["1.234", "2,5"], True),
        (["1.234.567"], True),
        (["1,234,567"], False),
        (["12345,678"], True),
        (["1,5 ± 0,2", "n/a"], True),
    ],
)
def test_the_column_decides_the_decimal_sign(cells, comma):
    found = decimal_sign(text_series(cells))
    assert (found.sign == ",", found.question) == (comma, "")


def test_a_cell_against_its_column_is_unreadable_not_guessed():
    found = parse_values(["1,2", "3,4", "5.6"])
    np.testing.assert_array_equal(found.readable, [True, True, False])


def test_decimal_comma_column():
    found = parse_values(["1.234,5", "0,12 ± 0,03", "<1,5", "2,5(3)", "1,2e-3"])
    np.testing.assert_allclose(found.values, [1234.5, 0.12, 1.5, 2.5, 1.2e-3])
    np.testing.assert_allclose(found.errors, [NAN, 0.03, NAN, 0.3, NAN])
    np.testing.assert_array_equal(found.censored, [0, 0, -1, 0, 0])


finite = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(min_value=-10_000, max_value=10_000, places=4)


@given(finite)
def test_every_float_comes_back(number):
    assert parse_values([repr(number)]).values[0] == number


@given(st.integers(-9999, 9999), st.integers(-30, 30))
def test_powers_of_ten_are_rounded_once(mantissa, exponent):
    expected = float(f"{mantissa}e{exponent}")
    for form in (f"{mantissa}e{exponent}", f"{mantissa}×10^{exponent}", f"{mantissa} x 10^({exponent})"):
        assert parse_values([form]).values[0] == expected


@given(decimals)
def test_decimal_comma_is_the_point_elsewhere(number):
    assert parse_values([f"{number:f}".replace(".", ",")], DecimalSign(",")).values[0] == float(number)


@given(
    decimals, st.decimals(min_value="0.0001", max_value=1000, places=4), st.sampled_from(["±", " ± ", "+/-", " +- "])
)
def test_value_and_error_come_back(number, error, sign):
    found = parse_values([f"{number:f}{sign}{error:f}"])
    assert (found.values[0], found.errors[0]) == (float(number), float(error))


@given(decimals, decimals)
def test_a_range_lies_between_its_ends(first, second):
    low, high = sorted([first, second])
    found = parse_values([f"{low:f} to {high:f}"])
    if low < high:
        assert found.values[0] - found.errors[0] == pytest.approx(float(low), abs=1e-9)
        assert found.values[0] + found.errors[0] == pytest.approx(float(high), abs=1e-9)
    else:
        assert not found.readable[0]


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=12), st.text("0123456789.,-+±<>~()e×^ eVKn/ad%", max_size=12)), max_size=8
    )
)
def test_any_text_gives_a_number_nothing_or_a_problem(cells):
    found = parse_values(cells)
    assert len(found.values) == len(cells)
    assert not np.isinf(found.values).any()
    assert not np.isinf(found.errors).any()
    assert np.isnan(found.values[~found.readable]).all()
    known = found.errors[~np.isnan(found.errors)]
    assert (known >= 0).all()


def test_long_text_is_refused_quickly():
    started = time.perf_counter()
    assert not parse_values(["1" * 20_000 + "x", "1" + " " * 20_000 + "_"]).readable.any()
    assert time.perf_counter() - started < 5


large = st.decimals(min_value=1000, max_value=999999, places=3)
written = st.one_of(large, large.map(lambda number: -number))


def grouped(number: Decimal, thousands: str, point: str) -> str:
    return f"{number:,f}".replace(",", "\0").replace(".", point).replace("\0", thousands)


@given(
    st.lists(written, min_size=1, max_size=8),
    st.sampled_from([(".", ","), (",", "."), ("'", "."), (" ", ","), (" ", ".")]),
)
def test_thousands_and_decimals_come_back(numbers, signs):
    found = parse_values([grouped(number, *signs) for number in numbers])
    np.testing.assert_array_equal(found.values, [float(number) for number in numbers])


@given(
    st.lists(st.decimals("-9999", "9999", places=3), min_size=1, max_size=8), st.sampled_from(["", " eV", "(2)", "*"])
)
def test_three_decimals_are_never_a_thousand_times_as_much(numbers, behind):
    found = parse_values([f"{number:f}{behind}" for number in numbers])
    np.testing.assert_array_equal(found.values[found.readable], np.array(numbers, dtype=float)[found.readable])


@given(
    st.integers(-9999, 9999),
    st.integers(-12, 12),
    st.sampled_from(["{}e{}", "{}E{}", "{}×10^{}", "{} x 10{}", "{}·10^({})", "{} * 10**{}", "({} ± 1)e{}"]),
    st.sampled_from([".", ","]),
)
def test_numbers_times_powers_come_back_with_either_sign(digits, power, form, point):
    mantissa = f"{digits / 100:.2f}".replace(".", point)
    exponent = f"{power:+d}" if "10{}" in form else str(power)
    found = parse_values([form.format(mantissa, exponent)])
    assert found.values[0] == float(f"{digits / 100:.2f}e{power}")


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=6), st.lists(st.sampled_from(["0,5", "1,25"]))
)
def test_numbers_that_are_some_already_stay(numbers, texts):
    typed = np.array([*numbers, *[NAN] * len(texts)], dtype=np.float64)
    found = parse_values([*map(repr, numbers), *texts], typed=typed)
    np.testing.assert_array_equal(found.values[: len(numbers)], numbers)
    np.testing.assert_array_equal(found.values[len(numbers) :], [float(text.replace(",", ".")) for text in texts])


def test_a_cell_with_the_other_sign_is_told_why():
    found = parse_values(["1,2", "3,4", "5.6"])
    assert found.reasons[2].startswith("has the point as decimal sign, and the column the comma")
    assert found.rules == {0: "decimal comma", 1: "decimal comma"}

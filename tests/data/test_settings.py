"""Conditions that are set: under the names and in the units of the columns."""

from __future__ import annotations

import pytest

from matscout.data.settings import set_columns
from matscout.errors import UsageError

KEPT = {"temperature": "K", "pressure": "kPa", "time": "h"}


@pytest.mark.parametrize("wanted", ["temperature", "Temperature", "temperature_K", "temperature (K)", "T"])
def test_settings_find_their_context_column(wanted):
    assert set_columns({wanted: "600", "route": "wet"}, ("temperature", "route"), {"temperature": "K"}) == {
        "temperature": "600",
        "route": "wet",
    }
    assert set_columns({wanted: "600"}, ("pressure",)) == {wanted: "600"}


@pytest.mark.parametrize(
    ("wanted", "value", "kept"),
    [
        ("temperature [C]", "60", "333.15"),
        ("temperature (°C)", "20:80", "293.15:353.15"),
        ("temperature", "60 C, 80 °C", "333.15,353.15"),
        ("temperature", "rt", "298.15"),
        ("temperature", "rt:80 C", "298.15:353.15"),
        ("temperature", "300:900", "300:900"),
        ("temperature", "300 K", "300"),
        ("temperature", "20:80 C", "293.15:353.15"),
        ("temperature", "60, 80 C", "333.15,353.15"),
        ("temperature", "−78 °C", "195.15"),
        ("route", "DMF:water, 9:1", "DMF:water, 9:1"),
        ("pressure_GPa", "1", "1000000"),
        ("time [min]", "90", "1.5"),
        ("time", "-1e2 min", "-1.666666667"),
    ],
)
def test_numbers_are_told_in_the_unit_of_the_column(wanted, value, kept):
    assert list(set_columns({wanted: value}, (*KEPT, "route"), KEPT).values()) == [kept]


@pytest.mark.parametrize(
    ("settings", "units", "message"),
    [
        ({"temperature (°C)": "327"}, {}, "'temperature' was read without a unit"),
        ({"temperature": "3 h"}, KEPT, "temperature is set in h, which does not convert to K"),
        ({"temperature": "hot"}, KEPT, "set to 'hot', which is not a number with a unit: write it in K"),
        ({"temperature": "1,000 K"}, KEPT, "set to '000 K', which is not a number"),
        ({"temperature": "300-400 K"}, KEPT, "set to '300-400 K', which is not a number"),
        ({"temperature": "20 C:80"}, KEPT, "set to '20 C:80': write the unit after each number"),
        ({"pressure": "1", "Pressure": "2"}, {}, "'pressure' is set twice"),
    ],
)
def test_settings_that_cannot_be_told_in_it_are_refused(settings, units, message):
    with pytest.raises(UsageError, match=message):
        set_columns(settings, ("temperature", "pressure"), units)


def test_a_name_that_is_no_condition_is_left_to_the_caller():
    assert set_columns({"temperature (C)": "60"}, ("route",), {}) == {"temperature (C)": "60"}

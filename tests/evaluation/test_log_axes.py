"""Logarithmic axes have few round ticks in plain characters, whatever they span."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.figure import Figure

from matscout.evaluation.log_axes import MOST_TICKS, log_axes, log_labels, log_ticks


def value_of(label: str) -> float:
    """A label read as a person reads it."""
    mantissa, _, power = label.rpartition("10") if re.search("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", label) else (label, "", "")
    exponent = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) or 0)
    return float(mantissa.replace(" × ", "") or 1) * 10.0**exponent


@given(st.floats(min_value=-30, max_value=30), st.floats(min_value=0.01, max_value=40))
def test_ticks_are_few_inside_and_say_where_they_are(start: float, decades: float) -> None:
    low, high = 10**start, 10 ** (start + decades)
    ticks = log_ticks(low, high)
    assert 2 <= len(ticks) <= MOST_TICKS
    assert (np.diff(ticks) > 0).all()
    assert ticks.min() >= low * 0.999999
    assert ticks.max() <= high * 1.000001
    np.testing.assert_allclose([value_of(label) for label in log_labels(ticks)], ticks, rtol=1e-5)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (1, 1e7, ["10⁰", "10²", "10⁴", "10⁶"]),
        (0.1, 100, ["0.1", "1", "10", "100"]),
        (0.15, 12, ["0.2", "0.5", "1", "2", "5", "10"]),
        (3e5, 3e6, ["5 × 10⁵", "10⁶", "2 × 10⁶"]),
        (0.27, 0.31, ["0.27", "0.28", "0.29", "0.3", "0.31"]),
    ],
)
def test_one_axis_has_one_notation(low: float, high: float, labels: list[str]) -> None:
    assert log_labels(log_ticks(low, high)) == labels


def test_no_markup_reaches_a_picture() -> None:
    with rc_context({"svg.fonttype": "none", "text.parse_math": False}):
        figure = Figure()
        axes = figure.add_subplot()
        axes.plot([1e-2, 1e7], [1e-9, 1e20])
        log_axes(axes, "both")
        text = io.StringIO()
        figure.savefig(text, format="svg")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", text.getvalue())
    assert 4 <= len(words) <= 2 * MOST_TICKS
    assert not [word for word in words if "$" in word or "math" in word]

"""Powers of ten in cells, headers and units are one."""

from __future__ import annotations

import pytest

from matscout.data.headings import split_heading
from matscout.data.powers import superscript, with_plain_digits, with_plain_powers
from matscout.data.units import parse_unit
from matscout.data.values import parse_values


@pytest.mark.parametrize("power", [-12, -1, 0, 3, 45])
def test_a_power_is_read_as_it_is_written(power: int) -> None:
    raised = f"10{superscript(power)}"
    assert with_plain_powers(raised) == f"10^{power}"
    assert with_plain_digits(superscript(power)) == str(power)
    assert parse_values([f"2×{raised}"]).values[0] == float(f"2e{power}")
    assert split_heading(f"{raised} α").factor == float(f"1e{power}")
    unit = parse_unit(f"{raised} S/m")
    assert unit is not None
    assert unit.factor == pytest.approx(float(f"1e{power}"))


@pytest.mark.parametrize("text", ["cm⁻¹", "310⁻³", "1.10⁻³", "Fe³⁺"])
def test_what_is_no_power_of_ten_stays(text: str) -> None:
    assert with_plain_powers(text) == text

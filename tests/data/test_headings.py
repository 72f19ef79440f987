"""Logarithms and factors that headers name; what stands in units is tested beside the units."""

from __future__ import annotations

import math

import pytest

from matscout.data.headings import Heading, logarithm_of, split_heading


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("log sigma (S/cm)", "log10"),
        ("log10(sigma) [S/cm]", "log10"),
        ("lg κ", "log10"),
        ("logσ (S/cm)", "log10"),
        ("log_conductivity", "log10"),
        ("ln(kappa) (W/mK)", "ln"),
        ("lnκ", "ln"),
        ("log2 x", "log2"),
        ("-log10(k)", "-log10"),
        ("natural logarithm of k", "ln"),
    ],
)
def test_logarithms(header: str, name: str) -> None:
    found = logarithm_of(header)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "header", ["logo", "lnz", "length (m)", "catalog", "loger", "LN2 (L)", "logistic", "light", "lbs"]
)
def test_what_is_no_logarithm(header: str) -> None:
    assert logarithm_of(header) is None


def test_a_logarithm_is_shifted_by_that_of_a_factor() -> None:
    found = logarithm_of("ln(x)"), logarithm_of("-log10(x)")
    assert [one.shift(1000.0) for one in found if one] == pytest.approx([math.log(1000), -3.0])


@pytest.mark.parametrize(
    ("header", "heading"),
    [
        ("alpha x 10^6 (1/K)", Heading("alpha x 10^6", "1/K", 1e6)),
        ("10⁶ α (1/K)", Heading("10⁶ α", "1/K", 1e6)),
        ("σ×10⁻³ (S/cm)", Heading("σ×10⁻³", "S/cm", 1e-3)),
        ("sigma·10^(-3) [S/cm]", Heading("sigma·10^(-3)", "S/cm", 1e-3)),
        ("S (10^-6 V/K)", Heading("S", "10^-6 V/K")),
        ("sigma (x10^-3 S/cm)", Heading("sigma", "x10^-3 S/cm")),
        ("10-20 range (K)", Heading("10-20 range", "K")),
        ("log(sigma / S cm-1)", Heading("log(sigma)", "S cm-1")),
        ("log10(σ (S/cm))", Heading("log10(σ)", "S/cm")),
        ("ln(kappa) (W/mK)", Heading("ln(kappa)", "W/mK")),
        ("kappa (W/(m K))", Heading("kappa", "W/(m K)")),
        ("Conductivity (measured) (S/cm)", Heading("Conductivity (measured)", "S/cm")),
    ],
)
def test_factors_and_brackets(header: str, heading: Heading) -> None:
    assert split_heading(header) == heading

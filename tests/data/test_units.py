"""Units against the constants of scipy (CODATA), the definitions of ASE, and conversions worked out by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from matscout.data.headings import Heading, split_heading
from matscout.data.units import bare_unit, convert, is_signed, parse_unit

EQUAL = [
    ("W m-1 K-1", "W/mK"),
    ("W m⁻¹ K⁻¹", "W/(m·K)"),
    ("W m^{-1} K^{-1}", "W/m-K"),
    ("Wm-1K-1", "W/m/K"),
    ("W/m K", "W per m K"),
    ("µV/K", "uV/K"),
    ("\u03bcV/K", "µV K-1"),
    ("S cm^-1", "S/cm"),
    ("g cm-3", "g/cm^3"),
    ("cm2/Vs", "cm2 V-1 s-1"),
    ("mΩ cm", "mohm cm"),
    ("m\u2126 cm", "mΩ·cm"),
    ("Å", "A"),
    ("\u212b", "angstrom"),
    ("A^3", "Å3"),
    ("10^-6/K", "1e-6 K-1"),
    ("ev", "eV"),
    ("at.%", "at. %"),
]
CONVERSIONS = [
    # source, wanted, factor from scipy.constants or by hand
    ("eV", "meV", 1e3),
    ("eV", "J", constants.eV),
    ("eV", "kJ/mol", constants.eV * constants.N_A / 1e3),
    ("kcal/mol", "kJ/mol", constants.calorie),
    ("Ha", "eV", constants.value("Hartree energy in eV")),
    ("Ry", "eV", constants.value("Rydberg constant times hc in eV")),
    ("GPa", "MPa", 1e3),
    ("GPa", "kbar", 10.0),
    ("atm", "Pa", constants.atm),
    ("psi", "Pa", constants.psi),
    ("Torr", "Pa", constants.torr),
    ("S/cm", "S/m", 100.0),
    ("1/(Ω cm)", "S/m", 100.0),
    ("µV/K", "V/K", 1e-6),
    ("mW/cm K", "W/mK", 0.1),
    ("nm", "Å", 10.0),
    ("g/cm3", "kg/m3", 1e3),
    ("u", "kg", constants.atomic_mass),
    ("µB", "J/T", constants.value("Bohr magneton")),
    ("bohr", "Å", constants.value("Bohr radius") * 1e10),
    ("h", "min", 60.0),
    ("%", "1", 0.01),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_spellings_of_one_unit(one, other):
    first, second = parse_unit(one), parse_unit(other)
    assert first is not None
    assert second is not None
    assert first.converts_to(second)
    assert first.factor == pytest.approx(second.factor, rel=1e-12)


@pytest.mark.parametrize(("source", "wanted", "factor"), CONVERSIONS)
def test_factors(source, wanted, factor):
    result = convert(np.array([2.0]), parse_unit(source), parse_unit(wanted))
    assert result[0] == pytest.approx(2.0 * factor, rel=1e-8)


@pytest.mark.parametrize(("celsius", "kelvin"), [("°C", "K"), ("degC", "K"), ("C", "K")])
def test_temperatures_have_an_offset(celsius, kelvin):
    np.testing.assert_allclose(
        convert(np.array([25.0, -273.15]), parse_unit(celsius), parse_unit(kelvin)), [298.15, 0.0], atol=1e-9
    )


def test_fahrenheit():
    assert convert(np.array([212.0]), parse_unit("°F"), parse_unit("°C"))[0] == pytest.approx(100.0)


def test_a_rate_in_degrees_has_no_offset():
    assert parse_unit("°C/min").offset == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [("eV", "K"), ("eV", "eV/atom"), ("S/m", "Ω m"), ("W/mK", "W/K"), ("at%", "wt%"), ("eV/atom", "eV/cell")],
)
def test_different_quantities_do_not_convert(one, other):
    assert not parse_unit(one).converts_to(parse_unit(other))
    with pytest.raises(ValueError, match="does not convert"):
        convert(np.array([1.0]), parse_unit(one), parse_unit(other))


@pytest.mark.parametrize(
    "text",
    [
        "indirect",
        "room",
        "rutile",
        "theory",
        "300",
        "",
        "log10",
        "a.u.",
        "(",
        "eV)",
        "foo/bar",
        "/0",
        "/",
        "100",
        "10^3",
        "M9 TM9",
        "m12",
        ".",
    ],
)
def test_what_is_no_unit(text):
    assert parse_unit(text) is None


HEADINGS = [
    ("band gap (eV)", "band gap", "eV"),
    ("sigma [S/m]", "sigma", "S/m"),
    ("kappa / W m-1 K-1", "kappa", "W m-1 K-1"),
    ("T/K", "T", "K"),
    ("Eg, eV", "Eg", "eV"),
    ("band gap in eV", "band gap", "eV"),
    ("temperature(K)", "temperature", "K"),
    ("T_K", "T", "K"),
    ("T_c_K", "T_c", "K"),
    ("T_m_K", "T_m", "K"),
    ("E_g_eV", "E_g", "eV"),
    ("band_gap_ev", "band_gap", "ev"),
    ("K_VRH_GPa", "K_VRH", "GPa"),
    ("seebeck_uV_per_K", "seebeck", "uV/K"),
    ("thermal_conductivity_W_per_mK", "thermal_conductivity", "W/mK"),
    ("power_factor_W_per_mK2", "power_factor", "W/mK2"),
    ("sigma_S_m", "sigma", "S/m"),
    ("kappa_W_m_K", "kappa", "W/(m K)"),
    ("density_g_cm3", "density", "g/cm3"),
    ("energy_eV_per_atom", "energy", "eV/atom"),
    ("ΔH (kJ mol⁻¹)", "ΔH", "kJ mol⁻¹"),
    ("gap (-)", "gap", None),
    ("band gap (indirect)", "band gap (indirect)", None),
    ("formation_energy_per_atom", "formation_energy_per_atom", None),
    ("gap_min", "gap_min", None),
    ("clscore_std", "clscore_std", None),
    ("V_m", "V_m", None),
    ("x_S", "x_S", None),
    ("log10(K_VRH)", "log10(K_VRH)", None),
    ("cost ($/kg)", "cost ($/kg)", None),
    ("formula", "formula", None),
    ("S", "S", None),
    ("ZT", "ZT", None),
    ("and/or", "and/or", None),
]


@pytest.mark.parametrize(("header", "name", "unit"), HEADINGS, ids=[case[0] for case in HEADINGS])
def test_headings(header, name, unit):
    assert split_heading(header) == Heading(name, unit)


@given(
    st.floats(-1e6, 1e6),
    st.sampled_from([("eV", "kJ/mol"), ("°C", "K"), ("°F", "°C"), ("S/cm", "S/m"), ("psi", "GPa")]),
)
def test_there_and_back_again(number, pair):
    one, other = parse_unit(pair[0]), parse_unit(pair[1])
    back = convert(convert(np.array([number]), one, other), other, one)
    assert back[0] == pytest.approx(number, rel=1e-9, abs=1e-9)


@given(st.text(max_size=15))
def test_any_header_gives_a_name(text):
    heading = split_heading(text)
    assert heading.unit is None or parse_unit(heading.unit) is not None


unit_letters = st.text("eVJKmMGPaSWgTk123-/^() ·Åµ°C%", max_size=10)


@given(unit_letters)
def test_any_unit_like_text_is_a_unit_with_a_factor_or_none(text):
    unit = parse_unit(text)
    assert unit is None or 0 < unit.factor < np.inf


def test_long_text_is_no_unit_and_answered_quickly():
    started = time.perf_counter()
    assert parse_unit("1" + " " * 20_000 + "_") is None
    assert split_heading("a ( " * 5_000).unit is None
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("unit", "signed"),
    [("°C", True), ("K", False), ("µV/K", True), ("mV", True), ("eV", False), ("S/m", False), ("no unit", False)],
)
def test_which_units_are_of_signed_quantities(unit: str, signed: bool) -> None:
    assert is_signed(unit) is signed
    assert not is_signed(None)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("%", "%"),
        ("(%)", "%"),
        ("[W/(m K)]", "W/(m K)"),
        ("W/(m K)", "W/(m K)"),
        ("% (isolated)", "%"),
        ("%(isolated)", "%"),
        ("% (S)", "%"),
        ("% (99% ee) [NMR]", "%"),
        ("(C) (isolated)", "C"),
        ("(isolated)", "isolated"),
        ("mg (", "mg ("),
        ("", ""),
    ],
)
def test_remarks_and_brackets_are_no_part_of_a_unit(text, unit):
    assert bare_unit(text) == unit

"""Names of properties that a pretraining learned beside names that users give."""

from __future__ import annotations

import pytest

from matscout.represent.embedding import make_representation
from matscout.represent.taught import labels_of_known, properties_like

TAUGHT = ("superconducting Tc (K)", "log10 bulk modulus (log10 GPa)", "PBE band gap (eV)", "HSE band gap (eV)")
TAUGHT += ("log10 thermal conductivity at 300 K (log10 W/m/K)", "PBE metal", "energy above hull (eV/atom)")


@pytest.mark.parametrize(
    ("target", "alike"),
    [
        ("Tc", TAUGHT[:1]),
        ("bulk_modulus_vrh", TAUGHT[1:2]),
        ("K_bulk modulus (GPa)", TAUGHT[1:2]),
        ("gap", TAUGHT[2:4]),
        ("thermal conductivity", TAUGHT[4:5]),
        ("is_metal", TAUGHT[5:6]),
        ("electrical conductivity", ()),
        ("conductivity", TAUGHT[4:5]),
        ("Seebeck coefficient", ()),
        ("300 K", ()),
        ("比熱", ()),
    ],
)
def test_what_is_called_alike(target: str, alike: tuple[str, ...]) -> None:
    assert properties_like(target, TAUGHT) == alike


@pytest.mark.parametrize("name", ["magpie", "polysrl"])
def test_what_learned_no_labels_was_taught_nothing(name: str) -> None:
    assert make_representation(name).taught == ()


def test_networks_of_crystals_tell_what_they_learned() -> None:
    assert make_representation("crystal-properties").taught[:2] == ("formation energy (eV/atom)", "band gap (eV)")


def test_labels_that_say_what_was_made() -> None:
    names = (*TAUGHT, "synthesised", "solid-state synthesised", "in ICSD (1)")
    assert labels_of_known(names) == names[-3:]


def test_a_donor_tells_what_it_was_taught() -> None:
    donor = make_representation("composition-donor")
    assert "superconducting Tc (K)" in donor.taught
    assert all(any(name in column for column in donor.columns) for name in donor.taught)

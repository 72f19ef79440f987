"""Wishes in plain English."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.errors import UsageError
from matscout.generate.crystal_wish_text import PROTOTYPES, wishes_of_text
from matscout.generate.crystal_wishes import CrystalWishes


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("Li2FeO3", {"formula": "Li2FeO3"}),
        ("Ca(OH)2 with 10 atoms", {"formula": "Ca(OH)2", "atoms": (10, 10)}),
        (
            "lead-free cubic chalcogenide with 5 atoms, gap near 2 eV",
            {
                "exclude": ("Pb",),
                "space_groups": ("cubic",),
                "one_of": ("S", "Se", "Te"),
                "atoms": (5, 5),
                "properties": {"gap": (1.8, 2.2)},
            },
        ),
        ("a ternary-free oxide", None),
        ("oxides without Pb, Cd or mercury", {"must": ("O",), "exclude": ("Pb", "Cd", "Hg")}),
        ("nitride with lithium and Fe", {"must": ("Li", "Fe", "N")}),
        ("space group 225, 4 to 20 atoms", {"space_groups": (225,), "atoms": (4, 20)}),
        ("SrTiO3 in Pm-3m", {"formula": "SrTiO3", "space_groups": (221,)}),
        ("bulk modulus > 200 GPa", {"properties": {"bulk modulus": (200.0, math.inf)}}),
        ("fluoride with a band gap between 3 and 5 eV", {"must": ("F",), "properties": {"band gap": (3.0, 5.0)}}),
        (
            "hexagonal or trigonal boride, at most 12 atoms",
            {"space_groups": ("hexagonal", "trigonal"), "must": ("B",), "atoms": (1, 12)},
        ),
        ("rock salt crystals", {"prototype": "AB_cF8_225_4m-3m_4m-3m"}),
    ],
)
def test_texts_mean_what_they_say(text: str, wishes: dict[str, Any] | None) -> None:
    if wishes is None:
        with pytest.raises(UsageError, match="not understood in 'a ternary-free oxide': 'ternary-free'"):
            wishes_of_text(text)
        return
    found = wishes_of_text(text)
    assert {name: set(value) if name in {"space_groups", "must"} else value for name, value in found.items()} == {
        name: set(value) if name in {"space_groups", "must"} else value for name, value in wishes.items()
    }


@pytest.mark.parametrize("text", ["pretty blue crystals", "Xq2O", "", "oxide of great beauty", "a cell"])
def test_words_that_are_not_understood_are_named(text: str) -> None:
    with pytest.raises(UsageError, match=r"not understood|names no wish"):
        CrystalWishes.from_text(text)


def test_two_formulas_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="two things for formula: NaCl and KCl"):
        CrystalWishes.from_text("NaCl and KCl")


def test_what_was_understood_is_told() -> None:
    words = CrystalWishes.from_text("lead-free oxide with 5 atoms and a gap above 2 eV").in_words()
    assert words == "with O; without Pb; atoms 5 to 5; properties gap 2 to inf"
    assert CrystalWishes().in_words() == "anything"


def test_labels_of_structure_types_are_those_of_their_crystals() -> None:
    orbits = {
        "rock salt": (225, "ab", (11, 17)),
        "caesium chloride": (221, "ab", (55, 17)),
        "zinc blende": (216, "ac", (30, 16)),
        "wurtzite": (186, "bb", (30, 16)),
        "fluorite": (225, "ac", (20, 9)),
        "cubic perovskite": (221, "abc", (22, 38, 8)),
        "spinel": (227, "ade", (12, 13, 8)),
    }
    for name, (number, letters, elements) in orbits.items():
        made = SymmetricCrystals.of(
            [number],
            np.full((1, 6), 5.0),
            offsets=np.array([0, len(letters)]),
            letters=list(letters),
            elements=elements,
            free=np.full((len(letters), 3), 0.13),
        )
        assert made.prototype_labels()[0] == PROTOTYPES[name], name

"""Known compounds: textbook minerals and materials, and what nobody has made."""

import csv
from pathlib import Path

import numpy as np
import pytest

from matscout.data.compositions import Compositions
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.discover.known_compounds import FLAGS, SEEN, SOURCES, what_is_known
from matscout.discover.novelty import novelty

TABLES = Path(__file__).parents[2] / "scripts" / "known_compounds"


def known(*formulas):
    return what_is_known(parse_formulas(list(formulas)).compositions)


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ("HgS", "cinnabar"),
        ("CuBiS2", "emplectite"),
        ("AgSbS2", "miargyrite"),
        ("Cu3SbS3", "skinnerite"),
        ("ZnS", "sphalerite"),
        ("Cu2ZnSnS4", "kesterite"),
        ("Mg3Al2Si3O12", "pyrope"),
        ("Cu12Sb4S13", "tetrahedrite"),
        ("CdTe", "cadmium telluride"),
    ],
)
def test_textbook_compounds_have_their_names(formula, name):
    result = known(formula)
    assert name in result.names[0]
    assert not result.names[0].startswith("near")
    assert result.made[0]


@pytest.mark.parametrize(
    "formula", ["Ag2ZnGeSe4", "Cr2Te3", "ZrNiSn", "Rb2SnI6", "CuInSe2", "LiFePO4", "YBa2Cu3O7", "Zn3P2", "GaAs", "InP"]
)
def test_well_known_materials_were_made(formula):
    assert known(formula).made[0]


def test_no_mineral_is_called_new():
    with (TABLES / "minerals.csv").open(encoding="utf-8") as file:
        minerals = Materials.from_formulas(sorted({row["formula"] for row in csv.DictReader(file)}))
    words = novelty(minerals, Materials.from_formulas(["GaAs", "Si"]))
    assert set(words.tolist()) <= {"known compound, not in your table"}


def test_calculated_compounds_are_not_said_to_be_made():
    result = known("Cs2KSb")
    assert (result.made[0], result.calculated[0]) == (False, True)
    assert result.sources[0] == "OQMD"


def test_what_nobody_lists_is_new():
    labels = Materials.from_formulas(["Li2O", "Er2O3"])
    assert novelty(Materials.from_formulas(["Li17Er3O11"]), labels).tolist() == ["new combination of elements"]


def test_a_doped_mineral_is_near_it():
    assert known("Hg0.97Cd0.03S").names[0] == "near cinnabar or metacinnabar (HgS)"


def test_labels_come_first():
    materials = Materials.from_formulas(["GaAs", "Ga1.001As"])
    assert novelty(materials, Materials.from_formulas(["GaAs"])).tolist() == [
        "already labelled",
        "near-duplicate of a label",
    ]


def test_every_mark_has_a_flag():
    with np.load(SOURCES) as arrays:
        flags = arrays["flags"]
    assert len(flags) == len(np.load(SEEN))
    assert flags.min() > 0
    assert int(np.bitwise_or.reduce(flags)) == sum(bit for bit, _ in FLAGS.values())


def test_nothing_is_known_of_nothing():
    assert len(what_is_known(Compositions.from_dicts([])).names) == 0

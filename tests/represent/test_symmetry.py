"""Space groups of crystals whose symmetry is in textbooks, and against matminer's features."""

import numpy as np
import pytest
from matminer.featurizers.structure.symmetry import GlobalSymmetryFeatures
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.symmetry import CENTRINGS, SYSTEMS, Symmetry

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
QUARTZ = Structure(
    Lattice.hexagonal(4.913, 5.405), ["Si"] * 3 + ["O"] * 6,
    [[0, 0.4697, 2 / 3], [0.5303, 0.5303, 0], [0.4697, 0, 1 / 3],
     [0.2669, 0.4135, 0.7855], [0.5865, 0.8534, 0.1188], [0.7331, 0.1466, 0.5478],
     [0.8534, 0.5865, 0.8812], [0.4135, 0.2669, 0.2145], [0.1466, 0.7331, 0.4522]],
)  # fmt: skip
NAMED = {
    "rock salt": Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    "zinc blende": Structure(2.7 * FACE_CENTRED, ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]]),
    "iron": Structure(1.43 * (np.ones((3, 3)) - 2 * np.eye(3)), ["Fe"], [[0, 0, 0]]),
    "quartz": QUARTZ,
    "tin": Structure(Lattice.tetragonal(5.83, 3.18), ["Sn"] * 4,
                     [[0, 0, 0], [0.5, 0.5, 0.5], [0, 0.5, 0.25], [0.5, 0, 0.75]]),
    "nothing": Structure(Lattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "Fe", "P"],
                         [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2], [0.1, 0.6, 0.5]]),
}  # fmt: skip
# pymatgen and matminer use an old way of spglib.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def features(structure: Structure, **options) -> dict[str, float]:
    maker = Symmetry(**options)
    vector = maker.vectors(Crystals.from_structures(Structures.from_pymatgen([structure])))[0]
    return dict(zip(maker.columns, vector, strict=True))


@pytest.mark.parametrize(
    ("name", "number", "kinds", "numbers"),
    [
        ("rock salt", 225, ["cubic", "face-centred", "centrosymmetric"], [48, 1.0]),
        ("zinc blende", 216, ["cubic", "face-centred"], [24, 1.0]),
        ("iron", 229, ["cubic", "body-centred", "centrosymmetric"], [48, 1.0]),
        ("quartz", 152, ["trigonal", "primitive"], [6, 2 / 9]),
        ("tin", 141, ["tetragonal", "body-centred", "centrosymmetric"], [16, 0.5]),
        ("nothing", 1, ["triclinic", "primitive"], [1, 1.0]),
    ],
)
def test_textbook_crystals(name, number, kinds, numbers):
    found = features(NAMED[name])
    assert found["space-group number"] == number
    assert [key for key in (*SYSTEMS, *CENTRINGS, "centrosymmetric") if found[key]] == kinds
    assert [found["symmetry operations"], found["unique sites / sites"]] == pytest.approx(numbers)


@pytest.mark.parametrize("name", NAMED)
def test_what_matminer_has_is_the_same(name):
    found = features(NAMED[name])
    number, system, _, centrosymmetric, operations = GlobalSymmetryFeatures().featurize(NAMED[name])
    assert (found["space-group number"], found[system], found["centrosymmetric"]) == (number, 1.0, centrosymmetric)
    # Of these cells only that of tin is not primitive.
    assert operations == found["symmetry operations"] * (2 if name == "tin" else 1)


def test_what_is_on_shared_sites_counts():
    cubic = [[0, 0, 0], [0.5, 0.5, 0.5]]
    same = Structure(Lattice.cubic(3.0), [{"Cu": 0.5, "Zn": 0.5}, {"Zn": 0.5, "Cu": 0.5}], cubic)
    other = Structure(Lattice.cubic(3.0), [{"Cu": 0.6, "Zn": 0.4}, {"Cu": 0.4, "Zn": 0.6}], cubic)
    assert features(same)["space-group number"] == 229
    assert features(other)["space-group number"] == 221


def test_the_tolerance_decides_near_symmetry():
    bent = Structure(Lattice.tetragonal(3.0, 3.04), ["Po"], [[0, 0, 0]])
    assert features(bent)["space-group number"] == 123
    assert features(bent, symmetry_tolerance=0.1)["space-group number"] == 221


def test_a_crystal_in_which_spglib_finds_nothing_has_no_vector():
    nearly_one = Structure(Lattice.cubic(3.0), ["H", "H"], [[0, 0, 0], [0.03, 0, 0]])
    assert np.isnan(list(features(nearly_one, symmetry_tolerance=0.2).values())).all()

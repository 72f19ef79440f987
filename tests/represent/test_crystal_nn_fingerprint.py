"""The fingerprint against matminer's, on crystals without symmetry and on textbook ones."""

import numpy as np
import pytest
from matminer.featurizers.structure.sites import SiteStatsFingerprint
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystal_nn import crystal_neighbours
from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.crystal_nn_fingerprint import CrystalNNFingerprint

pytestmark = pytest.mark.filterwarnings("ignore:No oxidation states", "ignore:CrystalNN", "ignore:No Pauling")
FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
STATISTICS = ("mean", "std_dev", "minimum", "maximum")
TEXTBOOK = {
    "rock salt": Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    "zinc blende": Structure(2.7 * FACE_CENTRED, ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]]),
    "copper": Structure(1.8 * FACE_CENTRED, ["Cu"], [[0, 0, 0]]),
    "caesium chloride": Structure(Lattice.cubic(4.12), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    "argon": Structure(2.63 * FACE_CENTRED, ["Ar"], [[0, 0, 0]]),
}


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 6, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, rng.choice(["Na", "O", "Si", "Cl", "Cs", "Ar"], 5), rng.random((5, 3)))


def crystals_of(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def described(structure: Structure) -> dict[str, float]:
    found = CrystalNNFingerprint().vectors(crystals_of(structure))[0]
    return dict(zip(CrystalNNFingerprint.columns, found, strict=True))


@pytest.fixture(scope="module")
def reference() -> SiteStatsFingerprint:
    return SiteStatsFingerprint.from_preset("CrystalNNFingerprint_ops", stats=STATISTICS)


def test_columns_are_those_of_matminer(reference):
    statistics = dict(zip(("mean", "deviation", "least", "largest"), STATISTICS, strict=True))
    for ours, theirs in zip(CrystalNNFingerprint.columns, reference.feature_labels(), strict=True):
        statistic, _, number, *motif = ours.split(" ", 3)
        name = {"single bond": "sgl_bd", "": "wt"}.get("".join(motif), "".join(motif))
        assert theirs == f"{statistics[statistic]} {name} CN_{number}"


@pytest.mark.parametrize("seed", range(8))
def test_it_is_that_of_matminer(reference, seed):
    structure = random_structure(seed)
    found = np.array(list(described(structure).values()))
    np.testing.assert_allclose(found, reference.featurize(structure), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_it_is_that_of_matminer_in_symmetric_crystals(reference, name):
    structure = TEXTBOOK[name]
    found = np.array(list(described(structure).values()))
    np.testing.assert_allclose(found, reference.featurize(structure), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "number", "motif"),
    [
        ("rock salt", 6, "octahedral"),
        ("zinc blende", 4, "tetrahedral"),
        ("copper", 12, "cuboctahedral"),
        ("caesium chloride", 8, "body-centered cubic"),
    ],
)
def test_motifs_are_recognised(name, number, motif):
    found = described(TEXTBOOK[name])
    assert found[f"mean coordination {number}"] > 0.9
    assert found[f"mean coordination {number} {motif}"] > 0.95 * found[f"mean coordination {number}"]


def test_likelihoods_of_the_coordination_numbers_are_a_whole():
    neighbours = crystal_neighbours(crystals_of(*TEXTBOOK.values(), *(random_structure(seed) for seed in range(9))))
    np.testing.assert_allclose(neighbours.likelihoods.sum(axis=1), 1.0)
    assert (np.diff(neighbours.weights)[np.diff(neighbours.first) == 0] <= 0).all()
    np.testing.assert_array_equal(neighbours.likelihoods[:, 0] == 1.0, np.diff(neighbours.offsets) == 0)


def test_lonely_atoms_have_no_neighbours_and_farther_ones_nothing_at_all():
    far, farther = (Structure(Lattice.cubic(a), ["H"], [[0, 0, 0]]) for a in (40.0, 80.0))
    found = CrystalNNFingerprint().vectors(crystals_of(far, TEXTBOOK["copper"], farther))
    assert (found[0] == 0).all()
    assert np.isfinite(found[1]).all()
    assert np.isnan(found[2]).all()


def test_elements_without_a_radius_have_no_fingerprint():
    """Berkelium has none in the table."""
    berkelium = Structure(2.82 * FACE_CENTRED, ["Bk", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    found = CrystalNNFingerprint().vectors(crystals_of(berkelium, TEXTBOOK["copper"]))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()

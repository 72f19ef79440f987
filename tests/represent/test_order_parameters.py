"""Order parameters of random and ideal neighbours against pymatgen's, and their statistics against matminer's."""

import numpy as np
import pytest
from matminer.featurizers.site.fingerprint import CrystalNNFingerprint, OPSiteFingerprint
from matminer.featurizers.structure.sites import SiteStatsFingerprint
from pymatgen.core import Lattice, Site, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.order_parameters import MOST_MOTIFS, MOTIFS, geometry_of, order_parameters
from matscout.data.structures import Structures
from matscout.represent.descriptors.order_parameters import OrderParameters

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(3)
OCTAHEDRON = np.concatenate([np.eye(3), -np.eye(3)])
IDEAL = {
    "linear": OCTAHEDRON[[0, 3]],
    "T-shaped": OCTAHEDRON[[0, 3, 1]],
    "tetrahedral": CUBE[[0, 3, 5, 6]],
    "square co-planar": OCTAHEDRON[[0, 1, 3, 4]],
    "square pyramidal": OCTAHEDRON[[0, 1, 3, 4, 2]],
    "octahedral": OCTAHEDRON,
    "body-centered cubic": CUBE,
    "cuboctahedral": np.array([[x, y, 0] for x in (-1, 1) for y in (-1, 1)]
                              + [[x, 0, z] for x in (-1, 1) for z in (-1, 1)]
                              + [[0, y, z] for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(2),
}  # fmt: skip


@pytest.fixture(scope="module")
def pymatgen_parameters():
    """Order parameters of directions as pymatgen has them, none of which may be blank."""
    of_number = CrystalNNFingerprint.from_preset("ops").ops

    def compute(directions: np.ndarray) -> list[float]:
        sites = [Site("H", [0, 0, 0]), *(Site("H", direction) for direction in directions)]
        indices = list(range(1, len(sites)))
        parameters = [of for of in of_number[len(directions)] if of != "wt"]
        return [of.get_order_parameters(sites, 0, indices_neighs=indices)[0] for of in parameters]

    return compute


def parameters(directions: np.ndarray) -> np.ndarray:
    """Neighbours in descending order of their weights."""
    weights = np.linspace(1.0, 0.5, len(directions))
    return order_parameters(geometry_of(directions), len(directions), weights)[: len(MOTIFS[len(directions)])]


@pytest.mark.parametrize("number", MOTIFS)
def test_they_are_those_of_pymatgen(number, pymatgen_parameters):
    rng = np.random.default_rng(number)
    for _ in range(6):
        directions = rng.normal(size=(number, 3))
        directions /= np.linalg.norm(directions, axis=1)[:, None]
        np.testing.assert_allclose(parameters(directions), pymatgen_parameters(directions), atol=1e-7)


@pytest.mark.parametrize("motif", IDEAL)
def test_ideal_motifs_are_recognised_as_pymatgen_does(motif, pymatgen_parameters):
    directions = np.ascontiguousarray(IDEAL[motif])
    found = parameters(directions)
    np.testing.assert_allclose(found, pymatgen_parameters(directions), atol=1e-6)
    assert found[MOTIFS[len(directions)].index(motif)] > 0.97


def test_neighbours_that_weigh_the_same_have_no_order(pymatgen_parameters):
    """Then the body-centered cubic motif has the mean over the orders."""
    rng = np.random.default_rng(0)
    directions = CUBE + rng.normal(scale=0.1, size=CUBE.shape)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    found = order_parameters(geometry_of(directions), 8, np.ones(8))[0]
    either = [pymatgen_parameters(order)[0] for order in (directions, directions[::-1])]
    assert found == pytest.approx(np.mean(either))
    assert either[0] != pytest.approx(either[1], abs=1e-4)


def test_only_the_first_neighbours_count():
    whole = order_parameters(geometry_of(IDEAL["cuboctahedral"]), 5, np.ones(12))
    part = order_parameters(geometry_of(IDEAL["cuboctahedral"][:5]), 5, np.ones(5))
    np.testing.assert_array_equal(whole, part)
    assert whole.shape == (MOST_MOTIFS,)


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 5, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, ["Na", "O"], rng.random((2, 3)))


SALT = Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
STRUCTURES = {
    "rock salt": SALT,
    "copper": Structure(1.8 * FACE_CENTRED, ["Cu"], [[0, 0, 0]]),
    **{f"random {seed}": random_structure(seed) for seed in range(8)},
}


@pytest.mark.parametrize(
    "name",
    [name if name in ("copper", "random 0") else pytest.param(name, marks=pytest.mark.slow) for name in STRUCTURES],
)
def test_the_statistics_are_those_of_matminer(name):
    structure = STRUCTURES[name]
    found = OrderParameters().vectors(Crystals.from_structures(Structures.from_pymatgen([structure])))[0]
    reference = SiteStatsFingerprint(OPSiteFingerprint(), stats=("mean", "std_dev", "minimum", "maximum"))
    expected = np.array(reference.featurize(structure))
    # In matminer this one depends on the order in which the neighbours are found.
    by_order = np.array(["body-centered" in column for column in OrderParameters.columns])
    np.testing.assert_allclose(found[~by_order], expected[~by_order], atol=1e-6)
    np.testing.assert_allclose(found[by_order], expected[by_order], atol=0.2)


def test_rock_salt_is_octahedral():
    found = OrderParameters().vectors(Crystals.from_structures(Structures.from_pymatgen([SALT])))[0]
    named = dict(zip(OrderParameters.columns, found, strict=True))
    assert named["least coordination 6 octahedral"] == pytest.approx(0.9995)
    assert named["largest coordination 4 tetrahedral"] == pytest.approx(0.0005)

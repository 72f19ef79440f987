"""The shares against a loop over all angles, and the angles of crystals that everybody knows."""

import math

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.bonding import Bonding
from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.angular_distribution import CUTOFF, AngularDistribution

DIAMOND = Structure(1.785 * (np.ones((3, 3)) - np.eye(3)), ["C", "C"], [[0, 0, 0], [0.25, 0.25, 0.25]])
ROCK_SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 6, 3), *rng.uniform(70, 110, 3))
    return Structure(lattice, ["Li", "O", "Fe"], rng.random((3, 3)))


def in_bin(angle: float, low: float, high: float, width: float) -> float:
    """Share of a Gaussian and of its images behind 0° and 180°."""
    images = (angle, -angle, 360.0 - angle)
    return sum(
        (math.erf((high - at) / width / math.sqrt(2)) - math.erf((low - at) / width / math.sqrt(2))) / 2
        for at in images
    )


@pytest.mark.parametrize(("step", "broadening"), [(5.0, 5.0), (20.0, 3.0)])
def test_it_is_a_sum_over_all_pairs_of_bonds(step, broadening):
    batch = crystals(random_structure(0))
    bonding = Bonding.within(batch, CUTOFF)
    pairs, expected = bonding.pairs, np.zeros(round(180 / step))
    for site in range(3):
        mine = [pair for pair in range(*pairs.offsets[site : site + 2]) if bonding.weights[pair] > 0]
        for place, one in enumerate(mine):
            for two in mine[:place]:
                cosine = pairs.vectors[one] @ pairs.vectors[two] / pairs.distances[one] / pairs.distances[two]
                angle = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
                weight = bonding.weights[one] * bonding.weights[two]
                expected += [
                    weight * in_bin(angle, step * at, step * (at + 1), broadening) for at in range(len(expected))
                ]
    found = AngularDistribution(step=step, broadening=broadening).vectors(batch)[0]
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-6, atol=1e-9)


def test_known_angles_stand_out():
    """Tetrahedra of diamond: 109.5°. Octahedra of rock salt: 90°, and a quarter as many 180° (three to twelve)."""
    maker = AngularDistribution(step=10.0, broadening=1.0)
    diamond, salt = maker.vectors(crystals(DIAMOND, ROCK_SALT))
    assert diamond.argmax() == 10
    assert diamond[10:12].sum() > 0.6
    assert salt[8:10].sum() > salt[17] > 0.05


def test_shares_sum_to_one_and_atoms_without_angles_have_none():
    lonely = Structure(Lattice.cubic(40.0), ["H"], [[0, 0, 0]])
    molecule = Structure(Lattice.cubic(40.0), ["H", "H"], [[0, 0, 0], [0.0185, 0, 0]])
    unknown = Structure(Lattice.cubic(3.5), ["Es"], [[0, 0, 0]])
    found = AngularDistribution().vectors(crystals(lonely, molecule, DIAMOND, unknown, ROCK_SALT))
    assert np.isnan(found[[0, 1, 3]]).all()
    np.testing.assert_allclose(found[[2, 4]].sum(axis=1), 1.0)

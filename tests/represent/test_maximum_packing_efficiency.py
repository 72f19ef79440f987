"""Packing against matminer's, and against the textbook's values for lattices of equal spheres."""

import math

import numpy as np
import pytest
from matminer.featurizers.structure.order import MaximumPackingEfficiency as Reference
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.maximum_packing_efficiency import MaximumPackingEfficiency

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
BODY_CENTRED = np.ones((3, 3)) - 2 * np.eye(3)


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 7, 3), *rng.uniform(70, 110, 3))
    return Structure(lattice, ["Fe"] * (seed + 2), rng.random((seed + 2, 3)))


def found(*structures: Structure) -> np.ndarray:
    vectors = MaximumPackingEfficiency().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))
    return vectors[:, 0]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_that_of_matminer(seed):
    structure = random_structure(seed)
    assert found(structure)[0] == pytest.approx(Reference().featurize(structure)[0], rel=1e-6)


@pytest.mark.parametrize(
    ("vectors", "packing"),
    [
        (np.eye(3), math.pi / 6),
        (BODY_CENTRED, math.pi * math.sqrt(3) / 8),
        (FACE_CENTRED, math.pi * math.sqrt(2) / 6),
    ],
)
def test_packing_of_equal_spheres(vectors, packing):
    assert found(Structure(3.0 * vectors, ["Po"], [[0.1, 0.2, 0.3]]))[0] == pytest.approx(packing)


def test_near_and_far_atoms_in_one_batch():
    dense, open_, lonely = (Structure(Lattice.cubic(a), ["Po"], [[0, 0, 0]]) for a in (3.0, 20.0, 60.0))
    np.testing.assert_allclose(found(open_, dense, lonely), [math.pi / 6, math.pi / 6, np.nan])

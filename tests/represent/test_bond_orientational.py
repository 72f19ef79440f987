"""The parameters against matminer's spherical harmonics, and the closed forms for cubic cells."""

import numpy as np
import pytest
from matminer.featurizers.site.bonding import BondOrientationalParameter
from matminer.featurizers.structure.sites import SiteStatsFingerprint
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.bond_orientational import BondOrientational

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
STATISTICS = ("minimum", "maximum", "range", "mean", "avg_dev")


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 7, 3), *rng.uniform(70, 110, 3))
    return Structure(lattice, ["Fe"] * (seed + 2), rng.random((seed + 2, 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return BondOrientational().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.parametrize("seed", range(4))
def test_it_is_that_of_matminer(seed):
    structure = random_structure(seed)
    reference = SiteStatsFingerprint(BondOrientationalParameter(), stats=STATISTICS)
    np.testing.assert_allclose(vectors(structure)[0], reference.featurize(structure), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("cell", "fourth", "sixth"), [(FACE_CENTRED, 0.1909407, 0.5745243), (np.eye(3), 0.7637626, 0.3535534)]
)
def test_cubic_lattices_have_their_closed_forms(cell, fourth, sixth):
    """Twelve equal neighbours: sqrt(7 / 192) and sqrt(169 / 512); six: sqrt(7 / 12) and sqrt(1 / 8)."""
    found = dict(zip(BondOrientational.columns, vectors(Structure(3 * cell, ["Po"], [[0, 0, 0]]))[0], strict=True))
    assert found["mean q4"] == pytest.approx(fourth, abs=1e-6)
    assert found["largest q6"] == pytest.approx(sixth, abs=1e-6)
    for odd in (1, 3, 5, 7, 9):
        assert found[f"largest q{odd}"] == pytest.approx(0, abs=1e-6)


def test_an_atom_without_neighbours_has_no_vector():
    found = vectors(Structure(Lattice.cubic(60.0), ["H"], [[0, 0, 0]]), random_structure(0))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()

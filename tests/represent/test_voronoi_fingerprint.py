"""The fingerprint against matminer's, on crystals without symmetry, and on lattices whose cells are in textbooks."""

import numpy as np
import pytest
from matminer.featurizers.site.fingerprint import VoronoiFingerprint as Reference
from matminer.featurizers.structure.sites import SiteStatsFingerprint
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.voronoi_fingerprint import VoronoiFingerprint


def random_structure(seed: int) -> Structure:
    """Dense enough for the reference, which looks no farther than 6.5 Å."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(5, 6, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, ["Fe"] * 12, rng.random((12, 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return VoronoiFingerprint().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.parametrize("seed", range(5))
def test_it_is_that_of_matminer(seed):
    structure = random_structure(seed)
    reference = SiteStatsFingerprint(Reference(), stats=("mean", "std_dev", "minimum", "maximum"))
    np.testing.assert_allclose(vectors(structure)[0], reference.featurize(structure), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("cell", "faces"),
    [
        (np.ones((3, 3)) - 2 * np.eye(3), {4: 6, 6: 8}),
        (np.ones((3, 3)) - np.eye(3), {4: 12}),
        (np.eye(3), {4: 6}),
    ],
)
def test_cells_of_the_cubic_lattices(cell, faces):
    found = dict(zip(VoronoiFingerprint.columns, vectors(Structure(2.0 * cell, ["Fe"], [[0, 0, 0]]))[0], strict=True))
    for edges in range(3, 11):
        assert found[f"mean faces with {edges} edges"] == faces.get(edges, 0)
        share = faces.get(edges, 0) / sum(faces.values())
        assert found[f"largest share of faces with {edges} edges"] == pytest.approx(share)
    assert found["mean cell volume (Å³)"] == pytest.approx(8.0 * abs(np.linalg.det(cell)))

"""Dimensions of bond networks of crystals that everybody knows, and of the same crystals in other cells."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.percolation import dimension_thresholds
from matscout.data.structures import Structures

GRAPHITE = Structure.from_spacegroup(
    "P6_3/mmc", Lattice.hexagonal(2.46, 6.71), ["C", "C"], [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25]]
)
SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
CHAIN = Structure(Lattice.tetragonal(4.4, 2.4), ["Se"], [[0, 0, 0]])
MOLECULE = Structure(Lattice.cubic(5.0), ["N", "N"], [[0.39, 0.5, 0.5], [0.61, 0.5, 0.5]])
HELICES = Structure.from_spacegroup("P3_121", Lattice.hexagonal(4.37, 4.95), ["Se"], [[0.225, 0, 1 / 3]])


def thresholds(*structures: Structure) -> np.ndarray:
    crystals = Crystals.from_structures(Structures.from_pymatgen(structures))
    pairs = pairs_within(crystals, 6.0)
    return dimension_thresholds(crystals.offsets, pairs.offsets, pairs.second, pairs.shifts, pairs.distances)


@pytest.mark.parametrize(
    ("structure", "chain", "layer", "framework"),
    [
        (GRAPHITE, 1.42, 1.42, 3.355),
        (SALT, 2.82, 2.82, 2.82),
        (CHAIN, 2.4, 4.4, 4.4),
        (MOLECULE, 3.9, 5.0, 5.0),
        (HELICES, 2.37, 3.44, 3.44),
    ],
)
def test_known_crystals(structure, chain, layer, framework):
    np.testing.assert_allclose(thresholds(structure)[0], [chain, layer, framework], atol=0.01)


def test_other_cells_give_the_same():
    rng = np.random.default_rng(0)
    for structure in (GRAPHITE, CHAIN, MOLECULE, HELICES):
        other = structure.copy()
        other.make_supercell([[2, 0, 0], [1, 1, 0], [0, 0, 2]])
        order = rng.permutation(len(other))
        shuffled = Structure(other.lattice, [other[i].species for i in order], other.frac_coords[order] + rng.random(3))
        np.testing.assert_allclose(thresholds(shuffled), thresholds(structure), atol=1e-6)


def test_what_the_pairs_do_not_reach_is_told():
    far = Structure(Lattice.orthorhombic(3.0, 20.0, 20.0), ["Xe"], [[0, 0, 0]])
    assert thresholds(far)[0].tolist() == [3.0, np.inf, np.inf]


def test_interpenetrating_frameworks_are_frameworks():
    """Cuprite: two nets of Cu2O that share no bond."""
    cuprite = Structure.from_spacegroup(
        "Pn-3m", Lattice.cubic(4.27), ["Cu", "O"], [[0.25, 0.25, 0.25], [0, 0, 0]], tol=0.01
    )
    assert thresholds(cuprite)[0, 2] == pytest.approx(4.27 * 3**0.5 / 4, abs=1e-3)

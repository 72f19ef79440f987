"""Bond weights and angles against plain loops, spherical harmonics, and crystals whose numbers are in textbooks."""

import math

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from scipy.special import sph_harm_y

from matscout.crystal.bonding import Bonding
from matscout.crystal.bonds import bond_angles
from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures

FCC = Structure.from_spacegroup("Fm-3m", Lattice.cubic(3.61), ["Cu"], [[0, 0, 0]])
SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
BLENDE = Structure.from_spacegroup("F-43m", Lattice.cubic(5.41), ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]])
DIAMOND = Structure.from_spacegroup("Fd-3m", Lattice.cubic(3.567), ["C"], [[0, 0, 0]])
ODD = Structure(
    Lattice.from_parameters(4.1, 5.2, 6.7, 71, 85, 113), ["Fe", "O", "S"], np.random.default_rng(0).random((3, 3))
)


def bonding(*structures: Structure) -> Bonding:
    return Bonding.within(Crystals.from_structures(Structures.from_pymatgen(structures)), 6.0)


def angles(found: Bonding) -> tuple[np.ndarray, np.ndarray]:
    pairs = found.pairs
    return bond_angles(pairs.offsets, pairs.vectors, pairs.distances, found.weights)


@pytest.mark.parametrize(("structure", "number"), [(FCC, 12), (BLENDE, 4), (DIAMOND, 4)])
def test_coordination_of_simple_crystals(structure, number):
    np.testing.assert_allclose(bonding(structure).coordination, number, rtol=0.02)


def test_weights_are_those_of_the_equation():
    found = bonding(ODD)
    pairs = found.pairs
    for site in range(3):
        near = range(pairs.offsets[site], pairs.offsets[site + 1])
        scaled = [pairs.distances[p] / (found.radius[site] + found.radius[pairs.second[p]]) for p in near]
        shares = [math.exp(1 - (x / min(scaled)) ** 6) for x in scaled]
        mean = sum(share * x for share, x in zip(shares, scaled, strict=True)) / sum(shares)
        expected = [math.exp(1 - (x / mean) ** 6) for x in scaled]
        np.testing.assert_allclose(found.weights[near.start : near.stop], expected, atol=1e-6)


def test_angles_are_those_of_spherical_harmonics():
    found = bonding(ODD, FCC)
    pairs, (steinhardt, spread) = found.pairs, angles(found)
    for site in range(4):
        near = slice(pairs.offsets[site], pairs.offsets[site + 1])
        w, v = found.weights[near], pairs.vectors[near] / pairs.distances[near][:, None]
        polar, azimuth = np.arccos(v[:, 2].clip(-1, 1)), np.arctan2(v[:, 1], v[:, 0])
        for place, order in enumerate((1, 2, 3, 4, 6)):
            moments = [(w * sph_harm_y(order, m, polar, azimuth)).sum() / w.sum() for m in range(-order, order + 1)]
            q = math.sqrt(4 * math.pi / (2 * order + 1) * sum(abs(moment) ** 2 for moment in moments))
            assert steinhardt[site, place] == pytest.approx(q, abs=1e-6)
        both, cosines = np.outer(w, w) * (1 - np.eye(len(w))), v @ v.T
        mean = np.average(cosines, weights=both)
        assert spread[site] == pytest.approx(math.sqrt(np.average((cosines - mean) ** 2, weights=both)), abs=1e-6)


def test_order_parameters_of_a_close_packing():
    """Values of ten Wolde's table for fcc: J. Chem. Phys. 104, 9932 (1996), doi:10.1063/1.471721."""
    steinhardt, _ = angles(bonding(FCC))
    np.testing.assert_allclose(steinhardt[0, [0, 2]], 0.0, atol=1e-6)
    assert steinhardt[0, 3] == pytest.approx(0.191, abs=0.005)
    assert steinhardt[0, 4] == pytest.approx(0.575, abs=0.005)


def test_half_an_atom_counts_half():
    half = FCC.copy()
    half.replace_species({"Cu": {"Cu": 0.5}})
    np.testing.assert_allclose(bonding(half).weights, 0.5 * bonding(FCC).weights, atol=1e-6)


def test_an_atom_alone_has_no_bonds():
    found = bonding(Structure(Lattice.cubic(30.0), ["H"], [[0.5, 0.5, 0.5]]), SALT)
    assert np.isnan(found.coordination[0])
    assert np.isfinite(found.coordination[1:]).all()
    assert np.isnan(found.extreme(found.pairs.distances, largest=False)[0])

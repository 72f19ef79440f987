"""Moduli from energies against second derivatives of pair potentials, which are sums that can be written down."""

import itertools

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.simulate.elastic_response import strained, voigt_moduli
from matscout.simulate.energies import GIGAPASCAL

IMAGES = np.array(list(itertools.product(range(-6, 7), repeat=3)))
VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
FCC = np.array([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]])
A12, A6 = 12.132, 14.454
"""Sums over the fcc lattice: N. W. Ashcroft, N. D. Mermin, Solid State Physics (1976), table 20.2."""
SITES = {"monatomic": [[0, 0, 0]], "with a motif": [[0, 0, 0], [0.31, 0.24, 0.17]]}


def vectors(structure: Structure) -> np.ndarray:
    """From each site to all images of all sites, without the way to itself, [p, 3]."""
    there = (structure.frac_coords[:, None] + IMAGES).reshape(-1, 3) @ structure.lattice.matrix
    found = (there[None] - structure.cart_coords[:, None]).reshape(-1, 3)
    return found[np.linalg.norm(found, axis=1) > 1e-9]


def lennard_jones(structure: Structure) -> float:
    """Depth 1 eV, sigma 1 Å; the same pairs whatever the strain, so that nothing is cut off."""
    squares = (vectors(structure) ** 2).sum(axis=1)
    return float(2.0 * (squares**-6 - squares**-3).sum())


def energies(cells: Crystals) -> np.ndarray:
    """Of each of the cells."""
    return np.array([lennard_jones(cell) for cell in as_structures(cells)])


def as_structures(cells: Crystals) -> list[Structure]:
    places = np.split(cells.fractional, cells.offsets[1:-1])
    return [
        Structure(lattice, ["Ar"] * len(sites), sites) for lattice, sites in zip(cells.lattices, places, strict=True)
    ]


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def stiffness(structure: Structure) -> np.ndarray:
    """Born's sum for a pair potential: 1 / 2V of (u'' - u' / r) r_i r_j r_k r_l / r^2 over all pairs, in GPa."""
    pairs = vectors(structure)
    r = np.linalg.norm(pairs, axis=1)
    slope = 4.0 * (-12.0 * r**-13 + 6.0 * r**-7)
    curvature = 4.0 * (156.0 * r**-14 - 42.0 * r**-8)
    weights = (curvature - slope / r) / r**2 / (2.0 * structure.volume) * GIGAPASCAL
    products = np.stack([pairs[:, i] * pairs[:, j] for i, j in VOIGT], axis=1)
    return np.einsum("p,pi,pj->ij", weights, products, products)


def fcc() -> Structure:
    """At the distance at which the sums over the lattice have no stress."""
    return Structure(Lattice(np.sqrt(2.0) * (2.0 * A12 / A6) ** (1 / 6) * FCC), ["Ar"], [[0, 0, 0]])


def triclinic(sites: list[list[float]]) -> Structure:
    """Stressed, without any symmetry."""
    return Structure(Lattice.from_parameters(1.5, 1.7, 1.9, 81, 95, 103), ["Ar"] * len(sites), sites)


def test_bulk_modulus_of_the_lennard_jones_crystal():
    """Ashcroft and Mermin, eq. 20.12: 4 A12 (A6 / A12)^(5/2) = 75 in units of depth / sigma^3; here the sums end."""
    expected = 4.0 * A12 * (A6 / A12) ** 2.5
    assert expected == pytest.approx(75, abs=0.5)
    found = voigt_moduli(crystals(fcc()), energies, 1e-3)
    assert found.bulk / GIGAPASCAL == pytest.approx(expected, rel=4e-3)


def test_voigt_moduli_are_those_of_the_whole_tensor():
    structures = [fcc(), *(triclinic(sites) for sites in SITES.values())]
    found = voigt_moduli(crystals(*structures), energies, 1e-3)
    for place, structure in enumerate(structures):
        tensor = stiffness(structure)
        diagonal, off = tensor.diagonal(), tensor[0, 1] + tensor[0, 2] + tensor[1, 2]
        shear = (diagonal[:3].sum() - off + 3 * diagonal[3:].sum()) / 15
        assert (found.bulk[place], found.shear[place]) == pytest.approx((tensor[:3, :3].sum() / 9, shear), rel=1e-3)


def test_fifteen_energies_of_each_crystal_are_enough():
    asked = []

    def nothing(cells: Crystals) -> np.ndarray:
        asked.append(len(cells))
        return np.zeros(len(cells))

    found = voigt_moduli(crystals(fcc(), triclinic(SITES["monatomic"])), nothing)
    assert found.bulk.tolist() == found.shear.tolist() == [0.0, 0.0]
    assert asked == [30]


def test_the_error_goes_with_the_square_of_the_strain():
    exact = stiffness(fcc())[:3, :3].sum() / 9
    errors = [voigt_moduli(crystals(fcc()), energies, strain).bulk[0] - exact for strain in (4e-3, 2e-3)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.05)


def test_strain_is_lagrangian_and_keeps_the_fractions():
    structures = [triclinic(SITES["with a motif"]), fcc()]
    strains = np.array([[0.02, -0.01, 0.03, 0.04, -0.02, 0.06], np.zeros(6)])
    tensor = np.array([[0.02, 0.03, -0.01], [0.03, -0.01, 0.02], [-0.01, 0.02, 0.03]])
    moved = as_structures(strained(crystals(*structures), strains))
    for place, structure in enumerate(structures):
        under, untouched = moved[2 * place : 2 * place + 2]
        metric = structure.lattice.matrix @ (np.eye(3) + 2 * tensor) @ structure.lattice.matrix.T
        np.testing.assert_allclose(under.lattice.matrix @ under.lattice.matrix.T, metric, atol=1e-12)
        np.testing.assert_allclose(untouched.lattice.matrix, structure.lattice.matrix, atol=1e-12)
        np.testing.assert_allclose(under.frac_coords, structure.frac_coords, atol=1e-15)

"""Bonds against pymatgen's CrystalNN, and crystals whose bonds are in textbooks."""

import math

import numpy as np
import pytest
from pymatgen.analysis.local_env import CrystalNN
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.bond_statistics import BondStatistics

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 6, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, rng.choice(["Na", "O", "Si", "Fe"], 6), rng.random((6, 3)))


def described(*structures: Structure) -> list[dict[str, float]]:
    found = BondStatistics().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))
    return [dict(zip(BondStatistics.columns, row, strict=True)) for row in found]


@pytest.mark.filterwarnings("ignore:No oxidation states", "ignore:CrystalNN")
@pytest.mark.parametrize("seed", range(6))
def test_bonds_are_those_of_pymatgen(seed):
    structure, search = random_structure(seed), CrystalNN()
    (found,) = described(structure)
    lengths, nearest = [], [min(row[row > 0]) for row in np.array(structure.distance_matrix)]
    for site in range(len(structure)):
        bonds = search.get_nn_info(structure, site)
        lengths.append([structure[site].distance(bond["site"], jimage=(0, 0, 0)) for bond in bonds])
    expected = {
        "shortest bond (Å)": [min(of) if of else near for of, near in zip(lengths, nearest, strict=True)],
        "mean bond (Å)": [np.mean(of) if of else near for of, near in zip(lengths, nearest, strict=True)],
        "longest bond (Å)": [max(of) if of else near for of, near in zip(lengths, nearest, strict=True)],
        "coordination number": [len(of) for of in lengths],
    }
    for name, values in expected.items():
        for statistic, function in (("mean", np.mean), ("deviation", np.std), ("least", np.min), ("largest", np.max)):
            assert found[f"{statistic} {name}"] == pytest.approx(function(values))
    for number in range(1, 13):
        share = np.mean(np.array(expected["coordination number"]) == number)
        assert found[f"share of sites with coordination number {number}"] == pytest.approx(share)


def test_rock_salt_diamond_and_a_noble_gas():
    salt = Structure(2.82 * FACE_CENTRED, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    diamond = Structure(1.7835 * FACE_CENTRED, ["C", "C"], [[0, 0, 0], [0.25, 0.25, 0.25]])
    argon = Structure(2.63 * FACE_CENTRED, ["Ar"], [[0, 0, 0]])
    for found, number, length in zip(
        described(salt, diamond, argon), (6, 4, 0), (2.82, 1.7835 * math.sqrt(3) / 2, 2.63 * math.sqrt(2)), strict=True
    ):
        assert found["mean coordination number"] == number
        assert found["largest mean bond (Å)"] == pytest.approx(length)
        assert sum(found[f"share of sites with coordination number {n}"] for n in range(1, 13)) == (number > 0)
    assert found["mean effective coordination number"] == pytest.approx(12, abs=0.1)


def test_rutile_has_sites_of_two_kinds():
    """Titanium has six bonds, oxygen three (W. H. Baur, A. A. Khan, doi:10.1107/S0567740871005466)."""
    u, height = 0.3048, 2.9587
    sites = [[0, 0, 0], [0.5, 0.5, 0.5], [u, u, 0], [-u, -u, 0], [0.5 + u, 0.5 - u, 0.5], [0.5 - u, 0.5 + u, 0.5]]
    (found,) = described(Structure(Lattice.tetragonal(4.5937, height), ["Ti"] * 2 + ["O"] * 4, sites))
    assert found["share of sites with coordination number 6"] == pytest.approx(1 / 3)
    assert found["share of sites with coordination number 3"] == pytest.approx(2 / 3)
    assert found["mean coordination number"] == pytest.approx(4)
    assert found["least shortest bond (Å)"] == pytest.approx(1.949, abs=2e-3)
    assert found["largest longest bond (Å)"] == pytest.approx(1.980, abs=2e-3)


def test_an_atom_alone_has_its_images():
    far, near = described(
        Structure(Lattice.cubic(40.0), ["H"], [[0.5, 0.5, 0.5]]), Structure(Lattice.cubic(3.35), ["Po"], [[0, 0, 0]])
    )
    assert far["mean shortest bond (Å)"] == 40
    assert math.isnan(far["mean effective coordination number"])
    assert near["mean coordination number"] == 6

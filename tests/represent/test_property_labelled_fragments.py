"""Fragments against loops over atoms of a block of cells, with bonds from pymatgen's Voronoi cells."""

import itertools
import warnings

import numpy as np
import pytest
from pymatgen.analysis.local_env import VoronoiNN
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.data.structures import Structures
from matscout.represent.descriptors.property_labelled_fragments import PROPERTIES, PropertyLabelledFragments

SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
DIAMOND = Structure(1.785 * (np.ones((3, 3)) - np.eye(3)), ["C", "C"], [[0, 0, 0], [0.25, 0.25, 0.25]])


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 5, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, rng.choice(["Li", "O", "Si", "Fe"], 5), rng.random((5, 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return PropertyLabelledFragments().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


def named(structure: Structure) -> dict[str, float]:
    return dict(zip(PropertyLabelledFragments.columns, vectors(structure)[0], strict=True))


def bonds(structure: Structure) -> list[list[tuple[int, ...]]]:
    """The other site and its cell, for the bonds of each site."""
    radius = [own_table("magpie").column("CovalentRadius")[site.specie.Z - 1] / 100 for site in structure]
    found = []
    for site in range(len(structure)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            faces = VoronoiNN(cutoff=8.0, allow_pathological=True).get_voronoi_polyhedra(structure, site).values()
        found.append([
            (int(face["site"].index), *map(int, face["site"].image)) for face in faces
            if face["solid_angle"] >= 0.04 * np.pi
            and 2 * face["face_dist"] < radius[site] + radius[face["site"].index] + 0.25
        ])  # fmt: skip
    return found


def brute_force(structure: Structure) -> list[float]:
    bonded = bonds(structure)

    def around(atom: tuple[int, ...]) -> list[tuple[int, ...]]:
        return [(b[0], *(x + y for x, y in zip(b[1:], atom[1:], strict=True))) for b in bonded[atom[0]]]

    def distance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
        places = [structure.lattice.get_cartesian_coords(structure[a[0]].frac_coords + a[1:]) for a in (one, other)]
        return float(np.linalg.norm(places[1] - places[0]))

    walks = {0: [((site, 0, 0, 0),) for site in range(len(structure))]}
    for length in (1, 2, 3):
        walks[length] = [(*walk, b) for walk in walks[length - 1] for b in around(walk[-1]) if b not in walk]
    ends = {length: [(w[0], w[-1], distance(w[0], w[-1])) for w in walks[length]] for length in (1, 2, 3)}
    found = [len(ends[length]) / 2 / len(structure) for length in (1, 2, 3)]
    stars = []
    for name, power in itertools.product(PROPERTIES, (0, 2)):
        q = [own_table("magpie").column(name)[site.specie.Z - 1] for site in structure]
        values = (lambda a, b, q=q: q[a[0]] * q[b[0]], lambda a, b, q=q: abs(q[a[0]] - q[b[0]]))
        for length, value in itertools.product((1, 2, 3), values):
            terms = [value(a, b) / d**power for a, b, d in ends[length]]
            found.append(np.mean(terms) if terms else 0.0)
        for value in values:
            sums = [sum(value(a, b) / d**power for a, b, d in ends[1] if a[0] == s) for s in range(len(structure))]
            stars += [np.mean(sums), np.std(sums)]
    return found + stars


@pytest.mark.parametrize("structure", [*(random_structure(seed) for seed in range(3)), SALT, DIAMOND])
def test_vectors_are_those_of_loops_over_atoms(structure):
    np.testing.assert_allclose(vectors(structure)[0], brute_force(structure), rtol=1e-6, atol=1e-6)


def test_paths_of_diamond():
    """Four bonds each: 4 / 2 paths of one bond per atom, 4 * 3 / 2 of two, 4 * 3 * 3 / 2 of three."""
    found = named(DIAMOND)
    assert [found[f"paths of {length} per atom"] for length in ("one bond", "two bonds", "three bonds")] == [2, 6, 18]
    assert found["mean Number product of paths of two bonds"] == 36
    bond = 1.785 * 3**0.5 / 2
    assert found["mean Number product / distance² of paths of one bond (1/Å²)"] == pytest.approx(36 / bond**2)
    assert found["mean Number product of stars"] == 144
    assert found["mean Electronegativity difference of stars"] == 0


def test_where_there_are_no_bonds_there_are_zeros_and_blank_properties_stay_blank():
    solid, lonely = Structure(2.65 * (np.ones((3, 3)) - np.eye(3)), ["Ar"], [[0, 0, 0]]), Lattice.cubic(60.0)
    heavy = Structure(Lattice.cubic(4.0), ["Og"], [[0, 0, 0]])
    found = vectors(solid, Structure(lonely, ["H"], [[0, 0, 0]]), heavy)
    blank = np.isnan(found[0])
    assert {name for name, no in zip(PropertyLabelledFragments.columns, blank, strict=True) if no} == {
        name for name in PropertyLabelledFragments.columns if "Electronegativity" in name
    }
    assert not found[0][~blank].any()
    assert not found[1].any()
    assert np.isnan(found[2]).all()

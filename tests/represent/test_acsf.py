"""Symmetry functions against DScribe's where all atoms count alike, and against loops in Python where they do not."""

import itertools

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.acsf import ANGULAR, CENTRES, FUNCTIONS, RADIAL_SHARPNESS, Acsf

CRYSTAL = Structure(Lattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "Fe", "O"],
                    [[0.1, 0.1, 0.1], [0.6, 0.1, 0.3], [0.1, 0.6, 0.6]])  # fmt: skip
ELECTRONEGATIVITY = {"Li": 0.98, "Fe": 1.83, "O": 3.44}


def features(structure: Structure, **options) -> dict[str, float]:
    maker = Acsf(**options)
    vector = maker.vectors(Crystals.from_structures(Structures.from_pymatgen([structure])))[0]
    return dict(zip(maker.columns, vector, strict=True))


def damping(distance: float, cutoff: float) -> float:
    return 0.5 * (np.cos(np.pi * distance / cutoff) + 1.0) if distance < cutoff else 0.0


def in_loops(structure: Structure, cutoff: float) -> np.ndarray:
    """All functions of all sites, weighted with electronegativities, as they are defined; [sites, functions]."""
    found = np.zeros((len(structure), len(FUNCTIONS)))
    for number, site in enumerate(structure):
        near = structure.get_neighbors(site, cutoff)
        for one in near:
            weight = ELECTRONEGATIVITY[one.specie.symbol] * damping(one.nn_distance, cutoff)
            found[number, : len(CENTRES)] += [
                weight * np.exp(-RADIAL_SHARPNESS * (one.nn_distance - centre) ** 2) for centre in CENTRES
            ]
        for one, other in itertools.combinations(near, 2):
            a, b = one.coords - site.coords, other.coords - site.coords
            sides = [np.linalg.norm(a), np.linalg.norm(b), np.linalg.norm(a - b)]
            weight = ELECTRONEGATIVITY[one.specie.symbol] * ELECTRONEGATIVITY[other.specie.symbol]
            weight *= np.prod([damping(side, cutoff) for side in sides])
            cosine = a @ b / sides[0] / sides[1]
            found[number, len(CENTRES) :] += [
                weight * 2 ** (1 - power) * (1 + sign * cosine) ** power * np.exp(-sharp * np.square(sides).sum())
                for sharp, power, sign in ANGULAR
            ]
    return found


def test_atoms_that_count_alike_have_the_functions_of_dscribe():
    descriptors = pytest.importorskip("dscribe.descriptors")
    copper = CRYSTAL.copy()
    for number in range(3):
        copper.replace(number, "Cu")
    reference = descriptors.ACSF(
        r_cut=6.0, g2_params=[[RADIAL_SHARPNESS, centre] for centre in CENTRES], g4_params=[*map(list, ANGULAR)],
        species=["Cu"], periodic=True,
    )  # fmt: skip
    # Its first function is the sum of the damping, always.
    sites, found = reference.create(AseAtomsAdaptor.get_atoms(copper))[:, 1:], features(copper)
    for name, mean, deviation in zip(FUNCTIONS, sites.mean(axis=0), sites.std(axis=0), strict=True):
        assert found[f"mean atoms {name}"] == pytest.approx(mean, rel=1e-6)
        assert found[f"deviation atoms {name}"] == pytest.approx(deviation, rel=1e-6, abs=1e-9)
        assert found[f"mean electronegativity {name}"] == pytest.approx(
            mean * 1.9 ** (2 if "angles" in name else 1), rel=1e-6
        )


def test_neighbours_count_with_their_properties():
    sites, found = in_loops(CRYSTAL, 4.0), features(CRYSTAL, cutoff=4.0)
    for name, mean, deviation in zip(FUNCTIONS, sites.mean(axis=0), sites.std(axis=0), strict=True):
        assert found[f"mean electronegativity {name}"] == pytest.approx(mean, rel=1e-9, abs=1e-12)
        assert found[f"deviation electronegativity {name}"] == pytest.approx(deviation, rel=1e-9, abs=1e-12)


def test_a_shared_site_counts_with_what_is_on_it():
    rock_salt = [[0, 0, 0], [0.5, 0.5, 0.5]]
    cell = 2.2 * (np.ones((3, 3)) - np.eye(3))
    pure, mixed = (features(Structure(cell, [metal, "O"], rock_salt)) for metal in ("Mg", {"Mg": 0.5, "Ni": 0.5}))
    name = "atoms near 2 Å"
    assert mixed[f"mean {name}"] == pytest.approx(pure[f"mean {name}"])
    half = features(Structure(cell, [{"Mg": 0.5}, "O"], rock_salt))
    alike = features(Structure(cell, ["Mg"], [[0, 0, 0]]))[f"mean {name}"]
    other = pure[f"mean {name}"] - alike
    expected = (0.5 * (0.5 * alike + other) + 1.0 * (alike + 0.5 * other)) / 1.5
    assert half[f"mean {name}"] == pytest.approx(expected)


def test_only_what_is_not_known_of_an_element_is_blank():
    found = features(Structure(Lattice.cubic(4.0), ["Ar"], [[0, 0, 0]]))
    assert {name for name, value in found.items() if np.isnan(value)} == {
        name for name in found if " electronegativity " in name
    }

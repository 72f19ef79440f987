"""Which atoms are joined, against the coordination numbers of textbooks and distances of pymatgen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.bonds import bonds_of, main_species, molecules
from matscout.crystal.crystals import Crystals
from matscout.data.elements import SYMBOLS
from matscout.data.structures import Structures

pytestmark = pytest.mark.small

CO2 = Structure.from_spacegroup("Pa-3", Lattice.cubic(5.624), ["C", "O"], [[0.0, 0.0, 0.0], [0.1185, 0.1185, 0.1185]])
THREEFOLD = Lattice.hexagonal(4.913, 5.405)
TEXTBOOK = {
    "perovskite": (
        Structure.from_spacegroup(
            "Pm-3m", Lattice.cubic(3.905), ["Sr", "Ti", "O"], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0]]
        ),
        {"Sr": {}, "Ti": {"O": 6}, "O": {"Ti": 2}},
    ),
    "rock salt": (
        Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        {"Na": {"Cl": 6}, "Cl": {"Na": 6}},
    ),
    "caesium chloride": (
        Structure(Lattice.cubic(4.123), ["Cs", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        {"Cs": {"Cl": 8}, "Cl": {"Cs": 8}},
    ),
    "silicon": (Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.431), ["Si"], [[0, 0, 0]]), {"Si": {"Si": 4}}),
    "quartz": (
        Structure.from_spacegroup("P3_221", THREEFOLD, ["Si", "O"], [[0.4697, 0, 2 / 3], [0.4135, 0.2669, 0.7857]]),
        {"Si": {"O": 4}, "O": {"Si": 2}},
    ),
    "rutile": (
        Structure.from_spacegroup(
            "P4_2/mnm", Lattice.tetragonal(4.594, 2.959), ["Ti", "O"], [[0, 0, 0], [0.3053, 0.3053, 0]]
        ),
        {"Ti": {"O": 6}, "O": {"Ti": 3}},
    ),
    "iron": (Structure(Lattice.cubic(2.866), ["Fe", "Fe"], [[0, 0, 0], [0.5, 0.5, 0.5]]), {"Fe": {"Fe": 8}}),
    "dry ice": (CO2, {"C": {"O": 2}, "O": {"C": 1}}),
    "graphite": (
        Structure.from_spacegroup(
            "P6_3/mmc", Lattice.hexagonal(2.464, 6.711), ["C", "C"], [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25]]
        ),
        {"C": {"C": 3}},
    ),
    "shared and partly vacant": (
        Structure.from_spacegroup(
            "Fm-3m", Lattice.cubic(5.9), [{"K": 0.3, "Na": 0.5}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
        ),
        {"Na": {"Cl": 6}, "Cl": {"Na": 6}},
    ),
}


def crystal(structure: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen([structure]))


@pytest.mark.parametrize("name", TEXTBOOK)
def test_coordination_of_textbook_crystals(name: str) -> None:
    structure, expected = TEXTBOOK[name]
    made = crystal(structure)
    graph = bonds_of(made)
    names = [SYMBOLS[number - 1] for number in made.atomic_numbers[main_species(made)]]
    for site, own in enumerate(names):
        assert dict(Counter(names[other] for other in graph.second[graph.first == site])) == expected[own], own
    # Every bond is as long as pymatgen says, and known from both ends.
    images = zip(graph.first, graph.second, graph.shifts, strict=True)
    lengths = [structure.get_distance(one, two, jimage=shift) for one, two, shift in images]
    positions = made.positions
    found = positions[graph.second] + graph.shifts @ made.lattices[0] - positions[graph.first]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), lengths, atol=1e-9)
    assert len(graph.mutual().second) == len(graph.second)


def test_molecules_are_found_over_the_borders_of_the_cell() -> None:
    made = crystal(CO2)
    molecule, cells = molecules(bonds_of(made))
    assert np.bincount(molecule).tolist() == [3, 3, 3, 3]
    for number in range(4):
        sites = np.flatnonzero(molecule == number)
        carbon, *oxygen = (made.fractional + cells)[sites] @ made.lattices[0]
        np.testing.assert_allclose(np.linalg.norm(oxygen - carbon, axis=1), 5.624 * 0.1185 * np.sqrt(3.0))
        np.testing.assert_allclose(np.mean(oxygen, axis=0), carbon, atol=1e-9)


@pytest.mark.parametrize("name", ["silicon", "graphite"])
def test_frameworks_and_layers_are_no_molecules(name: str) -> None:
    structure = TEXTBOOK[name][0]
    molecule, cells = molecules(bonds_of(crystal(structure)))
    assert sorted(molecule.tolist()) == list(range(len(structure)))
    assert not cells.any()


def test_of_overlapping_sites_the_fullest_has_the_bonds() -> None:
    split = CO2.copy()
    split.replace(0, {"C": 0.7})
    split.append({"C": 0.3}, [0.05, 0.0, 0.0])
    graph = bonds_of(crystal(split))
    assert graph.coordination[[0, len(split) - 1]].tolist() == [2, 0]

"""Environments against pymatgen's neighbours, and what is told once against what is told for every site."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.environments import Environments, environments
from matscout.crystal.supercells import most_cubic, reduced, supercell_pairs
from matscout.data.structures import Structures
from matscout.represent.crystal_store import CrystalStore

ROCK_SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
LOW = Structure(
    Lattice.from_parameters(4.1, 5.0, 6.2, 80, 95, 103),
    ["Li", "Fe", "O", "O", "Si"],
    [[0, 0, 0], [0.5, 0.45, 0.5], [0.5, 0.1, 0.2], [0.1, 0.6, 0.4], [0.75, 0.8, 0.85]],
)


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def species(structure: Structure) -> np.ndarray:
    return np.unique([site.specie.Z for site in structure], return_inverse=True)[1]


def found(structure: Structure, kind: str, number: int) -> Environments:
    return environments(crystals(structure), species(structure), kind, number)


def test_equal_sites_and_equal_neighbours_are_told_once() -> None:
    told = found(ROCK_SALT, "nearest", 18)
    assert told.row_counts.tolist() == [4, 4]
    sodium = slice(*told.pairs.offsets[:2])
    # 6 of the other kind at a / 2, 12 of the same at a / sqrt(2).
    assert told.pairs.counts[sodium].tolist() == [12, 6]
    np.testing.assert_allclose(told.pairs.distances[sodium], [5.6 / np.sqrt(2), 2.8], atol=1e-9)


def test_pairs_are_pymatgens_neighbours() -> None:
    told = found(LOW, "nearest", 20)
    kinds = species(LOW)
    assert told.row_counts.tolist() == [1] * 5
    for row in range(5):
        near = sorted(LOW.get_neighbors(LOW[row], 12.0), key=lambda neighbour: neighbour.nn_distance)[:20]
        expected = sorted((int(kinds[n.index]), round(n.nn_distance, 2)) for n in near)
        its = slice(told.pairs.offsets[row], told.pairs.offsets[row + 1])
        columns = (told.pairs.kinds[its], told.pairs.distances[its], told.pairs.counts[its])
        assert [
            (int(kind), round(float(apart), 2))
            for kind, apart, count in zip(*columns, strict=True)
            for _ in range(count)
        ] == expected


def test_places_with_their_own_species_are_the_pairs() -> None:
    store = CrystalStore.from_crystals(crystals(LOW, ROCK_SALT))
    batch = store.batch(np.array([1, 0]))
    totals = [
        sorted(zip(batch.site_species[batch.places.kinds].tolist(), batch.places.distances.tolist(), strict=True)),
        sorted(zip(batch.pairs.kinds.tolist(), batch.pairs.distances.tolist(), strict=True)),
    ]
    assert {(kind, round(apart, 2)) for kind, apart in totals[0]} == {(k, round(d, 2)) for k, d in totals[1]}
    np.testing.assert_allclose(batch.over_pairs(batch.pairs.shares), 1.0, rtol=1e-6)
    assert batch.row_shares.sum().item() == pytest.approx(2.0)


@pytest.mark.parametrize("seed", range(5))
def test_distances_in_a_supercell_are_pymatgens(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 7, 3), *rng.uniform(55, 125, 3))
    structure = Structure(lattice, ["Na", "Cl", "O"], rng.random((3, 3)))
    offsets, second, distances = supercell_pairs(crystals(structure), 50)
    basis = reduced(structure.lattice.matrix)
    times = most_cubic(basis, 3, 50)
    large = Structure(Lattice(basis), structure.species, structure.cart_coords, coords_are_cartesian=True)
    large.make_supercell(np.diag(times))
    assert offsets[1] == 3 * times.prod() <= 50
    copies = len(large) // 3
    for site in range(3):
        expected = np.sort(large.lattice.get_all_distances(large[site * copies].frac_coords, large.frac_coords)[0])
        np.testing.assert_allclose(np.sort(distances[offsets[site] : offsets[site + 1]]), expected, atol=1e-6)
    assert np.bincount(second[: offsets[1]]).tolist() == [copies] * 3


@pytest.mark.parametrize("seed", range(10))
def test_a_reduced_basis_spans_the_same_lattice_with_shorter_vectors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 7, 3), *rng.uniform(70, 110, 3)).matrix
    skewed = np.array([[1, 0, 0], [rng.integers(-4, 5), 1, 0], [*rng.integers(-4, 5, 2), 1]]) @ lattice
    found = reduced(skewed)
    change = found @ np.linalg.inv(lattice)
    np.testing.assert_allclose(change, np.round(change), atol=1e-8)
    assert abs(np.linalg.det(change)) == pytest.approx(1.0)
    shortest = np.sort(np.linalg.norm(Lattice(lattice).get_niggli_reduced_lattice().matrix, axis=1))
    np.testing.assert_allclose(np.sort(np.linalg.norm(found, axis=1)), shortest, atol=1e-6)


def test_other_surroundings_are_refused() -> None:
    with pytest.raises(ValueError, match="surroundings are nearest or supercell of at least 1; got 'near' of 12"):
        found(LOW, "near", 12)


def test_a_flat_cell_is_repeated_along_its_short_axis() -> None:
    assert most_cubic(np.diag([9.0, 9.0, 3.0]), 4, 50).tolist() == [1, 1, 3]
    assert most_cubic(np.diag([4.0, 4.0, 4.0]), 60, 50).tolist() == [1, 1, 1]

"""Voronoi cells against Qhull by pymatgen, and against crystals whose cells are in textbooks."""

import math

import numpy as np
import pytest
from pymatgen.analysis.local_env import VoronoiNN
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.voronoi import VoronoiFaces, voronoi_faces
from matscout.data.structures import Structures

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
BODY_CENTRED = np.ones((3, 3)) - 2 * np.eye(3)


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 9, 3), *rng.uniform(60, 120, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe"], rng.integers(1, 9))
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def faces(*structures: Structure) -> tuple[Crystals, VoronoiFaces]:
    crystals = Crystals.from_structures(Structures.from_pymatgen(structures))
    return crystals, voronoi_faces(crystals)


@pytest.mark.parametrize(
    ("vectors", "number", "area"),
    [(np.eye(3), 6, 1.0), (FACE_CENTRED, 12, math.sqrt(2) / 2), (BODY_CENTRED, 14, None)],
)
def test_cells_of_the_cubic_lattices(vectors, number, area):
    """Cube, rhombic dodecahedron, truncated octahedron; edges and corners that planes touch are no faces."""
    _, found = faces(Structure(3.0 * vectors, ["Po"], [[0.1, 0.2, 0.3]]))
    assert len(found.second) == number
    if area is not None:
        np.testing.assert_allclose(found.areas, 9.0 * area)


@pytest.mark.parametrize("seed", range(8))
def test_faces_are_those_of_qhull(seed):
    structure = random_structure(seed)
    crystals, found = faces(structure)
    search = VoronoiNN(compute_adj_neighbors=False)
    for site in range(len(structure)):
        mine = slice(found.offsets[site], found.offsets[site + 1])
        expected = [
            (poly["solid_angle"], poly["area"], 2 * poly["face_dist"], poly["volume"])
            for poly in search.get_voronoi_polyhedra(structure, site).values()
            if poly["solid_angle"] > 1e-6
        ]
        mine_table = np.column_stack(
            [found.solid_angles[mine], found.areas[mine], found.distances[mine], found.volumes[mine]]
        )
        mine_table = mine_table[mine_table[:, 0] > 1e-6]
        order = np.argsort(mine_table[:, 0])
        np.testing.assert_allclose(mine_table[order], sorted(expected), atol=1e-7, rtol=1e-6)
    assert len(crystals) == 1


def test_cells_fill_space_and_the_sphere():
    crystals, found = faces(*(random_structure(seed) for seed in range(20, 40)))
    sites = len(crystals.fractional)
    np.testing.assert_allclose(np.bincount(found.first, found.solid_angles, minlength=sites), 4 * math.pi)
    volumes = np.bincount(found.first, found.volumes, minlength=sites)
    np.testing.assert_allclose(np.bincount(crystals.owners, volumes), crystals.volumes)


def test_every_face_has_another_side():
    _, found = faces(random_structure(3), random_structure(4))
    there = sorted(zip(found.first.tolist(), found.second.tolist(), found.areas.round(6).tolist(), strict=True))
    back = sorted(zip(found.second.tolist(), found.first.tolist(), found.areas.round(6).tolist(), strict=True))
    assert there == back


def test_empty_crystals_need_farther_neighbours_and_may_have_none_in_reach():
    wide, wider = Lattice.orthorhombic(3.0, 14.0, 25.0), Lattice.cubic(80.0)
    close = random_structure(5)
    crystals, found = faces(Structure(wide, ["Xe"], [[0, 0, 0]]), Structure(wider, ["Xe"], [[0, 0, 0]]), close)
    assert np.diff(found.offsets)[:2].tolist() == [6, 0]
    assert found.volumes[:6].sum() == pytest.approx(wide.volume)
    alone = faces(close)[1]
    np.testing.assert_array_equal(found.areas[found.offsets[2] :], alone.areas)
    assert len(crystals) == 3

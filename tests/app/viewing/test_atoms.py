"""Which atoms are shown, against counts done by hand and pymatgen's own coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from ase.data import covalent_radii
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.atoms import MOST_SITES, SIZE, frame, shown_atoms
from matscout.app.viewing.palette import VACANT
from matscout.data.structures import Structures


def one(crystal: Structure) -> Structures:
    return Structures.from_pymatgen([crystal])


def rocksalt(cation: object = "Na") -> Structures:
    crystal = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), [cation, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    return one(crystal)


def test_corners_faces_and_edges_are_shown_on_both_sides() -> None:
    shown = shown_atoms(rocksalt())
    # 8 corners and 6 faces of sodium; 12 edges and the centre of chlorine.
    found = [content[0][0] for content in shown.contents]
    assert (found.count("Na"), found.count("Cl"), len(shown)) == (14, 13, 27)
    assert shown.fractional.min() >= -0.02
    assert shown.fractional.max() <= 1.02
    assert len(np.unique(shown.positions.round(3), axis=0)) == 27
    np.testing.assert_allclose(
        shown.radii, [SIZE * np.sqrt(covalent_radii[11 if own == "Na" else 17]) for own in found]
    )


@given(st.lists(st.floats(min_value=-2.0, max_value=2.0), min_size=3, max_size=3))
def test_every_ball_is_an_image_of_the_site(place: list[float]) -> None:
    lattice = Lattice.from_parameters(4.0, 5.0, 6.0, 80.0, 95.0, 110.0)
    shown = shown_atoms(one(Structure(lattice, ["Fe"], [place])))
    differences = shown.fractional - place
    np.testing.assert_allclose(differences, differences.round(), atol=1e-9)
    assert len(shown) in (1, 2, 4, 8)
    np.testing.assert_allclose(shown.positions, lattice.get_cartesian_coords(shown.fractional), atol=1e-9)


def test_shares_of_a_site_add_up_to_one() -> None:
    shown = shown_atoms(rocksalt({"K": 0.2, "Na": 0.5}))
    parts = next(content for content in shown.contents if content[0][0] != "Cl")
    assert [kind for kind, _ in parts] == ["Na", "K", VACANT]
    np.testing.assert_allclose([share for _, share in parts], [0.5, 0.2, 0.3])
    assert shown.kinds == ("Na", "Cl", "K", VACANT)


def test_sticks_go_from_sodium_to_chlorine_and_are_half_a_cell_long() -> None:
    shown = shown_atoms(rocksalt())
    assert shown.bonds is not None
    # The 54 edges of the eight small cubes.
    assert len({tuple(bond) for bond in shown.bonds.tolist()}) == 54
    first, second = shown.bonds.T
    np.testing.assert_allclose(np.linalg.norm(shown.positions[second] - shown.positions[first], axis=1), 2.82)
    names = np.array([content[0][0] for content in shown.contents])
    assert (names[first] != names[second]).all()


def test_half_sticks_start_at_the_ball_and_meet_in_the_middle() -> None:
    shown = shown_atoms(rocksalt())
    ball, starts, middles = shown.halves
    half = len(ball) // 2
    np.testing.assert_allclose(middles[:half], middles[half:])
    np.testing.assert_allclose(np.linalg.norm(middles - shown.positions[ball], axis=1), 1.41)
    # The rim of a stick lies on the ball.
    rim = np.hypot(np.linalg.norm(starts - shown.positions[ball], axis=1), shown.stick)
    np.testing.assert_allclose(rim, shown.radii[ball])


def test_balls_of_neighbours_leave_room_for_a_stick() -> None:
    for crystal in (rocksalt(), one(Structure(Lattice.cubic(2.866), ["Fe", "Fe"], [[0, 0, 0], [0.5, 0.5, 0.5]]))):
        shown = shown_atoms(crystal)
        assert shown.bonds is not None
        first, second = shown.bonds.T
        lengths = np.linalg.norm(shown.positions[second] - shown.positions[first], axis=1)
        assert (shown.radii[first] + shown.radii[second] < 0.6 * lengths).all()


def test_molecules_are_whole() -> None:
    places = [[0, 0, 0], [0.1185, 0.1185, 0.1185]]
    shown = shown_atoms(one(Structure.from_spacegroup("Pa-3", Lattice.cubic(5.624), ["C", "O"], places)))
    # One at each corner and each face, as atoms of copper are in copper.
    assert [content[0][0] for content in shown.contents].count("C") == 14
    assert shown.bonds is not None
    assert np.bincount(shown.bonds.ravel()).tolist().count(2) == 14
    assert len(shown.bonds) == 28 == len(shown) - 14


def test_cations_have_all_their_anions() -> None:
    lattice, places = Lattice.hexagonal(4.913, 5.405), [[0.4697, 0, 2 / 3], [0.4135, 0.2669, 0.7857]]
    shown = shown_atoms(one(Structure.from_spacegroup("P3_221", lattice, ["Si", "O"], places)))
    assert shown.bonds is not None
    bonds = np.bincount(shown.bonds.ravel(), minlength=len(shown))
    silicon = [place for place, content in enumerate(shown.contents) if content[0][0] == "Si"]
    assert (bonds[silicon] == 4).all()
    assert (bonds > 0).all()


def test_large_cells_go_without_bonds() -> None:
    iron = Structure(Lattice.cubic(2.866), ["Fe", "Fe"], [[0.1, 0.1, 0.1], [0.6, 0.6, 0.6]])
    large, largest = (shown_atoms(one(iron * (5, 5, size))) for size in (6, 7))
    assert MOST_SITES == 2 * 5 * 5 * 6
    assert large.bonds is not None
    assert largest.bonds is None
    assert len(largest) == 350
    assert len(largest.halves[0]) == 0


@pytest.mark.parametrize("handed", [1.0, -1.0])
def test_the_eye_sees_the_third_vector_upright_however_the_crystal_lies(handed: float) -> None:
    rng = np.random.default_rng(3)
    lattice = Lattice.from_parameters(4.0, 5.0, 9.0, 85.0, 98.0, 117.0).matrix * [[1.0, handed, 1.0]]
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    seen = lattice @ frame(lattice)
    np.testing.assert_allclose(frame(lattice) @ frame(lattice).T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame(lattice)) == pytest.approx(1.0)
    assert seen[2, 0] == pytest.approx(0.0, abs=1e-9)
    assert seen[2, 1] > 0
    assert seen[0, 2] > 0
    np.testing.assert_allclose(lattice @ turn @ frame(lattice @ turn), seen, atol=1e-9)

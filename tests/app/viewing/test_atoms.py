"""Which atoms are shown, against counts done by hand and pymatgen's own coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.atoms import SIZE, VACANT, colours, frame, shown_atoms
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
    np.testing.assert_allclose(shown.radii, [SIZE * covalent_radii[11 if own == "Na" else 17] for own in found])


@settings(deadline=None)
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


def test_colours_are_those_of_jmol() -> None:
    found = colours(("O", "Si", VACANT))
    for symbol, number in (("O", 8), ("Si", 14)):
        np.testing.assert_allclose(to_rgb(found[symbol]), jmol_colors[number], atol=1 / 255)
    assert to_rgb(found[VACANT]) == (1.0, 1.0, 1.0)


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

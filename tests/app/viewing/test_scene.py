"""The surfaces that plotly draws, against the area and volume of a sphere."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.scene import interactive, sector, tube
from matscout.data.structures import Structures


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (0.0, 0.3), (0.45, 0.5)])
def test_a_sector_has_its_share_of_the_sphere(start: float, end: float) -> None:
    points, triangles = sector(start, end, 60)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0)
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    normals = np.cross(second - first, third - first)
    areas = np.linalg.norm(normals, axis=1) / 2.0
    # Light falls on the outside.
    assert ((normals * first).sum(axis=1) > -1e-12).all()
    assert areas.sum() == pytest.approx(4.0 * np.pi * (end - start), rel=5e-3)
    turned = np.arctan2(points[:, 1], points[:, 0]) / (2.0 * np.pi) % 1.0
    off_axis = np.hypot(points[:, 0], points[:, 1]) > 1e-9
    if end < 1.0:
        assert turned[off_axis].min() >= start - 1e-9
        assert turned[off_axis].max() <= end + 1e-9


def test_a_tube_has_the_side_of_its_prism_and_looks_outwards() -> None:
    start, end = np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.0, 3.5])
    points, triangles = tube(start, end, 0.3)
    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    normals = np.cross(second - first, third - first)
    middle, across = (start + end) / 2.0, end - start
    assert (((first + second + third) / 3.0 - middle) * normals).sum(axis=1).min() > 0.0
    side = 2.0 * 0.3 * np.sin(np.pi / (len(points) / 2)) * len(points) / 2
    areas = np.linalg.norm(normals, axis=1) / 2.0
    assert areas.sum() == pytest.approx(side * np.linalg.norm(across))


def test_bonds_tell_their_length_and_add_no_trace() -> None:
    crystal = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    text = interactive(shown_atoms(Structures.from_pymatgen([crystal])), "salt")
    own = text[text.rindex("Plotly.newPlot") :]
    assert "Na\u2013Cl 2.820 Å" in own
    assert "Cl\u2013Na 2.820 Å" in own
    assert "Na\u2013Na" not in own
    # The cell, sodium and chlorine.
    assert own.count('"type":"mesh3d"') == 2
    assert own.count('"type":"scatter3d"') == 1


def test_the_scene_loads_nothing_and_names_its_atoms() -> None:
    crystal = Structure(Lattice.cubic(4.0), [{"Fe": 0.75}, "O"], [[0.5, 0.5, 0.5], [0.25, 0.5, 0.5]])
    text = interactive(shown_atoms(Structures.from_pymatgen([crystal])), "iron")
    own = text[text.rindex("Plotly.newPlot") :]
    assert "Fe 75% (0.500, 0.500, 0.500)" in own
    assert "vacant 25% (0.500, 0.500, 0.500)" in own
    assert "O (0.250, 0.500, 0.500)" in own
    assert "<script src" not in text
    assert "<link" not in text

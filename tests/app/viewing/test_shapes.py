"""What lies before what, and the shapes of balls and sticks, against areas and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.atoms import ShownAtoms, frame, shown_atoms
from matscout.app.viewing.palette import colours
from matscout.app.viewing.shapes import EDGE_COLOUR, Shape, distances_to_lines, shapes
from matscout.data.structures import Structures


def perovskite() -> ShownAtoms:
    places = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    crystal = Structure(Lattice.cubic(3.905), ["Sr", "Ti", "O", "O", "O"], places)
    return shown_atoms(Structures.from_pymatgen([crystal]))


def area(corners: NDArray[np.float64]) -> float:
    x, y = corners.T
    return float(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2.0)


def in_colour(found: list[Shape], symbol: str) -> list[Shape]:
    wanted = to_rgb(colours((symbol,))[symbol])
    return [shape for shape in found if shape.face == (*wanted, 1.0)]


def test_the_farthest_comes_first_and_balls_are_discs() -> None:
    atoms = perovskite()
    found = shapes(atoms, 0.02)
    nearness = [shape.nearness for shape in found]
    assert nearness == sorted(nearness)
    strontium = in_colour(found, "Sr")
    assert len(strontium) == 8
    radius = max(atoms.radii)
    seen = atoms.positions @ frame(atoms.lattice)
    for shape in strontium:
        assert area(shape.corners) == pytest.approx(np.pi * radius**2, rel=5e-3)
        assert np.abs(seen[:, :2] - shape.corners[:-1].mean(axis=0)).sum(axis=1).min() < 1e-9


def test_a_stick_is_before_the_farther_and_behind_the_nearer_of_its_balls() -> None:
    atoms = perovskite()
    found = shapes(atoms, 0.02)
    depth = (atoms.positions @ frame(atoms.lattice))[:, 2]
    centre = next(place for place, content in enumerate(atoms.contents) if content[0][0] == "Ti")
    oxygen = sorted(depth[place] for place, content in enumerate(atoms.contents) if content[0][0] == "O")
    sticks = [shape.nearness for shape in in_colour(found, "O") if shape.nearness not in oxygen]
    assert len(sticks) == len(atoms.bonds if atoms.bonds is not None else ()) == 6
    for stick in sticks:
        assert min(abs(stick - (depth[centre] + other) / 2.0) for other in oxygen) == pytest.approx(0.0, abs=0.2)


def test_edges_of_the_cell_end_where_balls_begin() -> None:
    atoms = perovskite()
    pieces = [shape.corners.mean(axis=0) for shape in shapes(atoms, 0.02) if shape.face == EDGE_COLOUR]
    # Twelve edges of 3.905 Å, each without the radius of strontium at both ends.
    left = 3.905 - 2.0 * max(atoms.radii)
    assert len(pieces) == pytest.approx(12 * left / 0.15, rel=0.06)


def test_distances_to_lines_as_by_brute_force() -> None:
    rng = np.random.default_rng(5)
    points, starts, ends = (rng.normal(size=(size, 3)) for size in (7, 4, 4))
    ends[0] = starts[0]
    shares = np.linspace(0.0, 1.0, 20_001)[:, None]
    for line, found in enumerate(distances_to_lines(points, starts, ends).T):
        between = starts[line] + shares * (ends[line] - starts[line])
        expected = [np.linalg.norm(between - point, axis=1).min() for point in points]
        np.testing.assert_allclose(found, expected, atol=1e-4)

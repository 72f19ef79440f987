"""Balls, sticks and the edges of the cell as polygons on the page, each with how near it is to the eye."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from matscout.app.viewing.atoms import ShownAtoms, edges, frame
from matscout.app.viewing.palette import colours

Floats = NDArray[np.float64]
Colour = tuple[float, ...]

CORNERS = 72
"""Of the polygon that stands for a circle."""

GLOSS, SHINE = 12, 0.07
"""Discs that lie on each other where light falls on a ball, and the opacity of each."""

BODY = 0.86
"""Width of a stick without its dark borders, in that with them."""

DARKER = 0.4
"""Brightness of an outline, in that of what it surrounds."""

PIECE = 0.15
"""Å, into which the edges of the cell are cut so that atoms stand before and behind them."""

EDGE_COLOUR = (0.4, 0.43, 0.46, 1.0)
WHITE = (1.0, 1.0, 1.0)
CLEAR = (0.0, 0.0, 0.0, 0.0)


class Shape(NamedTuple):
    """A polygon: how near it is to the eye (Å), its corners [c, 2] (Å), and its colours."""

    nearness: float
    corners: Floats
    face: Colour
    outline: Colour


def shapes(atoms: ShownAtoms, edge: float) -> list[Shape]:
    """All that is seen, the farthest first, in the coordinates of :func:`~matscout.app.viewing.atoms.frame`.

    Parameters
    ----------
    atoms
        What to show.
    edge
        Width of the edges of the cell, Å.
    """
    return sorted([*_edges(atoms, edge), *_sticks(atoms), *_balls(atoms)], key=lambda shape: shape.nearness)


def _balls(atoms: ShownAtoms) -> list[Shape]:
    """Discs, divided where a site is shared, with light from the upper left."""
    colour = {kind: to_rgb(code) for kind, code in colours(atoms.kinds).items()}
    around = np.linspace(0.0, 1.0, GLOSS)[:, None]
    light = np.hstack([around * [-0.3, 0.33], 0.92 * (1.0 - around) + 0.12 * around])
    discs = []
    for (*place, nearness), content, radius in zip(
        atoms.positions @ frame(atoms.lattice), atoms.contents, atoms.radii, strict=True
    ):
        start = 0.0
        for kind, share in content:
            corners = np.array(place) + radius * _sector(start, start + share)
            discs.append(Shape(nearness, corners, (*colour[kind], 1.0), _dark(colour[content[0][0]])))
            start += share
        for *offset, size in radius * light:
            corners = np.array(place) + offset + size * _sector(0.0, 1.0)
            discs.append(Shape(nearness, corners, (*WHITE, SHINE), CLEAR))
    return discs


def _sector(start: float, end: float) -> Floats:
    """Corners of a part of a disc of radius 1, from the top clockwise, 0 to 1."""
    angles = 2.0 * np.pi * np.linspace(start, end, max(round(CORNERS * (end - start)), 2) + 1)
    arc = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return arc if end - start > 1.0 - 1e-6 else np.vstack([np.zeros(2), arc])


def _sticks(atoms: ShownAtoms) -> list[Shape]:
    """Cylinders with dark borders and a band of light, half in the colour of the farther atom, half in the nearer's."""
    colour = {kind: to_rgb(code) for kind, code in colours(atoms.kinds).items()}
    balls, starts, middles = atoms.halves
    starts, middles = starts @ frame(atoms.lattice), middles @ frame(atoms.lattice)
    cylinders = []
    for bond in range(len(balls) // 2):
        far, near = sorted((bond, bond + len(balls) // 2), key=lambda half: float(starts[half, 2]))
        farther, nearer = (colour[atoms.contents[balls[half]][0][0]] for half in (far, near))
        layers = [(starts[far], 1.0, _dark(farther)), (starts[far], BODY, (*farther, 1.0))]
        if nearer != farther:
            layers += [(middles[far], 1.0, _dark(nearer)), (middles[far], BODY, (*nearer, 1.0))]
        layers += [(starts[far], width, (*WHITE, 2.5 * SHINE)) for width in (0.6, 0.3)]
        for start, width, face in layers:
            corners = _cylinder(np.stack([start, starts[near]]), width * atoms.stick)
            cylinders.append(Shape(float(middles[far, 2]), corners, face, CLEAR))
    return cylinders


def _cylinder(ends: Floats, radius: float) -> Floats:
    """The outline of a cylinder from one point [3] to another, as it is seen: two half ellipses and what is between."""
    across = ends[1] - ends[0]
    along = across[:2] / max(np.linalg.norm(across[:2]), 1e-9)
    aside = np.array([-along[1], along[0]]) if along.any() else np.array([0.0, 1.0])
    angles = np.linspace(0.0, np.pi, CORNERS // 6)
    depth = radius * abs(across[2]) / np.linalg.norm(across)
    cap = radius * np.cos(angles)[:, None] * aside + depth * np.sin(angles)[:, None] * _turned(aside)
    return np.vstack([ends[1, :2] + cap, ends[0, :2] - cap])


def _turned(vector: Floats) -> Floats:
    """By a right angle, clockwise."""
    return np.array([vector[1], -vector[0]])


def _edges(atoms: ShownAtoms, width: float) -> list[Shape]:
    """The edges of the cell in short pieces, without those inside balls and sticks."""
    pieces = []
    for start, end in edges(atoms.lattice):
        marks = np.linspace(0.0, 1.0, max(int(np.linalg.norm(end - start) / PIECE), 1) + 1)[:, None]
        line = start + marks * (end - start)
        pieces.append(np.stack([line[:-1], line[1:]], axis=1))
    ends = np.concatenate(pieces)
    seen = ends[_outside(ends.mean(axis=1), atoms)] @ frame(atoms.lattice)
    return [Shape(float(piece[:, 2].mean()), _line(piece[:, :2], width), EDGE_COLOUR, CLEAR) for piece in seen]


def _line(ends: Floats, width: float) -> Floats:
    """A rectangle, a little longer than the line so that pieces leave no gap."""
    across = ends[1] - ends[0]
    along = across / max(np.linalg.norm(across), 1e-9) * width / 2.0
    aside = _turned(along)
    return np.array(
        [ends[0] - along + aside, ends[0] - along - aside, ends[1] + along - aside, ends[1] + along + aside]
    )


def _outside(points: Floats, atoms: ShownAtoms) -> NDArray[np.bool_]:
    """Whether points [p, 3] are in no ball and in no stick."""
    _, starts, middles = atoms.halves
    from_balls = distances_to_lines(points, atoms.positions, atoms.positions) - atoms.radii
    from_sticks = distances_to_lines(points, starts, middles) - atoms.stick
    return np.asarray(np.hstack([from_balls, from_sticks]).min(axis=1) > 0.0)


def distances_to_lines(points: Floats, starts: Floats, ends: Floats) -> Floats:
    """From points [p, d] to lines from ``starts`` to ``ends``, [l, d] each, which may be points themselves, [p, l]."""
    across = ends - starts
    lengths = np.maximum((across**2).sum(axis=1), 1e-12)
    along = points @ across.T - (starts * across).sum(axis=1)
    share = np.clip(along / lengths, 0.0, 1.0)
    # |p - s - t a|², in matrices only: thousands of points meet thousands of lines.
    from_starts = (points**2).sum(axis=1)[:, None] - 2.0 * points @ starts.T + (starts**2).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(from_starts + share * (share * lengths - 2.0 * along), 0.0)))


def _dark(colour: Colour) -> Colour:
    return (*(DARKER * part for part in colour), 1.0)

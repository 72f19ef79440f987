"""A structure to turn with the mouse: balls, sticks and the edges of the cell as a figure of plotly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from matscout.app.viewing.atoms import Floats, ShownAtoms, edges, frame
from matscout.app.viewing.palette import colours
from matscout.extras import require

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Integers = NDArray[np.int64]

CORNERS = 12_000
"""About so many points make up all balls together: few large ones are round, many small ones coarser."""

ROUNDEST, COARSEST = 16, 6
"""Points between the poles of a ball."""

SIDES = 7
"""Of a stick."""

LETTER = 15
"""Size of the letters at the lattice vectors, pixels."""

EDGE_COLOUR = "#7a858f"
"""Of the cell, to be seen on white and on black."""

ACTIVE_COLOUR = "#0b6e99"
"""Of a button in use: the accent of the style sheet."""

FILLING = 1.85
"""Edge of the cube of space in plotly's unit, so that a sphere in it nearly fills the picture. Without
perspective the distance of the eye is of no account.
"""

LAMP = {"x": -6e4, "y": 6e4, "z": -1e5}
"""To the upper left behind the eye, wherever that is: plotly counts from there to the right, upwards and away."""

LIGHT = {"ambient": 0.5, "diffuse": 0.6, "specular": 0.12, "roughness": 0.8, "fresnel": 0.05}

_UNSAFE = re.compile(r"[^\w.+-]+")
"""What has no place in the name of a file."""


def interactive(atoms: ShownAtoms, name: str) -> Markup:
    """A ``<div>`` and the scripts that draw in it, plotly's own code among them: nothing is loaded from anywhere.

    Parameters
    ----------
    atoms
        What to show.
    name
        Of the file when a reader saves the view.

    Raises
    ------
    MissingExtraError
        If plotly is not installed.
    """
    require("plotly", extra="view")
    # Plotly writes it into a script as it is.
    saved = {"format": "png", "filename": _UNSAFE.sub("-", name), "scale": 2}
    options = {"displaylogo": False, "responsive": True, "toImageButtonOptions": saved}
    html: str = _figure(atoms).to_html(
        full_html=False,
        include_plotlyjs=True,
        include_mathjax=False,
        config=options,
        div_id="structure",
        default_height="100%",
    )
    return Markup(html)


def _figure(atoms: ShownAtoms) -> Figure:
    from plotly import graph_objects

    _, up, towards = frame(atoms.lattice).T
    surfaces = _surfaces(atoms)
    colour = colours(atoms.kinds)
    traces: list[Any] = [_edges(atoms)]
    traces += [
        graph_objects.Mesh3d(
            **dict(zip("xyz", surfaces[kind].points.T, strict=True)),
            **dict(zip("ijk", surfaces[kind].triangles.T, strict=True)),
            text=surfaces[kind].words,
            color=colour[kind],
            name=kind,
            hovertemplate="%{text}<extra></extra>",
            lighting=LIGHT,
            lightposition=LAMP,
        )
        for kind in atoms.kinds
    ]
    return graph_objects.Figure(traces, _layout(atoms, _xyz(FILLING * towards), _xyz(up)))


def _layout(atoms: ShownAtoms, eye: dict[str, float], up: dict[str, float]) -> dict[str, Any]:
    """No axes, nothing behind, no perspective; a cube of space in which the structure can be turned to all sides."""
    clear, centre = "rgba(0,0,0,0)", atoms.lattice.sum(axis=0) / 2.0
    ends = np.vstack([edges(atoms.lattice).reshape(-1, 3), _letters(atoms), atoms.positions])
    reach = np.linalg.norm(ends - centre, axis=1).max() + atoms.radii.max()
    axes = {
        f"{name}axis": {"visible": False, "showspikes": False, "range": [middle - reach, middle + reach]}
        for name, middle in _xyz(centre).items()
    }
    camera = {"projection": {"type": "orthographic"}, "eye": eye, "up": up}
    return {
        "scene": {**axes, "aspectmode": "manual", "aspectratio": dict.fromkeys("xyz", FILLING), "camera": camera},
        "scene_dragmode": "orbit",
        "modebar": {"bgcolor": clear, "color": EDGE_COLOUR, "activecolor": ACTIVE_COLOUR},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "showlegend": False,
        "paper_bgcolor": clear,
        "template": "none",
    }


def _xyz(vector: Floats) -> dict[str, float]:
    return dict(zip("xyz", vector.tolist(), strict=True))


def _edges(atoms: ShownAtoms) -> Any:
    """The twelve edges of the cell as one line with gaps, and letters beside the ends of the lattice vectors."""
    from plotly import graph_objects

    lines = edges(atoms.lattice)
    gaps = np.full((len(lines), 1, 3), np.nan)
    letters = np.stack([_letters(atoms), gaps[:3, 0]], axis=1)
    points = np.vstack([np.concatenate([lines, gaps], axis=1).reshape(-1, 3), letters.reshape(-1, 3)])
    return graph_objects.Scatter3d(
        **dict(zip("xyz", points.T, strict=True)),
        mode="lines+text",
        text=[""] * (3 * len(lines)) + [f"<i>{letter}</i>" if letter else "" for letter in ("a", "", "b", "", "c", "")],
        textposition="middle center",
        textfont={"color": EDGE_COLOUR, "size": LETTER},
        line={"color": EDGE_COLOUR, "width": 3},
        hoverinfo="skip",
        connectgaps=False,
    )


def _letters(atoms: ShownAtoms) -> Floats:
    """Where a, b and c stand: off their corners along their vectors and against the two others, on no edge, [3, 3]."""
    lengths = np.linalg.norm(atoms.lattice, axis=1, keepdims=True)
    outwards = (2.0 * np.eye(3) - 1.0) @ (atoms.lattice / lengths)
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    return np.asarray(atoms.lattice + (atoms.radii.max() + 0.1 * lengths.mean()) * outwards)


class _Surface:
    """That of all balls, sectors of balls and half sticks of one kind."""

    def __init__(self) -> None:
        self._points: list[Floats] = []
        self._triangles: list[Integers] = []
        self._n_points = 0
        self.words: list[str] = []

    def add(self, points: Floats, triangles: Integers, words: str) -> None:
        """One more, with what is said where the mouse points at it."""
        self._points.append(points)
        self._triangles.append(triangles + self._n_points)
        self._n_points += len(points)
        self.words += [words] * len(points)

    @property
    def points(self) -> Floats:
        """Å, [p, 3]."""
        return np.concatenate(self._points).astype(np.float32)

    @property
    def triangles(self) -> Integers:
        """Corners of each triangle as places in ``points``, [t, 3]."""
        return np.concatenate(self._triangles).astype(np.min_scalar_type(self._n_points))


def _surfaces(atoms: ShownAtoms) -> dict[str, _Surface]:
    surfaces = {kind: _Surface() for kind in atoms.kinds}
    _add_balls(surfaces, atoms)
    _add_sticks(surfaces, atoms)
    return surfaces


def _add_balls(surfaces: dict[str, _Surface], atoms: ShownAtoms) -> None:
    rows = int(np.clip(np.sqrt(CORNERS / len(atoms) / 2.0), COARSEST, ROUNDEST))
    for position, place, content, radius in zip(
        atoms.positions, atoms.fractional, atoms.contents, atoms.radii, strict=True
    ):
        where = ", ".join(f"{value + 0.0:.3f}" for value in place)
        start = 0.0
        for kind, share in content:
            points, triangles = sector(start, start + share, rows)
            amount = f" {share:.0%}" if len(content) > 1 else ""
            surfaces[kind].add(position + radius * points, triangles, f"{kind}{amount} ({where})")
            start += share


def _add_sticks(surfaces: dict[str, _Surface], atoms: ShownAtoms) -> None:
    """Each half in the colour of its ball, so that sticks need no more traces than balls."""
    if atoms.bonds is None:
        return
    for (ball, other), start, middle in zip(
        np.concatenate([atoms.bonds, atoms.bonds[:, ::-1]]), *atoms.halves[1:], strict=True
    ):
        points, triangles = tube(start, middle, atoms.stick)
        one, two = (atoms.contents[end][0][0] for end in (ball, other))
        length = np.linalg.norm(atoms.positions[other] - atoms.positions[ball])
        surfaces[one].add(points, triangles, f"{one}\u2013{two} {length:.3f} Å")


def tube(start: Floats, end: Floats, radius: float) -> tuple[Floats, Integers]:
    """The side of a cylinder from one point [3] to another.

    Returns
    -------
    points : float64 [2 * SIDES, 3]
    triangles : int64 [2 * SIDES, 3]
        Places in ``points``, anticlockwise seen from outside.
    """
    across = (end - start) / np.linalg.norm(end - start)
    aside = np.cross(across, np.eye(3)[np.abs(across).argmin()])
    aside /= np.linalg.norm(aside)
    angles = 2.0 * np.pi * np.arange(SIDES) / SIDES
    ring = radius * (np.cos(angles)[:, None] * aside + np.sin(angles)[:, None] * np.cross(across, aside))
    here = np.arange(SIDES)
    following = (here + 1) % SIDES
    low, high = [here, following, here + SIDES], [following, following + SIDES, here + SIDES]
    return np.vstack([start + ring, end + ring]), np.concatenate([np.stack(low, axis=1), np.stack(high, axis=1)])


def sector(start: float, end: float, rows: int) -> tuple[Floats, Integers]:
    """The part of a sphere of radius 1 between two meridians.

    Parameters
    ----------
    start, end
        Of the full turn, 0 to 1.
    rows
        Points from pole to pole.

    Returns
    -------
    points : float64 [p, 3]
    triangles : int64 [t, 3]
        Places in ``points``, anticlockwise seen from outside; those of the poles have no area.
    """
    columns = max(int(np.ceil(2 * rows * (end - start))), 2) + 1
    longitude, latitude = np.meshgrid(2.0 * np.pi * np.linspace(start, end, columns), np.linspace(0.0, np.pi, rows + 1))
    around = np.sin(latitude)
    points = np.stack([around * np.cos(longitude), around * np.sin(longitude), np.cos(latitude)], axis=-1).reshape(
        -1, 3
    )
    first = (np.arange(rows)[:, None] * columns + np.arange(columns - 1)).ravel()
    low, high = [first, first + columns, first + 1], [first + 1, first + columns, first + columns + 1]
    return points, np.concatenate([np.stack(low, axis=1), np.stack(high, axis=1)])

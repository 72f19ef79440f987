"""A structure to turn with the mouse: balls and the edges of the cell as a figure of plotly."""

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

CORNERS = 20_000
"""About so many points make up all balls together: few large ones are round, many small ones coarser."""

ROUNDEST, COARSEST = 18, 6
"""Points between the poles of a ball."""

EDGE_COLOUR = "#7a858f"
"""Of the cell, to be seen on white and on black."""

ACTIVE_COLOUR = "#0b6e99"
"""Of a button in use: the accent of the style sheet."""

DISTANCE = 1.35
"""Of the eye, in plotly's unit: half the cube that the picture fills."""

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
    balls = _balls(atoms)
    colour = colours(atoms.kinds)
    traces: list[Any] = [_edges(atoms.lattice)]
    traces += [
        graph_objects.Mesh3d(
            **dict(zip("xyz", balls[kind].points.T, strict=True)),
            **dict(zip("ijk", balls[kind].triangles.T, strict=True)),
            text=balls[kind].words,
            color=colour[kind],
            name=kind,
            hovertemplate="%{text}<extra></extra>",
            lighting=LIGHT,
            lightposition=LAMP,
        )
        for kind in atoms.kinds
    ]
    return graph_objects.Figure(traces, _layout(_xyz(DISTANCE * towards), _xyz(up)))


def _layout(eye: dict[str, float], up: dict[str, float]) -> dict[str, Any]:
    """No axes, nothing behind, no perspective."""
    axis, clear = {"visible": False, "showspikes": False}, "rgba(0,0,0,0)"
    camera = {"projection": {"type": "orthographic"}, "eye": eye, "up": up}
    return {
        "scene": {"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "data", "camera": camera},
        "scene_dragmode": "orbit",
        "modebar": {"bgcolor": clear, "color": EDGE_COLOUR, "activecolor": ACTIVE_COLOUR},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "showlegend": False,
        "paper_bgcolor": clear,
        "template": "none",
    }


def _xyz(vector: Floats) -> dict[str, float]:
    return dict(zip("xyz", vector.tolist(), strict=True))


def _edges(lattice: Floats) -> Any:
    """The twelve edges of the cell as one line with gaps."""
    from plotly import graph_objects

    gap = np.full(3, np.nan)
    corners = [np.array(corner) for corner in np.ndindex(2, 2, 2)]
    lines = [
        (corner @ lattice, (corner + np.eye(3)[axis]) @ lattice, gap)
        for axis in range(3)
        for corner in corners
        if corner[axis] == 0
    ]
    x, y, z = np.array(lines).reshape(-1, 3).T
    return graph_objects.Scatter3d(
        x=x, y=y, z=z, mode="lines", line={"color": EDGE_COLOUR, "width": 3}, hoverinfo="skip", connectgaps=False
    )


class _Balls:
    """The surface of all balls, or sectors of balls, of one kind."""

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
        return np.concatenate(self._triangles).astype(np.int32)


def _balls(atoms: ShownAtoms) -> dict[str, _Balls]:
    rows = int(np.clip(np.sqrt(CORNERS / len(atoms) / 2.0), COARSEST, ROUNDEST))
    found = {kind: _Balls() for kind in atoms.kinds}
    for position, place, content, radius in zip(
        atoms.positions, atoms.fractional, atoms.contents, atoms.radii, strict=True
    ):
        where = ", ".join(f"{value + 0.0:.3f}" for value in place)
        start = 0.0
        for kind, share in content:
            points, triangles = sector(start, start + share, rows)
            amount = f" {share:.0%}" if len(content) > 1 else ""
            found[kind].add(position + radius * points, triangles, f"{kind}{amount} ({where})")
            start += share
    return found


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

"""The picture of a structure as PNG: for a paper, and small enough for a line of a table."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from matscout.app.viewing.atoms import Floats, ShownAtoms, edges, frame
from matscout.app.viewing.palette import colours
from matscout.app.viewing.shapes import Shape, distances_to_lines, shapes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


LETTER = 12
"""Size of all letters, points."""

ROOM = 1.1
"""What a letter keeps free around its middle, in half its size."""


@dataclass(frozen=True)
class Format:
    """How a picture is made.

    Parameters
    ----------
    inches
        Width and height at most.
    dpi
        Pixels per inch.
    line
        Width of the edges of the cell and half that of outlines, points.
    enlarged
        Radii of balls and sticks, in those of :func:`~matscout.app.viewing.atoms.shown_atoms`.
    palette
        Different colours at most.
    key
        Whether the colours are explained and the lattice vectors named.
    """

    inches: float
    dpi: int
    line: float
    enlarged: float
    palette: int
    key: bool


PAPER = Format(inches=5.0, dpi=300, line=1.0, enlarged=1.0, palette=256, key=True)
THUMBNAIL = Format(inches=0.96, dpi=200, line=0.6, enlarged=1.3, palette=64, key=False)


def draw(atoms: ShownAtoms, form: Format) -> bytes:
    """A PNG of the cell with its atoms and bonds, white behind, without perspective.

    A site with several species is divided into sectors of their shares; the vacant share is white.
    """
    from matplotlib.figure import Figure

    target = io.BytesIO()
    atoms = replace(atoms, radii=form.enlarged * atoms.radii, stick=form.enlarged * atoms.stick)
    figure = Figure(figsize=(form.inches, form.inches), dpi=form.dpi, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), aspect="equal")
    axes.axis("off")
    low, high = _extent(atoms)
    point = (high - low).max() / (72.0 * form.inches)
    _add(shapes(atoms, form.line * point), axes, form.line / 2.0)
    middle, half = (low + high) / 2.0, (high - low).max() / 2.0 + 2.0 * form.line * point
    axes.set(xlim=middle[0] + [-half, half], ylim=middle[1] + [-half, half])
    if form.key:
        _name_vectors(atoms, axes, LETTER * point)
        _explain_colours(atoms, axes, form.line)
    figure.savefig(target, format="png", bbox_inches="tight" if form.key else None, pil_kwargs={"compress_level": 0})
    return with_few_colours(target, form.palette)


def _extent(atoms: ShownAtoms) -> tuple[Floats, Floats]:
    """The lowest and the highest coordinates of what is drawn, [2] each."""
    view = frame(atoms.lattice)[:, :2]
    balls, corners, radii = atoms.positions @ view, edges(atoms.lattice).reshape(-1, 3) @ view, atoms.radii[:, None]
    return np.vstack([balls - radii, corners]).min(axis=0), np.vstack([balls + radii, corners]).max(axis=0)


def _add(drawn: list[Shape], axes: Axes, line: float) -> None:
    """As one collection, which takes a fifth of the time of so many patches."""
    from matplotlib.collections import PolyCollection

    _, corners, faces, outlines = zip(*drawn, strict=True)
    axes.add_collection(PolyCollection(corners, facecolors=faces, edgecolors=outlines, linewidths=line))


def with_few_colours(picture: io.BytesIO, most: int) -> bytes:
    """The same picture with a table of colours, which takes a third of the bytes and cannot be told apart."""
    from PIL import Image

    target = io.BytesIO()
    Image.open(picture).convert("RGB").quantize(most).save(target, format="png", optimize=True)
    return target.getvalue()


def _name_vectors(atoms: ShownAtoms, axes: Axes, size: float) -> None:
    """Letters a, b and c beside the ends of the lattice vectors, as near as they keep clear of all that is drawn."""
    view = frame(atoms.lattice)[:, :2]
    starts, ends, radii = _obstacles(atoms, view)
    centre = atoms.lattice.sum(axis=0) @ view / 2.0
    for name, vector in zip("abc", atoms.lattice @ view, strict=True):
        places = _around(vector, vector - centre, size)
        free = np.flatnonzero((distances_to_lines(places, starts, ends) - radii).min(axis=1) >= ROOM * size / 2.0)
        place = places[free[0] if len(free) else -1]
        starts, ends, radii = np.vstack([starts, place]), np.vstack([ends, place]), np.append(radii, size / 2.0)
        axes.text(place[0], place[1], name, style="italic", ha="center", va="center", fontsize=LETTER)


def _obstacles(atoms: ShownAtoms, view: Floats) -> tuple[Floats, Floats, Floats]:
    """Balls, sticks and edges on the page: where they start and end, [o, 2] each, and how thick they are, [o]."""
    _, starts, middles = atoms.halves
    lines = edges(atoms.lattice)
    thickness = np.concatenate([atoms.radii, np.full(len(starts), atoms.stick), np.zeros(len(lines))])
    return (
        np.concatenate([atoms.positions, starts, lines[:, 0]]) @ view,
        np.concatenate([atoms.positions, middles, lines[:, 1]]) @ view,
        thickness,
    )


def _around(end: Floats, outwards: Floats, size: float) -> Floats:
    """Places around the end of a vector, the nearest first, of equally near ones those outwards first, [p, 2]."""
    turns = np.pi * np.array([0.0, 0.15, -0.15, 0.3, -0.3, 0.45, -0.45])
    angles = np.arctan2(outwards[1], outwards[0]) + turns
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    steps = size * np.arange(0.5, 12.0, 0.1)
    return np.asarray(end + (steps[:, None, None] * directions).reshape(-1, 2))


def _explain_colours(atoms: ShownAtoms, axes: Axes, line: float) -> None:
    from matplotlib.lines import Line2D

    colour = colours(atoms.kinds)
    handles = [
        Line2D([], [], label=kind, color=colour[kind], linestyle="", marker="o", markersize=11, mec="black", mew=line)
        for kind in atoms.kinds
    ]
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.02),
        ncols=min(len(handles), 8),
        frameon=False,
        fontsize=LETTER,
        handletextpad=0.1,
        columnspacing=1.2,
    )


def inline_png(picture: bytes) -> Markup:
    """The ``src`` of an ``<img>`` that holds its picture itself."""
    return Markup(f"data:image/png;base64,{b64encode(picture).decode('ascii')}")

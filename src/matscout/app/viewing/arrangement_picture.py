"""An arrangement of point defects in its host, seen nearly across the layer or along the longest axis."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from matscout.data.defects.column_store import Defects, type_name
from matscout.data.defects.hosts import supercell_sites
from matscout.evaluation.plots import LIGHT, Palette

Floats = NDArray[np.float64]

SIZE = (4.6, 3.6)
"""Inches."""
FILLED = ("second", "third", "accent")
"""Roles of colours of what stands where the host has something else."""
TILT = (0.15, 0.35)
"""By how much what is nearer to the reader is moved to the right and upwards, of its height: sites that lie on top of
each other are told apart."""


def draw_arrangement(
    defects: Defects, row: int, *, dpi: int = 120, palette: Palette = LIGHT, named: bool = True
) -> bytes:
    """A PNG: atoms of the host as small dots, vacancies as rings, other atoms filled, interstitials as squares.

    Parameters
    ----------
    defects
        Arrangements, of which that of ``row`` has positions.
    row
        Which one.
    dpi
        Dots per inch.
    palette
        Colours.
    named
        Whether there is a legend.
    """
    target = io.BytesIO()
    arrangement_figure(defects, row, palette=palette, named=named).savefig(target, dpi=dpi, format="png")
    return target.getvalue()


def arrangement_figure(defects: Defects, row: int, *, palette: Palette = LIGHT, named: bool = True) -> Figure:
    """The same as a figure."""
    figure = Figure(figsize=SIZE, facecolor=palette.paper, layout="constrained")
    axis = figure.subplots()
    host, matrix, cell = defects.hosts[defects.host[row]], defects.matrix_of(row), defects.cell_of(row)
    positions, numbers = supercell_sites(host, matrix)
    across, right, up = _frame(defects, row)
    wrapped = _within(positions, cell)
    order = np.argsort(wrapped @ across)
    for number, shade in zip(np.unique(numbers).tolist(), (0.55, 0.3, 0.42, 0.2), strict=False):
        own = order[numbers[order] == number]
        axis.scatter(
            wrapped[own] @ right, wrapped[own] @ up, s=9 + 30 * shade, color=palette.muted, alpha=shade, linewidths=0
        )
    _draw_sites(axis, defects, row, (cell, right, up), palette)
    corners = _outline(cell, across)
    axis.plot(corners @ right, corners @ up, color=palette.ink, linewidth=0.8)
    axis.set_aspect("equal")
    axis.axis("off")
    if named and axis.get_legend_handles_labels()[0]:
        axis.legend(frameon=False, fontsize=8, labelcolor=palette.ink, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _frame(defects: Defects, row: int) -> tuple[Floats, Floats, Floats]:
    """Vectors towards the reader, and on which positions are projected: to the right and upwards, a little tilted."""
    host, cell = defects.hosts[defects.host[row]], defects.cell_of(row)
    across = host.normal
    if across is None:
        across = np.cross(cell[0], cell[1])
        across /= np.linalg.norm(across)
    right = cell[0] - (cell[0] @ across) * across
    right /= np.linalg.norm(right)
    return across, right + TILT[0] * across, np.cross(across, right) + TILT[1] * across


def _within(positions: Floats, cell: Floats) -> Floats:
    """Positions moved into the cell."""
    return np.asarray(np.mod(positions @ np.linalg.inv(cell) + 1e-6, 1.0) @ cell)


def _outline(cell: Floats, across: Floats) -> Floats:
    """The corners of the two vectors that lie most across the view, and the first again, [5, 3]."""
    slant = np.abs(cell @ across) / np.linalg.norm(cell, axis=1)
    first, second = cell[np.sort(np.argsort(slant)[:2])]
    return np.array([np.zeros(3), first, first + second, second, np.zeros(3)])


def _draw_sites(axis: Axes, defects: Defects, row: int, view: tuple[Floats, Floats, Floats], palette: Palette) -> None:
    """Each kind of defect with its own mark."""
    cell, right, up = view
    entries = slice(int(defects.offsets[row]), int(defects.offsets[row + 1]))
    was, now = defects.was[entries].astype(int), defects.now[entries].astype(int)
    places = _within(defects.positions[entries], cell)
    for number, (before, after) in enumerate(dict.fromkeys(zip(was.tolist(), now.tolist(), strict=True))):
        own = (was == before) & (now == after)
        colour = getattr(palette, FILLED[number % len(FILLED)])
        axis.scatter(
            places[own] @ right,
            places[own] @ up,
            s=90,
            marker="o" if before else "s",
            facecolors=colour if after else "none",
            edgecolors=colour,
            linewidths=2.0,
            label=type_name(before, after),
        )

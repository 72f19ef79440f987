"""The picture of a structure as PNG: for a paper, and small enough for a line of a table."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from matscout.app.viewing.atoms import VACANT, ShownAtoms, colours, frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes


COLOURS = 64
"""Different ones in a picture: its few colours, and what softens their edges."""


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
        Width of all lines, points.
    key
        Whether the colours are explained and the lattice vectors named.
    """

    inches: float
    dpi: int
    line: float
    key: bool


PAPER = Format(inches=5.0, dpi=300, line=0.8, key=True)
THUMBNAIL = Format(inches=1.2, dpi=100, line=0.5, key=False)


def draw(atoms: ShownAtoms, form: Format) -> bytes:
    """A PNG of the cell with its atoms, white behind, without perspective.

    A site with several species is divided into sectors of their shares; the vacant share is white.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    target = io.BytesIO()
    with rc_context({"patch.linewidth": form.line}):
        figure = Figure(figsize=(form.inches, form.inches), dpi=form.dpi, facecolor="white")
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.axis("off")
        drawing = _drawing(atoms, axes)
        if form.key:
            _name_vectors(drawing, axes)
            _explain_colours(atoms, axes, form.line)
        figure.savefig(target, format="png", bbox_inches="tight" if form.key else None, metadata={"Software": None})
    return _with_few_colours(target)


def _drawing(atoms: ShownAtoms, axes: Axes) -> Any:
    """Let ASE draw; as one collection, which takes a fifth of the time of so many patches."""
    from ase.io.utils import make_patch_list
    from ase.visualize.plot import Matplotlib
    from matplotlib.collections import PatchCollection

    drawing = Matplotlib(_for_ase(atoms), axes, rotation=frame(atoms.lattice), radii=atoms.radii)
    axes.add_collection(PatchCollection(make_patch_list(drawing), match_original=True))
    axes.set(xlim=(0.0, drawing.w), ylim=(0.0, drawing.h))
    return drawing


def _with_few_colours(picture: io.BytesIO) -> bytes:
    """The same picture with a table of colours, which takes a third of the bytes and cannot be told apart."""
    from PIL import Image

    target = io.BytesIO()
    Image.open(picture).convert("RGB").quantize(COLOURS).save(target, format="png", optimize=True)
    return target.getvalue()


def _for_ase(atoms: ShownAtoms) -> Any:
    """The balls as ASE has them; with occupancies, which become sectors, where sites are shared or partly vacant."""
    from ase import Atoms

    kinds = sorted(set(atoms.contents))
    tags = [kinds.index(content) for content in atoms.contents]
    first = [content[0][0] for content in atoms.contents]
    made = Atoms(first, positions=atoms.positions, cell=atoms.lattice, tags=tags)
    if any(len(content) > 1 for content in kinds):
        shares = [{symbol: share for symbol, share in content if symbol != VACANT} for content in kinds]
        made.info["occupancy"] = {str(tag): of_one for tag, of_one in enumerate(shares)}
    return made


def _name_vectors(drawing: Any, axes: Axes) -> None:
    """Letters a, b and c behind the ends of the lattice vectors."""
    from matplotlib.patheffects import withStroke

    room = max(0.8 * drawing.radii.max(), 0.4)
    for name, vector in zip("abc", drawing.atoms.cell, strict=True):
        x, y, _ = drawing.to_image_plane_positions(vector * (1.0 + room / np.linalg.norm(vector)))
        halo = [withStroke(linewidth=3.0, foreground="white")]
        axes.text(x, y, name, style="italic", ha="center", va="center", fontsize=12, path_effects=halo)


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
        fontsize=12,
        handletextpad=0.1,
        columnspacing=1.2,
    )


def inline_png(picture: bytes) -> Markup:
    """The ``src`` of an ``<img>`` that holds its picture itself."""
    return Markup(f"data:image/png;base64,{b64encode(picture).decode('ascii')}")

"""Draws what false crystals are: ``python scripts/draw_false_crystals.py`` writes ``docs/images/false-crystals.png``.

Two flat made-up crystals go through the view ``false-crystals`` as any others would; it is drawn what is then where.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.palette import colours
from matscout.crystal.crystals import Crystals
from matscout.data.elements import SYMBOLS
from matscout.data.structures import Structures
from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.crystal_store import CrystalStore
from matscout.represent.views.false_crystals import FalseCrystals

OUT = Path(__file__).parents[1] / "docs" / "images" / "false-crystals.png"
SEED = 4
"""Of the seeds tried from 0 the first that does not put the ions of salt back where they were."""

SALT = Structure(
    Lattice.orthorhombic(4.0, 4.0, 20.0),
    ["Na", "Na", "Cl", "Cl"],
    [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0], [0, 0.5, 0]],
)
OXIDE = Structure(
    Lattice.from_parameters(4.6, 4.6, 20.0, 90, 90, 120),
    ["Ti", "O", "O"],
    [[0, 0, 0], [1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0]],
)
GIVEN = (SALT, OXIDE)


def elements(batch: CrystalBatch, crystal: int) -> list[str]:
    """The element on each site of a crystal."""
    sites = slice(int(batch.site_offsets[crystal]), int(batch.site_offsets[crystal + 1]))
    return [SYMBOLS[number] for number in batch.elements[batch.site_species[sites]].tolist()]


def draw(axes: Axes, geometry: Structure, on_sites: list[str], title: str) -> None:
    """A piece of a flat crystal, seen from above."""
    shades = colours(tuple(sorted({*on_sites})))
    for a in range(-3, 6):
        for b in range(-3, 6):
            for site, symbol in zip(geometry, on_sites, strict=True):
                x, y, _ = geometry.lattice.get_cartesian_coords(site.frac_coords + np.array([a, b, 0]))
                axes.scatter(x, y, s=330, color=shades[symbol], edgecolor="#444444", linewidth=0.6, zorder=2)
                axes.text(x, y, symbol, ha="center", va="center", fontsize=7, zorder=3, clip_on=True)
    axes.set(xlim=(-0.9, 8.9), ylim=(-0.9, 8.9), aspect="equal", xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)


def main() -> None:
    """Make the view of both crystals, and draw."""
    crystals = Crystals.from_structures(Structures.from_pymatgen(list(GIVEN)))
    batch = CrystalStore.from_crystals(crystals).batch(np.arange(2))
    shown = FalseCrystals()(batch, torch.Generator().manual_seed(SEED))
    panels = [
        (SALT, elements(batch, 0), "a crystal"),
        (OXIDE, elements(batch, 1), "another crystal"),
        (OXIDE, elements(shown["polymorph"], 1), "false polymorph:\nits species, the other's sites"),
        (SALT, elements(shown["composition"], 0), "false composition:\nthe other's species, its sites"),
        (SALT, elements(shown["permutation"], 0), "false permutation:\nits species in changed places"),
    ]
    figure, places = plt.subplots(1, len(panels), figsize=(11.5, 3.0), layout="constrained")
    for axes, panel in zip(places, panels, strict=True):
        draw(axes, *panel)
    figure.savefig(OUT, dpi=160, bbox_inches="tight", pad_inches=0.05)
    print(OUT)


if __name__ == "__main__":
    main()

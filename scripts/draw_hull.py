"""Draws whose hull it is: ``python scripts/draw_hull.py`` writes ``docs/images/hull.png``.

Calcium and germanium with made-up energies: the same compound on the hull of fewer phases, on that of a force field
with an error that phases share, and with an interval.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import polars as pl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

import matscout

OUT = Path(__file__).parents[1] / "docs" / "images" / "hull.png"

PHASES = {"Ca": 0.0, "Ca2Ge": -0.50, "CaGe": -0.52, "Ge": 0.0}
SHARES = {"Ca": 0.0, "Ca2Ge": 1 / 3, "CaGe": 0.5, "CaGe2": 2 / 3, "Ge": 1.0}
MATERIAL, ENERGY, ERROR, WIDTH = "CaGe2", -0.28, 0.06, 0.05
"""What is asked about, its energy, by how much a force field is off for it and CaGe, and half of its interval,
eV/atom."""

LINE, POINT, SHIFTED = "#3b6ea5", "#c8452f", "#7a7a7a"


def above(energy: float, phases: dict[str, float]) -> float:
    """Energy of the material above the hull of phases, by matscout."""
    compounds = {formula: value for formula, value in phases.items() if value < 0.0}
    table = pl.DataFrame({"formula": list(compounds), "e_form": list(compounds.values())})
    return float(matscout.hull([MATERIAL], table, formation_energies=[energy]).above[0])


def draw_hull(axes: Axes, phases: dict[str, float], colour: str, words: str) -> None:
    """The lines between phases, and their names."""
    shares = [SHARES[formula] for formula in phases]
    axes.plot(shares, list(phases.values()), "o-", color=colour, linewidth=1.5, markersize=5, label=words, zorder=2)


def draw_material(axes: Axes, energy: float, distance: float, words: str) -> None:
    """A point, how far it is from the lower hull, and what is said of it."""
    share = SHARES[MATERIAL]
    axes.plot([share, share], [energy, energy - distance], color=POINT, linewidth=1.2, zorder=3)
    axes.plot(share, energy, "D", color=POINT, markersize=5, zorder=4)
    line = {"arrowstyle": "-", "color": POINT, "linewidth": 0.6}
    axes.annotate(words, (share, energy), (0.5, 0.06), color=POINT, fontsize=8, ha="center", arrowprops=line)


def which_phases(axes: Axes) -> None:
    """Without and with the phase beside it."""
    fewer = {formula: value for formula, value in PHASES.items() if formula != "CaGe"}
    draw_hull(axes, fewer, SHIFTED, "CaGe not known")
    draw_hull(axes, PHASES, LINE, "CaGe known")
    far, near = above(ENERGY, PHASES), above(ENERGY, fewer)
    draw_material(axes, ENERGY, far, f"CaGe2: {near:.3f} eV/atom above the one hull,\n{far:.3f} above the other")
    axes.set_title("Which phases?", fontsize=10)


def whose_energies(axes: Axes) -> None:
    """The same error in the material and a phase beside it."""
    shifted = {formula: value + (ERROR if formula == "CaGe" else 0.0) for formula, value in PHASES.items()}
    draw_hull(axes, shifted, SHIFTED, "own hull of a force field")
    draw_hull(axes, PHASES, LINE, "references (DFT)")
    energy = ENERGY + ERROR
    far, own = above(energy, PHASES), above(energy, shifted)
    draw_material(
        axes, energy, far, f"CaGe2 by the force field: {far:.3f} above\nthe references, {own:.3f} above its own hull"
    )
    axes.set_title("Whose energies?", fontsize=10)


def how_exact(axes: Axes) -> None:
    """Three energies above the hull with intervals."""
    values = np.array([above(ENERGY, PHASES), 0.02, 0.16])
    lower, upper = np.maximum(values - WIDTH, 0.0), values + WIDTH
    places = np.arange(3)
    axes.errorbar(places, values, [values - lower, upper - values], fmt="D", color=POINT, capsize=4, markersize=5)
    axes.axhline(0.0, color=LINE, linewidth=1.5)
    words = ("hardly stable", "undecided", "unstable")
    for place, text in zip(places, words, strict=True):
        axes.annotate(text, (place, upper[place] + 0.008), fontsize=8, ha="center", color="#333333")
    axes.set(xlim=(-0.6, 2.6), ylim=(-0.015, 0.26), xticks=places, xticklabels=[MATERIAL, "another", "a third"])
    axes.set_ylabel("e_above_hull (eV/atom)", fontsize=9)
    axes.set_title("How exact?", fontsize=10)


def main() -> None:
    """Draw."""
    figure, places = plt.subplots(1, 3, figsize=(11.0, 3.4), layout="constrained")
    which_phases(places[0])
    whose_energies(places[1])
    how_exact(places[2])
    for axes in places[:2]:
        axes.set(xlim=(-0.05, 1.05), ylim=(-0.74, 0.2))
        axes.set_xticks(list(SHARES.values()), list(SHARES), fontsize=8)
        axes.set_ylabel("formation energy (eV/atom)", fontsize=9)
        axes.legend(fontsize=8, loc="lower right", frameon=False)
    for axes in places:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.savefig(OUT, dpi=160, bbox_inches="tight", pad_inches=0.05)
    print(OUT)


if __name__ == "__main__":
    main()

"""Draws ``docs/images/ambiguity.png``: where ``polysrl`` expects the crystals of some formulas, and where they lie.

``python scripts/draw_ambiguity.py``; the crystals are those of ``mp_structures`` of ``MATSCOUT_DATA``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from data_folder import data_folder
from structure_data import arrays_file

from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.pretrained.polysrl import PolySRL
from matscout.studies.boxes import COLOURS, INK

FORMULAS = ("SiO2", "TiO2", "ZnS", "CsCl", "WO3", "BN")
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "ambiguity.png"
Floats = NDArray[np.float64]


def structure_vectors(materials: Materials) -> tuple[Floats, NDArray[np.int64]]:
    """Vectors of norm 1 [r, d], and which crystals they are of."""
    embedding = CrystalNetwork.of(PolySRL().pretrained()).represent(materials)
    return embedding.vectors / np.linalg.norm(embedding.vectors, axis=1, keepdims=True), embedding.rows


def expected(formula: str) -> tuple[Floats, Floats]:
    """Where the crystals of a formula are expected [d], and the variances [d]."""
    network = PolySRL().pretrained()
    with torch.inference_mode():
        batch = CompositionBatch.from_compositions(Materials.from_formulas([formula]).compositions)
        told = network.encoders["composition"](batch)
        place = network.objective.expected(told.crystal)  # type: ignore[operator]
    return place[0].double().numpy(), told.log_variance[0].double().exp().numpy()


def main() -> None:
    """Write the picture."""
    materials = read_materials(arrays_file(data_folder())).materials
    vectors, rows = structure_vectors(materials)
    keys = materials.compositions.keys()[rows]
    centre = vectors.mean(axis=0)
    axes_of_most = np.linalg.svd(vectors - centre, full_matrices=False)[2][:2]
    flat = (vectors - centre) @ axes_of_most.T
    figure = Figure(figsize=(7.2, 5.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(*flat.T, ".", ms=1, color="#c9d0d6", alpha=0.4, rasterized=True)
    for formula, colour in zip(FORMULAS, COLOURS, strict=True):
        place, variances = expected(formula)
        spread = (axes_of_most * variances) @ axes_of_most.T
        sizes, directions = np.linalg.eigh(spread)
        angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
        middle = (place - centre) @ axes_of_most.T
        width, height = 4 * np.sqrt(sizes[::-1])
        axes.add_patch(Ellipse(middle, width, height, angle=angle, fc=colour, alpha=0.18, ec=colour, lw=1.2))
        own = flat[keys == Materials.from_formulas([formula]).compositions.keys()[0]]
        axes.plot(*own.T, "o", ms=4.5, mec="white", mew=0.5, color=colour, label=f"{formula}, {len(own)} crystals")
    axes.set_xlabel("first principal component of the crystals", color=INK)
    axes.set_ylabel("second principal component", color=INK)
    axes.legend(fontsize=8, frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=110)
    print(PICTURE)


if __name__ == "__main__":
    main()

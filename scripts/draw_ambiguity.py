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

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.represent.array_encoder import TOKENS_AT_ONCE
from matscout.represent.composition_arrays import length_buckets
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.pretrained.polysrl import PolySRL
from matscout.studies.boxes import COLOURS, INK

FORMULAS = ("SiO2", "TiO2", "ZnS", "CsCl", "WO3", "BN")
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "ambiguity.png"
SIGMAS = 2.0
"""Half axes of an ellipse, in standard deviations: 86 % of a normal distribution in a plane lie inside."""
Floats = NDArray[np.float64]


def structure_vectors(materials: Materials) -> tuple[Floats, NDArray[np.int64]]:
    """Vectors of norm 1 [r, d], and which crystals they are of."""
    embedding = CrystalNetwork.of(PolySRL().pretrained()).represent(materials)
    return embedding.vectors / np.linalg.norm(embedding.vectors, axis=1, keepdims=True), embedding.rows


def expected(compositions: Compositions) -> tuple[Floats, Floats]:
    """Where the crystals of each of n formulas are expected, and the variances there, [n, d] each."""
    network = PolySRL().pretrained()
    places, variances = (np.empty((len(compositions), network.encoders["composition"].width)) for _ in range(2))
    with torch.inference_mode():
        for rows in length_buckets(compositions, TOKENS_AT_ONCE):
            told = network.encoders["composition"](CompositionBatch.from_compositions(compositions[rows]))
            places[rows] = network.objective.expected(told.crystal).numpy()  # type: ignore[operator]
            variances[rows] = told.log_variance.exp().numpy()
    return places, variances


def share_inside(flat: Floats, owner: NDArray[np.int64], middles: Floats, spreads: Floats) -> dict[str, float]:
    """How many crystals in a hundred lie inside the ellipse of their formula, by how many crystals that has."""
    away = flat - middles[owner]
    inside = np.einsum("rd,rde,re->r", away, np.linalg.inv(spreads)[owner], away) <= SIGMAS**2
    counts = np.bincount(owner)[owner]
    kinds = {"1": counts == 1, "2 to 4": (counts > 1) & (counts < 5), "5 or more": counts > 4}
    return {name: 100 * float(inside[chosen].mean()) for name, chosen in kinds.items()}


def main() -> None:
    """Write the picture, and say how many crystals lie inside their ellipse."""
    materials = read_materials(arrays_file(data_folder())).materials
    vectors, rows = structure_vectors(materials)
    compositions = materials.compositions[rows]
    keys, first, owner = np.unique(compositions.keys(), return_index=True, return_inverse=True)
    places, variances = expected(compositions[first])
    centre = vectors.mean(axis=0)
    most = np.linalg.svd(vectors - centre, full_matrices=False)[2][:2]
    flat, middles = (vectors - centre) @ most.T, (places - centre) @ most.T
    spreads = np.einsum("ad,nd,bd->nab", most, variances, most)
    figure = Figure(figsize=(7.2, 5.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(*flat.T, ".", ms=1, color="#c9d0d6", alpha=0.4, rasterized=True)
    for formula, colour in zip(FORMULAS, COLOURS, strict=True):
        which = int(np.flatnonzero(keys == Materials.from_formulas([formula]).compositions.keys()[0])[0])
        sizes, directions = np.linalg.eigh(spreads[which])
        angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
        width, height = 2 * SIGMAS * np.sqrt(sizes[::-1])
        axes.add_patch(Ellipse(middles[which], width, height, angle=angle, fc=colour, alpha=0.18, ec=colour, lw=1.2))
        own = flat[owner == which]
        axes.plot(*own.T, "o", ms=4.5, mec="white", mew=0.5, color=colour, label=f"{formula}, {len(own)} crystals")
    axes.set_xlabel("first principal component of the crystals", color=INK)
    axes.set_ylabel("second principal component", color=INK)
    axes.legend(fontsize=8, frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=110)
    print(PICTURE)
    print("inside, in percent, by number of crystals:", share_inside(flat, owner, middles, spreads))
    sizes = np.sqrt(np.linalg.eigvalsh(spreads)[:, 1])
    print(
        "larger half axis, standard deviations, at 5, 50 and 95 % of the formulas:",
        np.quantile(sizes, (0.05, 0.5, 0.95)),
    )


if __name__ == "__main__":
    main()

"""Writes ``crystal/element_tables/volumes.csv``: how much room an atom of each element takes, in metals and compounds.

The volume of a crystal is taken for the sum of those of its atoms, each ``g * compound + (1 - g) * metal`` with g the
share of non-metals. Fitted to the volumes of ``mp_structures`` of the data folder (relative errors, reweighted so that
outliers count little), without formulas that ``mp_20`` tests. Elements in fewer than three crystals stay blank.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from data_folder import data_folder
from structure_data import mp_structures, stored_materials

from matscout.crystal.volumes import nonmetal_shares
from matscout.data.elements import SYMBOLS

TABLE = Path(__file__).parents[1] / "src" / "matscout" / "crystal" / "element_tables" / "volumes.csv"
FEWEST = 3
TIED = 0.02
ROUNDS = 10


def tested() -> set[str]:
    """Compositions of the test sets of ``mp_20``."""
    keys: set[str] = set()
    for path in sorted((data_folder() / "mp_20").glob("*test*.npz")):
        keys |= set(stored_materials(path).compositions.keys().tolist())
    return keys


def main() -> None:
    """Fit and write."""
    materials, held_out = mp_structures(data_folder()), tested()
    rows = np.flatnonzero([key not in held_out for key in materials.compositions.keys().tolist()])
    materials = materials[rows]
    assert materials.structures is not None
    volumes = np.abs(np.linalg.det(materials.structures.lattices)) / np.diff(materials.structures.offsets)
    shares, nonmetals = materials.compositions.dense(), nonmetal_shares(materials.compositions)[:, None]
    roles = np.concatenate([shares * nonmetals, shares * (1.0 - nonmetals)], axis=1)
    known = (shares > 0).sum(axis=0) >= FEWEST
    tie = np.concatenate([np.eye(len(SYMBOLS)), -np.eye(len(SYMBOLS))], axis=1) * TIED
    weights = 1.0 / volumes
    for _ in range(ROUNDS):
        matrix = np.concatenate([roles * weights[:, None], tie])
        fitted, _ = nnls(matrix, np.concatenate([volumes * weights, np.zeros(len(tie))]))
        off = np.abs(roles @ fitted / volumes - 1.0)
        weights = 1.0 / volumes / np.sqrt(np.maximum(off, 0.05))
    print(f"{len(volumes)} crystals, mean relative error {off.mean():.3f}, median {np.median(off):.3f}")
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["element", "in compounds (Å³)", "in metals (Å³)"])
        for place, symbol in enumerate(SYMBOLS):
            if known[place]:
                writer.writerow([symbol, f"{fitted[place]:.2f}", f"{fitted[place + len(SYMBOLS)]:.2f}"])


if __name__ == "__main__":
    main()

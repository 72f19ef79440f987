"""Solid noble gases by Lennard-Jones as references of a hull, and crystals to place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from ase import build as ase_build

from matscout.data.given import as_materials
from matscout.generate.base import Candidates
from matscout.simulate.choice import make_force_field

CONSTANTS = {"Ar": 5.26, "Kr": 5.65, "Xe": 6.13}
"""Å, of the fcc cells."""


def solid(symbol: str, constant: float) -> Atoms:
    return ase_build.bulk(symbol, "fcc", a=constant, cubic=True)


def mixture(symbols: str, constant: float) -> Atoms:
    return ase_build.bulk(symbols, "cesiumchloride", a=constant)


def energy(atoms: Atoms) -> float:
    """eV/atom."""
    structures = as_materials([atoms]).structures
    assert structures is not None
    return float(make_force_field("lennard-jones").evaluate(structures).energy[0]) / len(atoms)


def write_solids(folder: Path) -> Path:
    """References with their total energies, the elements among them."""
    path = folder / "solids.csv"
    rows = [f"{symbol},{energy(solid(symbol, constant))}" for symbol, constant in CONSTANTS.items()]
    path.write_text("\n".join(["formula,energy_per_atom", *rows]) + "\n", encoding="utf-8")
    return path


def candidates_of(atoms: list[Atoms]) -> Candidates:
    return Candidates(as_materials(atoms), np.array([f"row {row}" for row in range(len(atoms))]))

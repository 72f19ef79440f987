"""What objects of pymatgen and ASE hold, as the arrays of :class:`~matscout.data.structures.Structures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.named_columns import columns_of
from matscout.data.ragged import offsets_of

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import PeriodicSite, Structure

VACUUM = 10.0
"""Å; a made-up cell vector is so much longer than the atoms reach along it."""

OF_SITES = ("initial_magmoms", "initial_charges", "tags", "momenta", "forces", "magmoms", "charges")
OF_STRUCTURE = ("stress", "dipole")
"""What files of ASE may hold beside elements and positions."""

_CALCULATED = ("forces", "magmoms", "charges", "energies", "stresses")
"""Results of calculators of ASE that are of each atom."""


def of_pymatgen(structures: Sequence[Structure]) -> dict[str, Any]:
    """The arrays of pymatgen structures by name, sites in their order."""
    amounts = [[_amounts(site) for site in structure] for structure in structures]
    sites = [
        (site, number, amount)
        for structure, held in zip(structures, amounts, strict=True)
        for site, of_site in zip(structure, held, strict=True)
        for number, amount in of_site.items()
    ]
    return {
        "lattices": np.array([one.lattice.matrix for one in structures], dtype=np.float64).reshape(-1, 3, 3),
        "offsets": offsets_of([sum(map(len, held)) for held in amounts]),
        "atomic_numbers": np.array([number for _, number, _ in sites], dtype=np.uint8),
        "fractional_coordinates": np.array([site.frac_coords for site, _, _ in sites], dtype=np.float64).reshape(-1, 3),
        "occupancies": np.array([amount for _, _, amount in sites], dtype=np.float64),
        "pbc": np.array([one.lattice.pbc for one in structures], dtype=np.bool_).reshape(-1, 3),
        # Its public charge is the sum of oxidation states where none was set.
        "charge": np.array([one._charge or 0.0 for one in structures], dtype=np.float64),
        "site_columns": columns_of([site.properties for site, _, _ in sites]),
        "columns": columns_of([one.properties for one in structures]),
    }


def _amounts(site: PeriodicSite) -> dict[int, float]:
    """Atomic number -> occupancy."""
    amounts: dict[int, float] = {}
    for species, amount in site.species.items():
        number = ATOMIC_NUMBERS[species.symbol if hasattr(species, "symbol") else str(species)]
        amounts[number] = amounts.get(number, 0.0) + amount
    return amounts


def of_ase(atoms: Sequence[Atoms]) -> dict[str, Any]:
    """The arrays of ASE's atoms by name."""
    cells = [completed_cell(one.cell.array, one.pbc, one.positions) for one in atoms]
    fractional = [one.positions @ np.linalg.inv(cell) for one, cell in zip(atoms, cells, strict=True)]
    sites = [record for one in atoms for record in _site_records(one)]
    return {
        "lattices": np.array(cells, dtype=np.float64).reshape(-1, 3, 3),
        "offsets": offsets_of([len(one) for one in atoms]),
        "atomic_numbers": np.concatenate([*(one.numbers for one in atoms), []]).astype(np.uint8),
        "fractional_coordinates": np.concatenate([*fractional, np.zeros((0, 3))]),
        "occupancies": np.ones(len(sites)),
        "pbc": np.array([one.pbc for one in atoms], dtype=np.bool_).reshape(-1, 3),
        "charge": np.array([float(one.info.get("charge", 0.0)) for one in atoms], dtype=np.float64),
        "site_columns": columns_of(sites),
        "columns": columns_of([structure_record(one) for one in atoms]),
    }


def site_arrays(atoms: Atoms) -> dict[str, NDArray[Any]]:
    """All arrays of the atoms beside elements and positions, calculated ones included."""
    stored = {name: array for name, array in atoms.arrays.items() if name not in ("numbers", "positions")}
    results = getattr(atoms.calc, "results", {})
    calculated = {name: np.asarray(results[name]) for name in _CALCULATED if name in results}
    return stored | {name: array for name, array in calculated.items() if array.shape[:1] == (len(atoms),)}


def _site_records(atoms: Atoms) -> list[dict[str, object]]:
    arrays = {name: array.tolist() for name, array in site_arrays(atoms).items()}
    return [{name: values[place] for name, values in arrays.items()} for place in range(len(atoms))]


def structure_record(atoms: Atoms) -> Mapping[str, object]:
    """What is known of the atoms together: ``info`` without the charge, and what was calculated."""
    results = getattr(atoms.calc, "results", {})
    calculated = {name: value for name, value in results.items() if name not in _CALCULATED}
    return {name: value for name, value in {**atoms.info, **calculated}.items() if name != "charge"}


def completed_cell(cell: ArrayLike, pbc: ArrayLike, positions: ArrayLike) -> NDArray[np.float64]:
    """A cell (rows are vectors, Å) with those made up that are missing (zero) and not periodic.

    They stand at right angles to the others and are longer than the atoms reach along them (:data:`VACUUM`).

    Parameters
    ----------
    cell
        [3, 3], Å.
    pbc
        bool [3].
    positions
        [sites, 3], Å.
    """
    vectors = np.array(cell, dtype=np.float64)
    missing = ~vectors.any(axis=1) & ~np.asarray(pbc, dtype=np.bool_)
    if not missing.any():
        return vectors
    _, _, axes = np.linalg.svd(vectors[~missing])
    directions = np.eye(3) if missing.all() else axes[-int(missing.sum()) :]
    along = np.asarray(positions, dtype=np.float64).reshape(-1, 3) @ directions.T
    reach = np.ptp(along, axis=0) if len(along) else np.zeros(len(directions))
    vectors[missing] = directions * (reach + VACUUM)[:, None]
    if np.linalg.det(vectors) < 0:
        vectors[np.flatnonzero(missing)[-1]] *= -1.0
    return vectors

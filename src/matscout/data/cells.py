"""The cell in which a crystal is written: as given, primitive, or conventional."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.spglib_calls import ask_spglib
from matscout.data.structures import Structures

CellChoice = Literal["as-given", "primitive", "conventional"]

PRECISION = 0.01
"""Å, within which sites count as equal under symmetry: that of pymatgen."""


def with_cells(materials: Materials, choice: CellChoice) -> Materials:
    """The same materials, their structures in the standard cell that is asked for (:func:`standard_cells`)."""
    if choice == "as-given" or materials.structures is None:
        return materials
    known = materials.has_structure
    if not known.all():
        rows, others = np.flatnonzero(known), np.flatnonzero(~known)
        changed = with_cells(materials[rows], choice)
        assert changed.structures is not None
        order = np.argsort(np.concatenate([rows, others]))
        compositions = Compositions.concatenate([changed.compositions, materials.compositions[others]])[order]
        return replace(materials, structures=changed.structures.spread(rows, len(known)), compositions=compositions)
    from matscout.data.structure_compositions import compositions_of

    structures = standard_cells(materials.structures, choice)
    return replace(materials, structures=structures, compositions=compositions_of(structures))


def standard_cells(structures: Structures, choice: CellChoice) -> Structures:
    """The same structures in the standard cell that is asked for.

    Cells are those of spglib (A. Togo et al., doi:10.1080/27660400.2024.2384822). A structure in which spglib finds no
    symmetry, or that is disordered, charged or not periodic along all axes, stays as it is. What is known of the others
    beside their sites (:attr:`Structures.columns`) is lost: it was of other cells.
    """
    return Structures.joined([_standardised(structures[row : row + 1], choice) for row in range(len(structures))])


def _standardised(one: Structures, choice: CellChoice) -> Structures:
    import spglib

    if not np.allclose(one.occupancies, 1.0, atol=1e-3) or not one.pbc.all() or one.charge.any():
        return one
    cell: Any = (one.lattices[0], one.fractional_coordinates, one.atomic_numbers.astype(np.intc))
    standard = ask_spglib(spglib.standardize_cell, cell, to_primitive=choice == "primitive", symprec=PRECISION)
    if standard is None:
        return one
    lattice, coordinates, numbers = standard
    return Structures(
        np.asarray(lattice, dtype=np.float64)[None],
        np.array([0, len(numbers)]),
        np.asarray(numbers, dtype=np.uint8),
        np.asarray(coordinates, dtype=np.float64),
        np.ones(len(numbers)),
    )

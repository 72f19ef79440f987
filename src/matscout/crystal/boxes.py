"""Slabs, chains and molecules in boxes: crystals of them that are periodic along all axes, with vacuum between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.structure_objects import VACUUM, completed_cell
from matscout.data.unit_cells import heights_of

Floats = NDArray[np.float64]


def in_boxes(crystals: Crystals) -> Crystals:
    """The same atoms in crystals that are periodic along all axes; what was periodic already stays as it is.

    So symmetry and Voronoi cells, which are defined for crystals, are those of a layer with vacuum around it, and not
    of a crystal that a thin vacuum would make. Cells with enough vacuum (:data:`VACUUM`) along the axes that were not
    periodic are kept; the others get cell vectors at right angles that leave as much.
    """
    if crystals.periodic.all():
        return crystals
    lattices, fractional = crystals.lattices.copy(), crystals.fractional.copy()
    for row in np.flatnonzero(~crystals.periodic):
        sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
        lattices[row], fractional[sites] = _boxed(lattices[row], fractional[sites], crystals.pbc[row])
    return replace(crystals, lattices=lattices, fractional=fractional, pbc=np.ones_like(crystals.pbc))


def _boxed(lattice: Floats, fractional: Floats, pbc: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    vacuum = heights_of(lattice) * (1.0 - np.ptp(fractional, axis=0))
    if (vacuum[~pbc] >= VACUUM).all():
        return lattice, fractional
    positions = fractional @ lattice
    box = completed_cell(np.where(pbc[:, None], lattice, 0.0), pbc, positions)
    return box, positions @ np.linalg.inv(box)

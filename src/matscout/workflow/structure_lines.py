"""What the first structures of an input are, in a line each: so that a wrong reading of a file is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matscout.data.materials import Materials
from matscout.data.spglib_calls import ask_spglib

FIRST = 5
"""Structures that are told."""

_SYMMETRIC = 1000
"""Sites; larger structures are not asked for their space group, which takes long."""


@dataclass(frozen=True)
class StructureLine:
    """One structure: name, formula, sites in its cell, density (g/cm³), and space group as symbol and number.

    The space group is that of the atoms within 0.01 Å, by spglib (Togo et al. 2024); empty where it is not found.
    """

    name: str
    formula: str
    n_sites: int
    density: float
    space_group: str


def first_structures(materials: Materials) -> tuple[StructureLine, ...]:
    """Of the first rows with a structure."""
    known = np.flatnonzero(materials.has_structure)[:FIRST]
    return tuple(_line(materials, int(row)) for row in known)


def _line(materials: Materials, row: int) -> StructureLine:
    import spglib

    assert materials.structures is not None
    structure = materials.structures.to_pymatgen(row)
    kinds = {species: place for place, species in enumerate(dict.fromkeys(site.species for site in structure))}
    cell = (structure.lattice.matrix, structure.frac_coords, [kinds[site.species] for site in structure])
    symbol = ask_spglib(spglib.get_spacegroup, cell, symprec=0.01) if len(structure) <= _SYMMETRIC else None
    return StructureLine(
        str(materials.ids[row]), structure.composition.formula, len(structure), float(structure.density), symbol or ""
    )

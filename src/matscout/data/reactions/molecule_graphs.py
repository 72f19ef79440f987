"""Molecules as graphs and as letters: what networks of reactions see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.reactions.molecules import rdkit_molecule

Ints = NDArray[np.int64]

ATOM_CHOICES = (119, 8, 7, 6, 8, 2, 2, 4)
"""Numbers of choices for each property of an atom: element, neighbours, charge, hydrogen, hybridisation, aromatic, in a
ring, chirality."""
BOND_CHOICES = (6, 2, 2, 4)
"""Of a bond: order, conjugated, in a ring, double-bond geometry."""

LETTERS = ("Cl", "Br", *(chr(code) for code in range(33, 127)))
"""What SMILES are cut into; 0 stands for the start, and this list begins with 1."""
LONGEST = 160
"""Letters of a SMILES that are read."""

_CODES = {letter: place for place, letter in enumerate(LETTERS, start=1)}


@dataclass(frozen=True, eq=False)
class Graph:
    """One molecule.

    Parameters
    ----------
    atoms
        int64 [a, 8], a choice out of :data:`ATOM_CHOICES` for each property.
    ends
        int64 [2, 2 b], the atoms that each bond joins, in both directions: from, to.
    bonds
        int64 [2 b, 4], a choice out of :data:`BOND_CHOICES` for each property.
    letters
        int64 [l], positions in :data:`LETTERS` + 1, after a 0.
    """

    atoms: Ints
    ends: Ints
    bonds: Ints
    letters: Ints


@lru_cache(maxsize=100_000)
def graph_of(smiles: str) -> Graph:
    """The graph of a canonical SMILES."""
    molecule = rdkit_molecule(smiles)
    atoms = np.array([_atom(atom) for atom in molecule.GetAtoms()], dtype=np.int64)
    pairs = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in molecule.GetBonds()]
    both = [*pairs, *((end, start) for start, end in pairs)]
    bonds = np.array([_bond(bond) for bond in molecule.GetBonds()], dtype=np.int64).reshape(-1, len(BOND_CHOICES))
    ends = np.array(both, dtype=np.int64).reshape(-1, 2).T
    return Graph(atoms, ends, np.concatenate([bonds, bonds]), letters_of(smiles))


def letters_of(smiles: str) -> Ints:
    """Codes of the letters of a SMILES, the first 160 of them, after a 0."""
    codes, place = [0], 0
    while place < len(smiles) and len(codes) <= LONGEST:
        length = 2 if smiles[place : place + 2] in _CODES else 1
        codes.append(_CODES[smiles[place : place + length]])
        place += length
    return np.array(codes, dtype=np.int64)


def _atom(atom: Any) -> tuple[int, ...]:
    return _limited(
        (
            atom.GetAtomicNum(),
            atom.GetDegree(),
            atom.GetFormalCharge() + 3,
            atom.GetTotalNumHs(),
            int(atom.GetHybridization()),
            int(atom.GetIsAromatic()),
            int(atom.IsInRing()),
            int(atom.GetChiralTag()),
        ),
        ATOM_CHOICES,
    )


def _bond(bond: Any) -> tuple[int, ...]:
    order = {1.0: 1, 2.0: 2, 3.0: 3, 1.5: 4}.get(bond.GetBondTypeAsDouble(), 5)
    return _limited(
        (order, int(bond.GetIsConjugated()), int(bond.IsInRing()), int(bond.GetStereo())),
        BOND_CHOICES,
    )


def _limited(values: tuple[int, ...], choices: tuple[int, ...]) -> tuple[int, ...]:
    """Rare values beyond the last choice count as that one."""
    return tuple(min(max(value, 0), most - 1) for value, most in zip(values, choices, strict=True))

"""Substructures of molecules as DRFP counts them (Probst, Schwaller and Reymond 2022, doi:10.1039/D1DD00006C).

A molecule is the set of its rings, its atoms and the surroundings of each atom up to three bonds away, each written as
a SMILES that starts at the middle atom. A reaction is the symmetric difference between what goes in (reactants and
agents) and what comes out; BLAKE2b turns each substructure into a number, which is folded to a place in the vector.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.reactions.column_store import Reactions
from matscout.data.reactions.molecules import rdkit_molecule

if TYPE_CHECKING:
    from rdkit.Chem import Mol

RADIUS = 3
"""Bonds between the middle atom and the outermost one."""
LENGTH = 2048
"""Places that substructures are folded to."""


def folded(reactions: Reactions) -> NDArray[np.bool_]:
    """Which places of the fingerprint are taken, bool [n, 2048]."""
    taken = np.zeros((len(reactions), LENGTH), dtype=np.bool_)
    shingles = [shingles_of(str(smiles)) for smiles in reactions.molecules]
    products = {place for place, part in enumerate(reactions.parts) if part.side == "product"}
    for row in range(len(reactions)):
        sides: tuple[set[int], set[int]] = (set(), set())
        for entry in range(reactions.offsets[row], reactions.offsets[row + 1]):
            sides[int(reactions.places[entry]) in products].update(shingles[reactions.members[entry]])
        taken[row, [number % LENGTH for number in sides[0] ^ sides[1]]] = True
    return taken


@lru_cache(maxsize=200_000)
def shingles_of(smiles: str) -> frozenset[int]:
    """Numbers of the substructures of a canonical SMILES."""
    molecule = rdkit_molecule(smiles)
    texts = {*_rings(molecule), *(atom.GetSmarts() for atom in molecule.GetAtoms()), *_surroundings(molecule)}
    return frozenset(_number(text) for text in texts)


def _number(text: str) -> int:
    """A signed number of 32 bits."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big", signed=True)


def _rings(molecule: Mol) -> set[str]:
    from rdkit import Chem

    rings = set()
    for ring in Chem.GetSymmSSSR(molecule):
        atoms = set(ring)
        bonds = [
            bond.GetIdx()
            for bond in molecule.GetBonds()
            if bond.GetBeginAtomIdx() in atoms and bond.GetEndAtomIdx() in atoms
        ]
        rings.add(Chem.MolToSmiles(Chem.PathToSubmol(molecule, bonds), allHsExplicit=True))
    return rings


def _surroundings(molecule: Mol) -> set[str]:
    from rdkit import Chem

    surroundings = set()
    for middle in range(molecule.GetNumAtoms()):
        for radius in range(1, RADIUS + 1):
            # There is nothing more to see where no atom is that far away.
            bonds = Chem.FindAtomEnvironmentOfRadiusN(molecule, radius, middle)
            places: dict[int, int] = {}
            surrounding = Chem.PathToSubmol(molecule, bonds, atomMap=places)
            if middle in places:
                surroundings.add(Chem.MolToSmiles(surrounding, rootedAtAtom=places[middle], allHsExplicit=True))
    return surroundings

"""Morgan fingerprints of the molecules of a reaction, counted and summed for each part."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from matscout.data.reactions.molecules import rdkit_molecule
from matscout.represent.reaction_representation import Floats, PooledMolecules

RADIUS = 2
LENGTH = 1024


class ReactionMorgan(PooledMolecules):
    """How often each substructure of radius 2 occurs (ECFP4 with counts; Rogers and Hahn 2010, doi:10.1021/ci100050t).

    1,024 numbers for each part, as RDKit folds them.
    """

    poolings = ("sum",)

    @property
    def components(self) -> tuple[str, ...]:
        """``"Morgan 17"``."""
        return tuple(f"Morgan {place}" for place in range(LENGTH))

    def of_molecules(self, molecules: tuple[str, ...]) -> Floats:
        """Counts, [u, 1024]."""
        vectors = np.zeros((len(molecules), LENGTH))
        for row, smiles in enumerate(molecules):
            vectors[row] = _counts(smiles)
        return vectors


@lru_cache(maxsize=50_000)
def _counts(smiles: str) -> Floats:
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

    generator = GetMorganGenerator(radius=RADIUS, fpSize=LENGTH)
    return np.asarray(generator.GetCountFingerprintAsNumPy(rdkit_molecule(smiles)), dtype=np.float64)

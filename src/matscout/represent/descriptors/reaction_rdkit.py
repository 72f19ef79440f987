"""RDKit's descriptors of the molecules of a reaction: size, charge, polarity, counts of groups."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np

from matscout.data.reactions.molecules import rdkit_molecule, require_rdkit
from matscout.represent.reaction_representation import Floats, PooledMolecules

UNUSED = ("Ipc",)
"""Grows exponentially with the size of a molecule; its average stands beside it."""


class ReactionRdkit(PooledMolecules):
    """All 2D descriptors of ``rdkit.Chem.Descriptors`` but Ipc; blank where RDKit has no parameters for an atom."""

    @property
    def components(self) -> tuple[str, ...]:
        """Names as in RDKit."""
        return _names()

    def of_molecules(self, molecules: tuple[str, ...]) -> Floats:
        """Descriptors, [u, p]."""
        return np.array([_descriptors(smiles) for smiles in molecules]).reshape(len(molecules), len(_names()))


@cache
def _names() -> tuple[str, ...]:
    require_rdkit()
    from rdkit.Chem import Descriptors

    return tuple(name for name, _ in Descriptors.descList if name not in UNUSED)


@lru_cache(maxsize=50_000)
def _descriptors(smiles: str) -> Floats:
    from rdkit.Chem import Descriptors

    calculate: Any = Descriptors.CalcMolDescriptors
    by_name = calculate(rdkit_molecule(smiles), missingVal=np.nan, silent=True)
    values = np.array([by_name[name] for name in _names()], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)

"""What all representations of reactions have in common: a vector for each part, pooled over its molecules."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.data.reactions.column_store import WHOLE, Part, Reactions
from matscout.errors import RowProblem
from matscout.represent.base import Embedding, Representation, reactions_of

Floats = NDArray[np.float64]

POOLINGS = ("sum", "maximum", "minimum")
"""Of a part that may hold several molecules."""


class ReactionRepresentation(Representation):
    """Describes reactions; which columns it has depends on the parts that the user's table tells apart."""

    needs = "reaction"
    packages: ClassVar[tuple[str, ...]] = ("rdkit",)
    extra = "reactions"

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of reactions that were written as reaction SMILES."""
        return self.columns_for(WHOLE)

    @abstractmethod
    def columns_for(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """Names of the columns for reactions of these parts."""

    @abstractmethod
    def vectors(self, reactions: Reactions) -> Floats:
        """One row for each reaction, NaN where the source leaves a value blank."""

    def represent(self, materials: Materials) -> Embedding:
        """Vectors of all reactions."""
        reactions = reactions_of(materials, self.name)
        vectors = self.vectors(reactions)
        columns = self.columns_for(reactions.parts)
        problems = [
            RowProblem(
                int(row) + 1,
                str(materials.formulas[row]),
                f"{int(np.isnan(vectors[row]).sum())} of {len(columns)} columns of {self.name} are blank for it",
                "these columns are NaN: impute them, or choose another representation",
                dropped=False,
            )
            for row in np.flatnonzero(np.isnan(vectors).any(axis=1))
        ]
        return Embedding(vectors, np.arange(len(reactions)), columns, tuple(problems))


class PooledMolecules(ReactionRepresentation):
    """Pools vectors of molecules: as they are where a part is one molecule, else their sum, maximum and minimum.

    A part that is empty in a reaction has zeros.
    """

    poolings: tuple[str, ...] = POOLINGS
    """Of parts with several molecules."""

    @property
    @abstractmethod
    def components(self) -> tuple[str, ...]:
        """Names of the p numbers of a molecule."""

    @abstractmethod
    def of_molecules(self, molecules: tuple[str, ...]) -> Floats:
        """The numbers of u canonical SMILES, [u, p]; NaN where there is none."""

    def columns_for(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """``"ligand MolWt"``, and ``"reactant sum MolWt"`` where there may be several."""
        return tuple(
            f"{part.name}{f' {pooling}' if part.several else ''} {component}"
            for part in parts
            for pooling in (self.poolings if part.several else ("",))
            for component in self.components
        )

    def vectors(self, reactions: Reactions) -> Floats:
        """Pooled vectors of every reaction."""
        used, members = np.unique(reactions.members, return_inverse=True)
        known = self.of_molecules(tuple(str(smiles) for smiles in reactions.molecules[used]))
        blocks = []
        for place, part in enumerate(reactions.parts):
            entries = reactions.places == place
            rows, values = reactions.rows[entries], known[members[entries]]
            blocks += [
                _pooled(pooling, rows, values, len(reactions))
                for pooling in (self.poolings if part.several else ("sum",))
            ]
        return np.concatenate(blocks, axis=1)


def _pooled(pooling: str, rows: NDArray[np.int64], values: Floats, n: int) -> Floats:
    """Values [entries, p] pooled over entries of equal row, [n, p]; 0 where a row has none."""
    pooled = np.zeros((n, values.shape[1]))
    if not len(rows):
        return pooled
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    # A blank of one molecule leaves the others their say in the extremes, not in the sum.
    reduce = {"sum": np.add, "maximum": np.fmax, "minimum": np.fmin}[pooling]
    pooled[rows[starts]] = reduce.reduceat(values, starts, axis=0)
    return pooled


@lru_cache(maxsize=200_000)
def seed_of(text: str) -> int:
    """A number that stands for a text in every process."""
    from hashlib import sha256

    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")

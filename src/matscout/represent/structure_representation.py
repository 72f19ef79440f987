"""What all representations of crystal structures have in common: which rows they take, and what is reported."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.represent.base import Embedding, Needs, Representation
from matscout.represent.crystals import Crystals
from matscout.represent.neighbours import pairs_within

Floats = NDArray[np.float64]

SITES_AT_ONCE = 20_000
"""Crystals are treated in parts of about so many sites, so that memory does not grow with their number."""

OVERLAP = 0.1
"""Å; sites that are closer are one site written twice, or a mistake. Split sites of disordered crystals are farther."""

SEARCHED = 1.5
"""Å; searching within less takes a hundred times longer, because the cell is then divided into many more boxes."""


class StructureRepresentation(Representation):
    """A vector for each crystal, from its lattice, sites and occupancies.

    A concrete one gives ``columns`` and :meth:`vectors`. Rows whose vector is all NaN are left out and reported.
    """

    needs: ClassVar[Needs] = "structure"
    takes_disorder: ClassVar[bool]
    """Whether sites may be partly occupied or shared."""
    intensive: ClassVar[bool]
    """Whether a supercell has the vector of its cell; turning, moving and renumbering must never change a vector."""

    @abstractmethod
    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, dim]; NaN where something is not defined."""

    def represent(self, materials: Materials) -> Embedding:
        """Vectors of all materials whose structure has one.

        Raises
        ------
        UsageError
            If the materials have no structures.
        """
        if materials.structures is None:
            raise UsageError(
                f"{self.name} describes crystal structures, and these materials are formulas only: "
                "name the structures (--structure COL|DIR), or choose a representation of compositions"
            )
        vectors = np.full((len(materials), self.dim), np.nan)
        crystals = Crystals.from_structures(materials.structures)
        reasons = self._reasons(crystals)
        usable = np.array([reason is None for reason in reasons], dtype=np.bool_)
        for rows in _parts(np.flatnonzero(usable), np.diff(crystals.offsets)):
            vectors[rows] = self.vectors(Crystals.from_structures(materials.structures[rows]))
        found = ~np.isnan(vectors).all(axis=1)
        problems = [
            *(self._refusal(materials, int(row), reasons[row]) for row in np.flatnonzero(~found)),
            *(
                self._blanks(materials, int(row), vectors[row])
                for row in np.flatnonzero(found)
                if np.isnan(vectors[row]).any()
            ),
        ]
        rows = np.flatnonzero(found)
        return Embedding(vectors[rows], rows, self.columns, tuple(sorted(problems, key=lambda problem: problem.row)))

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        """Why a crystal has no vector and what to do, for each of n; None for those that may have one."""
        pairs = pairs_within(crystals, SEARCHED)
        first = np.repeat(np.arange(len(crystals.fractional)), np.diff(pairs.offsets))
        overlapping = np.unique(crystals.owners[first[pairs.distances < OVERLAP]])
        disordered = np.flatnonzero(~crystals.ordered & np.logical_not(self.takes_disorder))
        reasons: list[tuple[str, str] | None] = [None] * len(crystals)
        for row in disordered:
            reasons[row] = (
                f"{self.name} is not defined for partly occupied sites",
                "give an ordered model of the structure, or use structure-basic",
            )
        for row in overlapping:
            reasons[row] = (f"two of its sites are less than {OVERLAP} Å apart", "remove one of them, or mend the cell")
        return reasons

    def _refusal(self, materials: Materials, row: int, reason: tuple[str, str] | None) -> RowProblem:
        what, advice = reason or (f"{self.name} is not defined for it", "check the structure: atoms may be far apart")
        return RowProblem(row + 1, str(materials.formulas[row]), what, advice)

    def _blanks(self, materials: Materials, row: int, vector: Floats) -> RowProblem:
        names = [self.columns[place] for place in np.flatnonzero(np.isnan(vector))]
        return RowProblem(
            row + 1,
            str(materials.formulas[row]),
            f"{len(names)} of {self.dim} values are blank ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})",
            "the tables know too little of one of its elements",
            dropped=False,
        )


def _parts(rows: NDArray[np.int64], sites: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """``rows`` cut so that each part has about ``SITES_AT_ONCE`` sites."""
    if not len(rows):
        return []
    part = np.cumsum(sites[rows]) // SITES_AT_ONCE
    return np.split(rows, np.flatnonzero(np.diff(part)) + 1)

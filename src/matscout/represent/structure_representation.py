"""What all representations of crystal structures have in common: which rows they take, and what is reported."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals, parts_by_sites
from matscout.crystal.neighbours import pairs_within
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.represent.base import Embedding, Needs, Representation, of_known_structures, structures_of

Floats = NDArray[np.float64]

SITES_AT_ONCE = 20_000
"""Crystals are treated in parts of about so many sites, so that memory does not grow with their number."""

OVERLAP = 0.1
"""Å; sites that are closer are one site written twice, or a mistake. Split sites of disordered crystals are farther."""

LONELY = 5.0
"""Å; bonds and Voronoi cells end before an atom without another one so near."""

SEARCHED = 1.5
"""Å; searching within less takes a hundred times longer, because the cell is then divided into many more boxes."""


class StructureRepresentation(Representation):
    """A vector for each crystal, from its lattice, sites and occupancies.

    A concrete one gives ``columns`` and :meth:`vectors`. Rows whose vector is all NaN are left out and reported.
    """

    needs: ClassVar[Needs] = "structure"
    takes_slabs: ClassVar[bool] = False
    """Whether it is defined for what is not periodic along all axes (slabs, chains, molecules), whatever the lattice
    vectors of the others are. If not, such rows are refused."""
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
        structures_of(materials, self.name)
        return of_known_structures(materials, self._of_crystals)

    def _of_crystals(self, materials: Materials) -> Embedding:
        """Of materials that all have structures."""
        structures = structures_of(materials, self.name)
        vectors = np.full((len(materials), self.dim), np.nan)
        crystals = Crystals.from_structures(structures)
        reasons = self._reasons(crystals)
        usable = np.array([reason is None for reason in reasons], dtype=np.bool_)
        described = np.flatnonzero(usable)
        for part in parts_by_sites(np.diff(crystals.offsets)[described], SITES_AT_ONCE):
            rows = described[part]
            vectors[rows] = self.vectors(Crystals.from_structures(structures[rows]))
        known = ~np.isnan(vectors).all(axis=1)
        problems = [
            *(self._refusal(materials, int(row), reasons[row]) for row in np.flatnonzero(~known)),
            *(
                self._blanks(materials, int(row), vectors[row])
                for row in np.flatnonzero(known)
                if np.isnan(vectors[row]).any()
            ),
        ]
        rows = np.flatnonzero(known)
        return Embedding(vectors[rows], rows, self.columns, tuple(sorted(problems, key=lambda problem: problem.row)))

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        """Why a crystal has no vector and what to do, for each of n; None for those that may have one."""
        pairs = pairs_within(crystals, SEARCHED)
        first = pairs.first
        reasons: list[tuple[str, str] | None] = [None] * len(crystals)
        for row in [] if self.takes_slabs else np.flatnonzero(~crystals.periodic):
            reasons[row] = (
                f"it is periodic along {crystals.pbc[row].sum()} of 3 axes, but {self.name} is defined for crystals, "
                "which are periodic along all",
                'describe it as a crystal with its vacuum (pbc="T T T"), or use a representation for slabs, such as '
                "site-contrasts",
            )
        for row in [] if self.takes_disorder else np.flatnonzero(~crystals.ordered):
            shared = np.flatnonzero(~crystals.whole[crystals.offsets[row] : crystals.offsets[row + 1]])
            sites = int(crystals.offsets[row + 1] - crystals.offsets[row])
            reasons[row] = (
                f"{len(shared)} of its {sites} sites are partly occupied or shared, the first is "
                f"{crystals.site_name(int(crystals.offsets[row] + shared[0]))}; {self.name} needs whole atoms",
                "give an ordered model of the structure, or use structure-basic",
            )
        # The first pair of each crystal last, so that it is the one that is named.
        for pair in np.flatnonzero(pairs.distances < OVERLAP)[::-1]:
            names = [crystals.site_name(int(site)) for site in (first[pair], pairs.second[pair])]
            reasons[crystals.owners[first[pair]]] = (
                f"its sites {' and '.join(names)} are {pairs.distances[pair]:.2f} Å apart",
                "remove one of them, or correct the cell",
            )
        return reasons

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Elements that a table it reads is blank for, [118]; none where there are no tables."""
        return np.zeros(N_ELEMENTS, dtype=np.bool_)

    def _unknown(self, materials: Materials, row: int) -> str:
        """The elements of a material that the tables are blank for, with commas between."""
        unknown = self.unknown_elements()
        return ", ".join(
            symbol for symbol in materials.compositions.to_dict(row) if unknown[ATOMIC_NUMBERS[symbol] - 1]
        )

    def _refusal(self, materials: Materials, row: int, reason: tuple[str, str] | None) -> RowProblem:
        what, advice = reason or self._undefined(materials, row)
        return RowProblem(row + 1, str(materials.formulas[row]), what, advice)

    def _undefined(self, materials: Materials, row: int) -> tuple[str, str]:
        """Why a vector that was tried is blank, and what to do."""
        if unknown := self._unknown(materials, row):
            return f"the tables of {self.name} lack values of {unknown}", "remove this row, or use structure-basic"
        assert materials.structures is not None
        crystal = Crystals.from_structures(materials.structures[row : row + 1])
        lonely = np.flatnonzero(np.diff(pairs_within(crystal, LONELY).offsets) == 0)
        if len(lonely):
            what = f"its atom {crystal.site_name(int(lonely[0]))} has no other atom within {LONELY:g} Å"
            return what, "check the cell: lattice constants may be too large"
        return f"{self.name} is not defined for it", "check the structure, or use structure-basic"

    def _blanks(self, materials: Materials, row: int, vector: Floats) -> RowProblem:
        names = [self.columns[place] for place in np.flatnonzero(np.isnan(vector))]
        return RowProblem(
            row + 1,
            str(materials.formulas[row]),
            f"{len(names)} of {self.dim} values are blank ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})",
            f"the tables lack data for {self._unknown(materials, row) or 'one of its elements'}",
            dropped=False,
        )

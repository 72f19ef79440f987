"""Global instability index, and the deviation of bond-valence sums from the oxidation states of cations and anions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.bond_valences import bond_valence_sums, bond_valence_table, guessed_states
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class GlobalInstability(StructureRepresentation):
    """A. Salinas-Sanchez et al., J. Solid State Chem. 100, 201 (1992), doi:10.1016/0022-4596(92)90094-C.

    The index is the root mean square of bond-valence sum minus oxidation state, here with pymatgen's parameters for
    pairs of elements (doi:10.1021/ja00009a002) and one guessed state for each element. With the same states it is that
    of matminer's ``GlobalInstabilityIndex.calc_gii_pymatgen``. Its default, a table of the IUCr with parameters for
    each state, may be passed on for non-profit purposes only, and is not used here. The misfit of a species is positive
    where it has more valence than it should, and negative where it has less.

    All but the last column are blank for metals and elements, which have no ions, and for elements without parameters
    (platinum). Where only some elements are neutral by the guess, they count in the index alone. Each species of a
    shared site counts as much as it is there. The guess knows one state of an element: in Fe3O4 a charge is left over,
    and adds to the index.

    Parameters
    ----------
    cutoff
        Å; where bonds end. matminer takes 4 Å, at which a bond still has a valence of some 1e-3.
    scale
        What distances are multiplied with. matminer takes 0.965; 1.015 mends the long bonds of semilocal functionals
        in pymatgen's ``BVAnalyzer``.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = (
        "global instability index (valence units)",
        "mean misfit of cations (valence units)",
        "mean misfit of anions (valence units)",
        "least misfit (valence units)",
        "largest misfit (valence units)",
        "charge left over by the guess (e/atom)",
    )

    def __init__(self, cutoff: float = 8.0, scale: float = 1.0) -> None:
        self.cutoff = cutoff
        self.scale = scale

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 6]."""
        guess, owners = guessed_states(crystals), crystals.owners[crystals.site_of_species]
        missed = bond_valence_sums(crystals, pairs_within(crystals, self.cutoff), self.scale) - guess.states
        misfits = missed * np.sign(guess.states)
        cations, anions = guess.states > 0, guess.states < 0
        pooled = _SpeciesPooling(owners, crystals.occupancies, len(crystals))
        everything = np.ones(len(owners), dtype=np.bool_)
        columns = [
            np.sqrt(pooled.mean(missed**2, everything)),
            pooled.mean(misfits, cations),
            pooled.mean(misfits, anions),
            -pooled.most(-misfits, cations | anions),
            pooled.most(misfits, cations | anions),
            guess.charge,
        ]
        vectors = np.stack(columns, axis=1)
        vectors[np.isnan(vectors).any(axis=1), : len(columns) - 1] = np.nan
        return vectors

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those without bond-valence parameters, [118]."""
        return ~bond_valence_table().listed

    def _blanks(self, materials: Materials, row: int, vector: Floats) -> RowProblem:
        unknown = self._unknown(materials, row)
        why = f"there are no bond-valence parameters of {unknown}" if unknown else "it has no ions by the guess"
        return replace(super()._blanks(materials, row, vector), advice=f"{why}: impute them, or use structure-basic")


@dataclass(frozen=True, eq=False)
class _SpeciesPooling:
    """Statistics over some of e species, of which each counts as much as it is there.

    Parameters
    ----------
    owners
        int64 [e], the crystal of each.
    occupancies
        float64 [e].
    crystals
        How many there are, n.
    """

    owners: NDArray[np.int64]
    occupancies: Floats
    crystals: int

    def mean(self, values: Floats, chosen: Mask) -> Floats:
        """[e] -> [n]; NaN where none is chosen."""
        owners, weights = self.owners[chosen], self.occupancies[chosen]
        totals = np.bincount(owners, weights * values[chosen], minlength=self.crystals)
        with np.errstate(invalid="ignore"):
            return np.asarray(totals / np.bincount(owners, weights, minlength=self.crystals))

    def most(self, values: Floats, chosen: Mask) -> Floats:
        """Largest, [e] -> [n]; minus infinity where none is chosen."""
        largest = np.full(self.crystals, -np.inf)
        with np.errstate(invalid="ignore"):
            np.maximum.at(largest, self.owners[chosen], values[chosen])
        return largest

"""Bond-valence sums of every species in many crystals, with oxidation states guessed from the composition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.crystal.oxidation import guess_oxidation_states, species_table
from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SOFTNESS = 0.31
"""Å; as pymatgen has it. A bond longer by so much has a valence smaller by a factor of e."""


@dataclass(frozen=True, eq=False)
class BondValenceTable:
    """Parameters of M. O'Keeffe, N. E. Brese, J. Am. Chem. Soc. 113, 3226 (1991), doi:10.1021/ja00009a002.

    Parameters
    ----------
    lengths
        float64 [118, 118], Å, of a bond of valence one. NaN where an element has no parameters; infinitely short where
        two elements do not bond: both are metals, or they are the same.
    signs
        float64 [118, 118]: 1 where the first element is the less electronegative one, else -1.
    """

    lengths: Floats
    signs: Floats

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Which elements have parameters, [118]."""
        return ~np.isnan(np.diag(self.lengths))


@cache
def bond_valence_table() -> BondValenceTable:
    """The parameters that pymatgen ships."""
    from pymatgen.analysis.bond_valence import BV_PARAMS, ELECTRONEG

    radius, softness, anionic = np.full(118, np.nan), np.full(118, np.nan), np.zeros(118, dtype=np.bool_)
    for element, values in BV_PARAMS.items():
        radius[element.Z - 1], softness[element.Z - 1] = values["r"], values["c"]
    anionic[[element.Z - 1 for element in ELECTRONEG]] = True
    apart = (np.sqrt(softness)[:, None] - np.sqrt(softness)) ** 2
    products = softness * radius
    lengths = radius[:, None] + radius - radius[:, None] * radius * apart / (products[:, None] + products)
    bonding = (anionic[:, None] | anionic) & ~np.eye(118, dtype=np.bool_)
    lengths[~bonding & ~np.isnan(lengths)] = -np.inf
    electronegativity = own_table("elements").column("electronegativity")
    return BondValenceTable(lengths, np.where(electronegativity[:, None] < electronegativity, 1.0, -1.0))


@dataclass(frozen=True, eq=False)
class GuessedStates:
    """Oxidation states of e species of n crystals.

    Parameters
    ----------
    states
        float64 [e], elementary charges.
    charge
        float64 [n], what they leave over, elementary charges per atom.
    """

    states: Floats
    charge: Floats


def guessed_states(crystals: Crystals) -> GuessedStates:
    """One state for each element of a crystal; see :mod:`matscout.crystal.oxidation`.

    Where that takes a crystal for a metal, although some of its elements are mostly cations and others mostly anions,
    each element has its commonest state, and what is left over tells how unusual that is. Other metals have states 0.
    """
    owners = crystals.owners[crystals.site_of_species]
    keys, entry = np.unique(owners * 256 + crystals.atomic_numbers, return_inverse=True)
    amounts = np.bincount(entry, crystals.occupancies, minlength=len(keys))
    lengths = np.bincount(keys // 256, minlength=len(crystals))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    compositions = Compositions(offsets, (keys % 256).astype(np.uint8), amounts.astype(np.float64))
    states = guess_oxidation_states(compositions).states
    commonest = species_table().states[compositions.elements.astype(np.intp) - 1, 1]
    # Of each crystal: has it a charged element; one that is mostly a cation; one that is mostly an anion.
    charged, cations, anions = (
        np.bincount(compositions.rows, some, minlength=len(crystals)) > 0
        for some in (states != 0, commonest > 0, commonest < 0)
    )
    states = np.where((~charged & cations & anions)[compositions.rows], commonest, states)
    charge = np.bincount(compositions.rows, compositions.fractions * states, minlength=len(crystals))
    return GuessedStates(states[entry], charge.astype(np.float64))


def bond_valence_sums(crystals: Crystals, pairs: Pairs, scale: float) -> Floats:
    """Sum of the bond valences of each species, positive for the less electronegative partner, [e].

    exp((R - scale x d) / 0.31 Å) over the neighbours, each as much as it is occupied. NaN if an element around has no
    parameters.
    """
    table = bond_valence_table()
    pair, first, second = _species_pairs(crystals, pairs)
    ends = crystals.atomic_numbers[first] - 1, crystals.atomic_numbers[second] - 1
    valences = np.exp((table.lengths[ends] - scale * pairs.distances[pair]) / SOFTNESS)
    signed = valences * table.signs[ends] * crystals.occupancies[second]
    return np.bincount(first, signed, minlength=len(crystals.atomic_numbers)).astype(np.float64)


def _species_pairs(crystals: Crystals, pairs: Pairs) -> tuple[Integers, Integers, Integers]:
    """The pair of sites, first and second species of all pairs of species, [q] each."""
    counts = np.bincount(crystals.site_of_species, minlength=len(crystals.fractional))
    starts = np.cumsum(counts) - counts
    first_site = pairs.first
    combinations = counts[first_site] * counts[pairs.second]
    pair = np.repeat(np.arange(len(combinations)), combinations)
    number = np.arange(len(pair)) - (np.cumsum(combinations) - combinations)[pair]
    of_second = counts[pairs.second[pair]]
    return pair, starts[first_site[pair]] + number // of_second, starts[pairs.second[pair]] + number % of_second

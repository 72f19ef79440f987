"""Many-body tensor representation: smeared inverse distances of all pairs of atoms, by groups of elements."""

from __future__ import annotations

import math
from functools import cache
from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.tables import own_table
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

KINDS = (
    "hydrogen", "alkali metal", "alkaline earth", "groups 3-7", "groups 8-12", "lanthanide or actinide",
    "group 13", "group 14", "group 15", "group 16", "group 17", "group 18",
)  # fmt: skip
"""Which elements are alike: one has too few pairs of elements in common with others to be a kind of its own."""

LEAST_WEIGHT = 1e-3
"""That of a pair at the cutoff."""


class DistanceGrid(NamedTuple):
    """At which inverse distances the smeared ones are summed.

    They lie at equal steps.

    Parameters
    ----------
    least, most
        First and last place, 1/Å.
    places
        How many.
    width
        Standard deviation of the Gaussians, 1/Å.
    """

    least: float = 0.1
    most: float = 1.1
    places: int = 21
    width: float = 0.05


class Mbtr(StructureRepresentation):
    """H. Huo and M. Rupp, Mach. Learn.: Sci. Technol. 3, 045017 (2022), doi:10.1088/2632-2153/aca005: pairs only.

    Each pair of atoms is a Gaussian at its inverse distance, with a weight that falls exponentially to 1e-3 at the
    cutoff; the sums are divided by the number of atoms. In place of elements there are twelve kinds of them. As in
    DScribe (k = 2, "inverse_distance", "exp", normalization "n_atoms") if the kinds are its species.

    Parameters
    ----------
    cutoff
        Å.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    grid: ClassVar[DistanceGrid] = DistanceGrid()
    columns = tuple(
        f"{one} - {other} {place:g} Å⁻¹"
        for number, one in enumerate(KINDS)
        for other in KINDS[number:]
        for place in np.linspace(DistanceGrid().least, DistanceGrid().most, DistanceGrid().places).round(6).tolist()
    )

    def __init__(self, cutoff: float = 6.0) -> None:
        self.cutoff = cutoff

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 1638]."""
        pairs, amounts = pairs_within(crystals, self.cutoff), _amounts(crystals)
        # Each pair is there from both ends.
        weights = np.exp(math.log(LEAST_WEIGHT) / self.cutoff * pairs.distances) / 2.0
        first_pairs = pairs.offsets[crystals.offsets]
        first = pairs.first
        vectors = np.empty((len(crystals), self.dim))
        for row in range(len(crystals)):
            chosen = slice(first_pairs[row], first_pairs[row + 1])
            ends = np.stack([first[chosen], pairs.second[chosen]], axis=1)
            spectra = _spectra(ends, 1.0 / pairs.distances[chosen], weights[chosen], amounts, self.grid)
            atoms = amounts[crystals.offsets[row] : crystals.offsets[row + 1]].sum()
            vectors[row] = spectra.ravel() / atoms
        return vectors


@cache
def kinds() -> Integers:
    """The place of each element among ``KINDS``, [118]."""
    table = own_table("elements")
    groups = table.column("group").astype(np.int64)
    places = np.select([groups == 1, groups == 2, groups <= 7, groups <= 12], [1, 2, 3, 4], default=groups - 7)
    places[table.column("lanthanide or actinide") == 1] = KINDS.index("lanthanide or actinide")
    places[0] = KINDS.index("hydrogen")
    return np.asarray(places)


def _amounts(crystals: Crystals) -> Floats:
    """How much of each kind is on each site, [s, kinds]."""
    amounts = np.zeros((len(crystals.fractional), len(KINDS)))
    np.add.at(amounts, (crystals.site_of_species, kinds()[crystals.atomic_numbers - 1]), crystals.occupancies)
    return amounts


@njit(cache=True)  # type: ignore[untyped-decorator]
def _spectra(ends: Integers, inverse: Floats, weights: Floats, amounts: Floats, grid: DistanceGrid) -> Floats:
    """Sums of the smeared inverse distances of p pairs for each two of k kinds, [k (k + 1) / 2, places].

    ``ends`` [p, 2] are the sites, ``inverse`` [p] is in 1/Å, ``amounts`` [s, k].
    """
    count = amounts.shape[1]
    sums = np.zeros((count * (count + 1) // 2, grid.places))
    smeared = np.empty(grid.places)
    for pair in range(len(ends)):
        _smear(inverse[pair], grid, smeared)
        for one in range(count):
            if amounts[ends[pair, 0], one] == 0.0:
                continue
            for other in range(count):
                share = amounts[ends[pair, 0], one] * amounts[ends[pair, 1], other]
                if share > 0.0:
                    low, high = min(one, other), max(one, other)
                    sums[high + low * count - low * (low + 1) // 2] += weights[pair] * share * smeared
    return sums


@njit(cache=True)  # type: ignore[untyped-decorator]
def _smear(centre: float, grid: DistanceGrid, into: Floats) -> None:
    """Mean of a normal distribution over the surroundings of each place, as far as half way to the next."""
    step = (grid.most - grid.least) / (grid.places - 1)
    scale = 1.0 / (grid.width * math.sqrt(2.0))
    before = math.erf((grid.least - 0.5 * step - centre) * scale)
    for place in range(grid.places):
        after = math.erf((grid.least + (place + 0.5) * step - centre) * scale)
        into[place] = (after - before) / (2.0 * step)
        before = after

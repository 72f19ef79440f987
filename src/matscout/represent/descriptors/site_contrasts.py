"""Distribution of the elements over the sites of a crystal: differences along bonds, and where there are many."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.represent.structure_representation import StructureRepresentation

if TYPE_CHECKING:
    from matscout.crystal.bonding import Bonding

Floats = NDArray[np.float64]

CUTOFF = 6.0
"""Å. Beyond it nothing is seen."""

SHARPNESS = 4.0
"""A site counts e times as much if its coordination is larger by a quarter of the mean."""

PROPERTIES = (
    "Electronegativity",
    "CovalentRadius",
    "NValence",
    "MendeleevNumber",
    "MeltingT",
    "GSvolume_pa",
    "NUnfilled",
    "Column",
    "NdValence",
    "NpValence",
)
QUANTITIES = (
    "difference along bonds, {}",
    "product along bonds, {}",
    "with coordination, {}",
    "with bond length, {}",
    "of the most coordinated sites, {}",
)


class SiteContrasts(StructureRepresentation):
    """Tells crystals of equal composition and geometry apart whose elements have changed places, 50 columns.

    A composition knows the mean p of a property over the sites, and a descriptor of bonds knows where sites have many
    or long bonds. These columns connect the two, five for each of ten properties of Magpie's table:

    - the mean of ``|p_i - p_j|`` over bonds;
    - the mean of ``(p_i - p)(p_j - p)`` over bonds;
    - the covariance over sites of the property with the effective coordination number, in means of the latter;
    - the same with the mean bond length (Å);
    - the mean property of the most coordinated sites, weighted by ``exp(4 coordination / mean coordination)``.

    Bonds have weights in place of a cutoff (:func:`~matscout.crystal.bonds.bond_weights`). A site that several
    species share has the mean of their properties, and a neighbour counts as much as it is occupied. Units are those
    of ``magpie``. What the table leaves blank (electronegativity of neon) is blank here.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = tuple(quantity.format(name) for name in PROPERTIES for quantity in QUANTITIES)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 50]."""
        from matscout.crystal.bonding import Bonding

        bonding = Bonding.within(crystals, CUTOFF)
        many = _around_mean(bonding, bonding.coordination, relative=True)
        long = _around_mean(bonding, bonding.means(bonding.pairs.distances), relative=False)
        columns = [column for name in PROPERTIES for column in _contrasts(bonding, bonding.element(name), many, long)]
        return np.stack(columns, axis=1)

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those of which the table is blank somewhere, [118]."""
        columns = [own_table("magpie").column(name) for name in PROPERTIES]
        return np.asarray(np.isnan(columns).any(axis=0))


def _around_mean(bonding: Bonding, values: Floats, *, relative: bool) -> Floats:
    """How far each site is from the mean of its crystal, [s]; in means if ``relative``."""
    mean = bonding.pool.mean(values)[bonding.crystals.owners]
    with np.errstate(invalid="ignore"):
        return np.asarray((values - mean) / mean if relative else values - mean)


def _contrasts(bonding: Bonding, values: Floats, many: Floats, long: Floats) -> list[Floats]:
    """The five columns of one property [s], for sites with so many and so long bonds; [n] each."""
    pool, first, second = bonding.pool, bonding.first, bonding.pairs.second
    around = _around_mean(bonding, values, relative=False)
    weights = np.exp(SHARPNESS * many)
    return [
        pool.mean(bonding.means(np.abs(values[first] - values[second]))),
        pool.mean(bonding.means(around[first] * around[second])),
        pool.mean(around * many),
        pool.mean(around * long),
        pool.mean(values * weights) / pool.mean(weights),
    ]

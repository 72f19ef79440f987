"""Components, rings and voids of growing balls around the atoms (persistent homology), 78 columns in Å and per atom."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
import spglib
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.crystal.site_pooling import SitePooling
from matscout.crystal.tables import own_table
from matscout.data.spglib_calls import ask_spglib
from matscout.extras import require
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

RADIUS = 2.5 * np.pi
"""Å, of the clusters; not a round number, so that no shell of a tidy cell lies right on their border."""

LEAST_PERSISTENCE = 0.01
"""Å; bars that are shorter are left out, among them those that rounding gives to symmetric crystals."""

SAME_PLACE = 1e-6
"""Å; sites that a symmetry operation maps on each other with less error are treated once."""

EDGES = np.arange(17) * 0.25
"""Å, of the bins of the Betti curves."""

DIMENSIONS = ("components", "rings", "voids")
STATISTICS = ("mean", "deviation", "least", "largest")
MEASURED = (("death",), ("birth", "death", "persistence"), ("birth", "death", "persistence"))


class PersistentHomology(StructureRepresentation):
    """Barcodes of the alpha complexes of the clusters around each site, averaged over the sites.

    Balls grow around the atoms within ``RADIUS`` of a site. What they form is born at one radius and dies at a larger
    one: components that merge, rings that are filled, voids that close (H. Edelsbrunner, E. P. Mücke,
    doi:10.1145/174462.156635; for crystals Y. Jiang et al., npj Comput. Mater. 7, 28 (2021),
    doi:10.1038/s41524-021-00493-w). Columns are statistics of births, deaths and persistence, 0 where nothing is born,
    numbers of rings and voids per atom of the cluster, and Betti numbers per atom, as means over bins of the radius.
    The surfaces of the clusters are in the barcodes too.

    Parameters
    ----------
    sites
        All sites, whatever is on them, or those that are less ("cations") or more electronegative ("anions") than the
        mean of the crystal.
    """

    packages: ClassVar[tuple[str, ...]] = ("gudhi",)
    extra: ClassVar[str] = "descriptors"
    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True

    def __init__(self, sites: Literal["all", "cations", "anions"] = "all") -> None:
        self.sites = sites

    @property
    def columns(self) -> tuple[str, ...]:
        """Statistics, numbers, then the Betti curves."""
        names = [
            *(f"{statistic} {measure} of {kind} (Å)"
              for kind, measures in zip(DIMENSIONS, MEASURED, strict=True)
              for measure in measures for statistic in STATISTICS),
            *(f"{kind} per atom" for kind in DIMENSIONS[1:]),
            *(f"{kind} per atom, {low:g} to {high:g} Å"
              for kind in DIMENSIONS for low, high in pairwise(EDGES)),
        ]  # fmt: skip
        return tuple(names if self.sites == "all" else (f"{name}, {self.sites}" for name in names))

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 78]; NaN without the sites that are asked for."""
        require(*self.packages, extra=self.extra)
        chosen = _chosen(crystals, self.sites)
        rows = np.unique(crystals.owners[chosen])
        part = _only(crystals, chosen)[rows]
        representative = _representatives(part)
        pairs = pairs_within(part, RADIUS)
        of_site = np.full((len(representative), self.dim), np.nan)
        for site in np.unique(representative):
            of_site[site] = site_vector(_cluster(pairs, site))
        vectors = np.full((len(crystals), self.dim), np.nan)
        pool = SitePooling.of(part)
        for column, values in enumerate(of_site[representative].T):
            vectors[rows, column] = pool.mean(values)
        return vectors


def site_vector(points: Floats) -> Floats:
    """Vector of one cluster of atoms, [atoms, 3] Å -> [78]."""
    bars = barcodes(points)
    statistics = [_statistics(bars[0][:, 1])]
    for births, deaths in (bars[1].T, bars[2].T):
        statistics += [_statistics(births), _statistics(deaths), _statistics(deaths - births)]
    numbers = np.array([len(bars[1]), len(bars[2])]) / len(points)
    return np.concatenate([*statistics, numbers, *(_betti_curve(some) / len(points) for some in bars)])


def barcodes(points: Floats) -> list[Floats]:
    """Births and deaths (Å, radii of balls) of components, rings and voids of an alpha complex, [bars, 2] each.

    The component that never dies has an infinite death. Balls of ``RADIUS`` all hold the middle of the cluster, so that
    nothing is born there any more but what rounding makes of flat tetrahedra on its surface.
    """
    from gudhi import AlphaComplex

    tree = AlphaComplex(points=points).create_simplex_tree(output_squared_values=False)
    # Without ``persistence_dim_max`` a lonely atom would not even be a component.
    tree.compute_persistence(homology_coeff_field=2, min_persistence=LEAST_PERSISTENCE, persistence_dim_max=True)
    intervals = [tree.persistence_intervals_in_dimension(dimension).reshape(-1, 2) for dimension in range(3)]
    return [bars[bars[:, 0] < RADIUS] for bars in intervals]


def _statistics(values: Floats) -> Floats:
    """Mean, standard deviation, least and largest of the finite ones, [4]; zeros without any."""
    values = values[np.isfinite(values)]
    if not len(values):
        return np.zeros(4)
    return np.array([values.mean(), values.std(), values.min(), values.max()])


def _betti_curve(bars: Floats) -> Floats:
    """How many bars there are at a radius, as mean over each bin, [bars, 2] -> [bins].

    A mean moves gently where a value at one radius would jump.
    """
    low, high = np.clip(bars.T[:, :, None], EDGES[:-1], EDGES[1:])
    return np.asarray((high - low).sum(axis=0) / np.diff(EDGES))


def _cluster(pairs: Pairs, site: int) -> Floats:
    """A site and what is around it, the site at the origin, [atoms, 3]."""
    around = slice(pairs.offsets[site], pairs.offsets[site + 1])
    return np.concatenate([np.zeros((1, 3)), pairs.vectors[around]])


def _chosen(crystals: Crystals, sites: str) -> Mask:
    """Which sites take part, [s]."""
    if sites == "all":
        return np.ones(len(crystals.fractional), dtype=np.bool_)
    electronegativity = crystals.site_means(own_table("magpie").column("Electronegativity"))
    mean = SitePooling.of(crystals).mean(electronegativity)[crystals.owners]
    # Rounding of the mean must not give an element cations.
    apart = np.abs(electronegativity - mean) > 1e-9
    return np.asarray(apart & ((electronegativity < mean) == (sites == "cations")))


def _only(crystals: Crystals, chosen: Mask) -> Crystals:
    """The crystals with the chosen sites alone, of which some may have none."""
    counts = np.bincount(crystals.owners[chosen], minlength=len(crystals))
    species = chosen[crystals.site_of_species]
    number = np.cumsum(chosen) - 1
    return Crystals(
        crystals.lattices,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        crystals.fractional[chosen],
        number[crystals.site_of_species[species]],
        crystals.atomic_numbers[species],
        crystals.occupancies[species],
        crystals.pbc,
    )


def _representatives(crystals: Crystals) -> Integers:
    """For each site the first of those that are its images by symmetry, whatever is on them, [s]."""
    parts = list(_equivalent(crystals))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _equivalent(crystals: Crystals) -> Iterator[Integers]:
    for row, (start, stop) in enumerate(zip(crystals.offsets[:-1], crystals.offsets[1:], strict=True)):
        cell: Any = (crystals.lattices[row], crystals.fractional[start:stop], np.ones(stop - start, dtype=np.int64))
        # spglib takes slabs for crystals, in which the surface may be an image of what lies below.
        known = crystals.periodic[row]
        symmetry = ask_spglib(spglib.get_symmetry_dataset, cell, symprec=SAME_PLACE) if known else None
        own = (
            np.arange(stop - start)
            if symmetry is None
            else np.asarray(symmetry.crystallographic_orbits, dtype=np.int64)
        )
        yield own + start

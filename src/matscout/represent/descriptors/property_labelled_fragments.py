"""Element properties along the bonds of a crystal: ends of paths of one to three bonds, and stars of neighbours."""

from __future__ import annotations

from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.crystal.voronoi import voronoi_faces
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SLACK = 0.25
"""Å by which a bond may be longer than the sum of the covalent radii."""

LEAST_FACE = 0.01 * 4.0 * np.pi
"""sr; faces under a smaller solid angle are none: in symmetric crystals rounding makes some."""

PATHS = ("one bond", "two bonds", "three bonds")
PROPERTIES = {
    "Number": "", "MendeleevNumber": "", "AtomicWeight": "u", "MeltingT": "K", "Column": "", "Row": "",
    "CovalentRadius": "pm", "Electronegativity": "", "NValence": "", "NUnfilled": "", "GSvolume_pa": "Å³",
}  # fmt: skip
"""Of Magpie's table, with units."""

VALUES = ("product", "difference")
WEIGHTS = ("", " / distance²")
STATISTICS = ("mean", "deviation")


def _unit(name: str, value: str, weight: str) -> str:
    unit = PROPERTIES[name] + ("²" if PROPERTIES[name] and value == "product" else "")
    whole = unit + ("/Å²" if unit else "1/Å²") if weight else unit
    return f" ({whole})" if whole else ""


class PropertyLabelledFragments(StructureRepresentation):
    """Fragments of O. Isayev et al., Nat. Commun. 8, 15679 (2017), doi:10.1038/ncomms15679, per fragment and per atom.

    Atoms are bonded that share a face of their Voronoi cells and are nearer than the sum of their covalent radii plus
    ``SLACK``. Of each path over one, two or three bonds, in which no atom comes twice, the two ends count: the product
    of their properties and the absolute difference, as such and divided by the square of their distance; columns are
    means over all paths. A star is an atom with its neighbours, its values are sums over its bonds; columns are mean
    and standard deviation over all atoms. Where there is no bond there are zeros.

    The means are what differs: in the paper sums over the fragments of a cell make the columns, and further
    properties of the elements, of the lattice and of the whole crystal are added.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = (
        *(f"paths of {length} per atom" for length in PATHS),
        *(f"mean {name} {value}{weight} of paths of {length}{_unit(name, value, weight)}"
          for name, weight, length, value in product(PROPERTIES, WEIGHTS, PATHS, VALUES)),
        *(f"{statistic} {name} {value}{weight} of stars{_unit(name, value, weight)}"
          for name, weight, value, statistic in product(PROPERTIES, WEIGHTS, VALUES, STATISTICS)),
    )  # fmt: skip

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 223]; NaN if an element has no covalent radius, and where a property is blank."""
        table = own_table("magpie")
        properties = np.stack([table.column(name) for name in PROPERTIES], axis=1)
        radii = table.column("CovalentRadius")[crystals.atomic_numbers - 1] / 100.0
        bonds = bonds_of(crystals, radii)
        vectors = np.full((len(crystals), self.dim), np.nan)
        for row, (start, stop) in enumerate(zip(crystals.offsets[:-1], crystals.offsets[1:], strict=True)):
            if not np.isnan(radii[start:stop]).any():
                numbers, kinds = np.unique(crystals.atomic_numbers[start:stop], return_inverse=True)
                fragments = _fragments(bonds.of_sites(int(start), int(stop)), kinds, len(numbers))
                vectors[row] = _vector(fragments, kinds, properties[numbers - 1])
        return vectors

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those without a covalent radius, or with a blank property, [118]."""
        return np.asarray(
            np.any([np.isnan(own_table("magpie").column(name)) for name in ("CovalentRadius", *PROPERTIES)], axis=0)
        )


class Bonds(NamedTuple):
    """b directed bonds of s sites: offsets [s + 1], other site [b], its cell [b, 3], and the way to it in Å [b, 3]."""

    offsets: Integers
    second: Integers
    shifts: Integers
    vectors: Floats

    def of_sites(self, start: int, stop: int) -> Bonds:
        """Those of one crystal, whose sites are counted from 0."""
        low, high = self.offsets[start], self.offsets[stop]
        offsets = self.offsets[start : stop + 1] - low
        return Bonds(offsets, self.second[low:high] - start, self.shifts[low:high], self.vectors[low:high])


def bonds_of(crystals: Crystals, radii: Floats) -> Bonds:
    """Faces of Voronoi cells between sites that are near enough; radii [s] in Å."""
    faces = voronoi_faces(crystals)
    first = faces.first
    near = faces.distances < radii[first] + radii[faces.second] + SLACK
    bonded = near & (faces.solid_angles >= LEAST_FACE)
    counts = np.bincount(first[bonded], minlength=len(crystals.fractional))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Bonds(offsets, faces.second[bonded], faces.shifts[bonded], faces.vectors[bonded])


class Fragments(NamedTuple):
    """Sums over the fragments of a crystal of s sites and k elements, each plain and divided by squared distances.

    Paths [weights, lengths, k, k] by the elements at their ends, and neighbours of sites [weights, s, k] by element.
    """

    paths: Floats
    stars: Floats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _same(site: int, cell: Integers, other: int, other_cell: Integers) -> bool:
    return site == other and bool((cell == other_cell).all())


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fragments(bonds: Bonds, kinds: Integers, count: int) -> Fragments:
    """Every path is met twice, once from each end."""
    offsets, second, shifts, vectors = bonds
    sites = len(kinds)
    paths, stars = np.zeros((2, 3, count, count)), np.zeros((2, sites, count))
    home = np.zeros(3, dtype=np.int64)
    for i in range(sites):
        for one in range(offsets[i], offsets[i + 1]):
            j, near = second[one], shifts[one]
            weight = 1.0 / (vectors[one] ** 2).sum()
            stars[0, i, kinds[j]] += 1.0
            stars[1, i, kinds[j]] += weight
            paths[0, 0, kinds[i], kinds[j]] += 1.0
            paths[1, 0, kinds[i], kinds[j]] += weight
            for two in range(offsets[j], offsets[j + 1]):
                k, farther, way = second[two], near + shifts[two], vectors[one] + vectors[two]
                if _same(k, farther, i, home):
                    continue
                paths[0, 1, kinds[i], kinds[k]] += 1.0
                paths[1, 1, kinds[i], kinds[k]] += 1.0 / (way**2).sum()
                for three in range(offsets[k], offsets[k + 1]):
                    last, cell = second[three], farther + shifts[three]
                    if not (_same(last, cell, i, home) or _same(last, cell, j, near)):
                        paths[0, 2, kinds[i], kinds[last]] += 1.0
                        paths[1, 2, kinds[i], kinds[last]] += 1.0 / ((way + vectors[three]) ** 2).sum()
    return Fragments(paths, stars)


def _vector(fragments: Fragments, kinds: Integers, properties: Floats) -> Floats:
    """The columns of one crystal; properties [k, p] of its elements."""
    of_pairs = np.stack(
        [properties[:, None] * properties[None], np.abs(properties[:, None] - properties[None])]
    )  # [values, k, k, p]
    numbers = fragments.paths[0].sum(axis=(1, 2))
    totals = np.einsum("wlab,vabp->pwlv", fragments.paths, of_pairs)
    means = totals / np.maximum(numbers, 1.0)[None, None, :, None]
    stars = np.einsum("wsb,vsbp->pwvs", fragments.stars, of_pairs[:, kinds])
    statistics = np.stack([stars.mean(axis=-1), stars.std(axis=-1)], axis=-1)
    return np.concatenate([numbers / 2.0 / len(kinds), means.ravel(), statistics.ravel()])

"""Faces of the Voronoi cells of all sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.voronoi_cells import cut_cells

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUTOFFS = (6.5, 13.0, 26.0, 52.0)
"""Å; the next one is tried for crystals with a site whose cell may reach farther than half of the one before."""


@dataclass(frozen=True, eq=False)
class VoronoiFaces:
    """f faces of the Voronoi cells of s sites, those of one site together.

    Parameters
    ----------
    offsets
        int64 [s + 1]: the cell of site i has the faces ``offsets[i]:offsets[i + 1]``; none if it is not closed.
    second
        int64 [f], the site on the other side.
    distances
        float64 [f], to that site, Å.
    vectors
        float64 [f, 3], to that site, Å.
    shifts
        int64 [f, 3]: in which cell that site lies, in lattice vectors.
    solid_angles
        float64 [f], under which the site sees the face, sr.
    areas
        float64 [f], Å².
    corners
        int64 [f], how many each has; those nearer to each other than ``SAME_CORNER`` are one.
    """

    offsets: Integers
    second: Integers
    distances: Floats
    vectors: Floats
    shifts: Integers
    solid_angles: Floats
    areas: Floats
    corners: Integers

    @property
    def first(self) -> Integers:
        """The site whose cell each face belongs to, [f]."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def volumes(self) -> Floats:
        """Volume of the pyramid from the site to each face, Å³, [f]."""
        return np.asarray(self.areas * self.distances / 6.0)


def voronoi_faces(crystals: Crystals) -> VoronoiFaces:
    """The Voronoi cell of every site (compare pymatgen's ``VoronoiNN``, which asks Qhull).

    Parameters
    ----------
    crystals
        n crystals. Sites of disordered crystals count whoever is on them.
    """
    owners, waiting = crystals.owners, np.arange(len(crystals))
    # Sites on both sides [f, 2]; distance, vector, shift, solid angle, area, corners [f, 10]: what each cutoff closes.
    parts: list[tuple[Integers, Floats]] = [(np.zeros((0, 2), dtype=np.int64), np.zeros((0, 10)))]
    for cutoff in CUTOFFS:
        if not len(waiting):
            break
        chosen, sites = crystals[waiting], np.flatnonzero(np.isin(owners, waiting))
        pairs = pairs_within(chosen, cutoff)
        closed, counts, made_by, measures = cut_cells(pairs.offsets, pairs.vectors, pairs.distances, cutoff)
        whole = np.logical_and.reduceat(closed, chosen.offsets[:-1])
        keep = np.repeat(whole[chosen.owners], counts)
        ends = np.stack([np.repeat(sites, counts), sites[pairs.second[made_by]]], axis=1)
        table = np.column_stack([pairs.distances[made_by], pairs.vectors[made_by], pairs.shifts[made_by], measures])
        parts.append((ends[keep], table[keep]))
        waiting = waiting[~whole]
    return _joined(parts, len(crystals.fractional))


def _joined(parts: list[tuple[Integers, Floats]], sites: int) -> VoronoiFaces:
    ends, table = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(ends[:, 0], kind="stable")
    ends, table = ends[order], table[order]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(ends[:, 0], minlength=sites))]).astype(np.int64)
    vectors, shifts = np.ascontiguousarray(table[:, 1:4]), table[:, 4:7].astype(np.int64)
    distances, angles, areas, corners = np.ascontiguousarray(table[:, [0, 7, 8, 9]].T)
    return VoronoiFaces(offsets, ends[:, 1], distances, vectors, shifts, angles, areas, corners.astype(np.int64))


def face_means(faces: VoronoiFaces, weights: Floats, values: Floats) -> Floats:
    """Weighted mean over the faces of each site, [f] -> [s]; NaN for a cell that is not closed."""
    first, sites = faces.first, len(faces.offsets) - 1
    totals = np.bincount(first, weights, minlength=sites)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(first, weights * values, minlength=sites) / totals)


def all_closed(crystals: Crystals, faces: VoronoiFaces) -> NDArray[np.bool_]:
    """Whether each site of a crystal has a Voronoi cell, [n]."""
    return np.asarray(np.logical_and.reduceat(np.diff(faces.offsets) > 0, crystals.offsets[:-1]))

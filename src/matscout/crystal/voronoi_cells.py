"""Voronoi cells cut plane by plane: each neighbour's plane cuts the cell, nearest first, until no farther one can."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

TOUCHING = 1e-8
"""Å; a plane that cuts off less only touches the cell: corners and edges of symmetric cells are no faces."""

SAME_CORNER = 1e-3
"""Å."""

_FACES, _CORNERS = 128, 48
"""Most faces of a cell, and corners of a face, while it is being cut."""


@njit(cache=True)  # type: ignore[untyped-decorator]
def _dot(one: Floats, two: Floats) -> float:
    return float(one[0] * two[0] + one[1] * two[1] + one[2] * two[2])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _clip(polygon: Floats, corners: int, normal: Floats, height: float, into: Floats) -> int:
    """The part of a polygon below a plane (Sutherland and Hodgman); returns its number of corners."""
    kept, before = 0, corners - 1
    above_before = _dot(polygon[before], normal) - height
    for at in range(corners):
        above = _dot(polygon[at], normal) - height
        if (above < 0.0 < above_before) or (above_before < 0.0 < above):
            share = above_before / (above_before - above)
            for axis in range(3):
                into[kept, axis] = polygon[before, axis] + (polygon[at, axis] - polygon[before, axis]) * share
            kept += 1
        if above <= 0.0:
            for axis in range(3):
                into[kept, axis] = polygon[at, axis]
            kept += 1
        before, above_before = at, above
    return kept


@njit(cache=True)  # type: ignore[untyped-decorator]
def _square(normal: Floats, height: float, size: float, into: Floats) -> None:
    """A large square in a plane, counter-clockwise seen from outside."""
    axis = np.argmin(np.abs(normal))
    helper = np.zeros(3)
    helper[axis] = 1.0
    one = np.cross(normal, helper)
    one /= np.sqrt((one**2).sum())
    two = np.cross(normal, one)
    for corner in range(4):
        a = 1.0 if corner in (0, 3) else -1.0
        b = 1.0 if corner < 2 else -1.0
        into[corner] = height * normal + size * (a * one + b * two)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _measures(polygon: Floats, corners: int) -> tuple[float, float]:
    """Solid angle seen from the origin (A. van Oosterom, J. Strackee, doi:10.1109/TBME.1983.325207), and area."""
    angle, area = 0.0, np.zeros(3)
    first = polygon[0]
    for at in range(1, corners - 1):
        here, there = polygon[at], polygon[at + 1]
        a, b, c = np.sqrt((first**2).sum()), np.sqrt((here**2).sum()), np.sqrt((there**2).sum())
        triple = abs((first * np.cross(here, there)).sum())
        scale = a * b * c + (first * here).sum() * c + (first * there).sum() * b + (here * there).sum() * a
        angle += 2.0 * np.arctan2(triple, scale)
        area += np.cross(here - first, there - first) / 2.0
    return angle, np.sqrt((area**2).sum())


@njit(cache=True)  # type: ignore[untyped-decorator]
def _distinct(polygon: Floats, corners: int) -> int:
    """Number of corners that differ from the one before."""
    count = 0
    for at in range(corners):
        if ((polygon[at] - polygon[at - 1 if at else corners - 1]) ** 2).sum() > SAME_CORNER**2:
            count += 1
    return count


class _VoronoiCell(NamedTuple):
    """A cell while it is being cut.

    Polygons [F, C, 3] with corners [F], planes (normals [F, 3], heights [F]), and the pair that makes each face [F],
    -1 for those of the box that it is cut from. ``spare`` [C, 3] is to work in.
    """

    polygons: Floats
    corners: Integers
    normals: Floats
    heights: Floats
    makers: Integers
    spare: Floats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _box(cell: _VoronoiCell, size: float) -> int:
    """Start from a cube of half width ``size``; returns the number of faces."""
    faces = 0
    for axis in range(3):
        for sign in (-1.0, 1.0):
            cell.normals[faces] = 0.0
            cell.normals[faces, axis] = sign
            cell.heights[faces], cell.makers[faces], cell.corners[faces] = size, -1, 4
            _square(cell.normals[faces], size, size, cell.polygons[faces])
            faces += 1
    return faces


@njit(cache=True)  # type: ignore[untyped-decorator]
def _reach(cell: _VoronoiCell, faces: int, normal: Floats) -> float:
    """How far the cell reaches in a direction, Å."""
    reach = -np.inf
    for face in range(faces):
        for corner in range(cell.corners[face]):
            reach = max(reach, _dot(cell.polygons[face, corner], normal))
    return reach


@njit(cache=True)  # type: ignore[untyped-decorator]
def _radius(cell: _VoronoiCell, faces: int) -> float:
    """Distance of the farthest corner, Å."""
    square = 0.0
    for face in range(faces):
        for corner in range(cell.corners[face]):
            square = max(square, _dot(cell.polygons[face, corner], cell.polygons[face, corner]))
    return float(np.sqrt(square))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _cut(cell: _VoronoiCell, faces: int, normal: Floats, height: float, size: float) -> int:
    """Cut the cell with a plane, whose face becomes the last one; returns the number of faces."""
    left = 0
    for face in range(faces):
        kept = _clip(cell.polygons[face], cell.corners[face], normal, height, cell.spare)
        if kept >= 3:
            cell.polygons[left, :kept] = cell.spare[:kept]
            cell.corners[left] = kept
            cell.normals[left] = cell.normals[face]
            cell.heights[left], cell.makers[left] = cell.heights[face], cell.makers[face]
            left += 1
    new, corners = cell.polygons[left], 4
    _square(normal, height, 2.0 * size, new)
    for face in range(left):
        corners = _clip(new, corners, cell.normals[face], cell.heights[face], cell.spare)
        new[:corners] = cell.spare[:corners]
    cell.corners[left], cell.normals[left], cell.heights[left] = corners, normal, height
    return left + 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def cut_cells(
    offsets: Integers, vectors: Floats, distances: Floats, cutoff: float
) -> tuple[Mask, Integers, Integers, Floats]:
    """Of s sites: whether the cell is closed within half the cutoff, and its number of faces.

    Of their f faces: the pair that makes each; solid angle, area and number of corners, [f, 3].
    """
    sites = len(offsets) - 1
    closed, counts = np.zeros(sites, dtype=np.bool_), np.zeros(sites, dtype=np.int64)
    pairs, angles = [], []
    areas, corners = [], []
    cell = _VoronoiCell(
        np.empty((_FACES, _CORNERS, 3)), np.zeros(_FACES, dtype=np.int64), np.empty((_FACES, 3)), np.empty(_FACES),
        np.empty(_FACES, dtype=np.int64), np.empty((_CORNERS, 3)),
    )  # fmt: skip
    for site in range(sites):
        faces, radius = _box(cell, cutoff), 2.0 * cutoff
        for place in np.argsort(distances[offsets[site] : offsets[site + 1]]):
            pair = offsets[site] + place
            height = distances[pair] / 2.0
            if height > radius:
                break
            normal = vectors[pair] / distances[pair]
            if _reach(cell, faces, normal) > height + TOUCHING:
                faces = _cut(cell, faces, normal, height, cutoff)
                cell.makers[faces - 1] = pair
                radius = _radius(cell, faces)
        closed[site] = 2.0 * radius <= cutoff and (cell.makers[:faces] >= 0).all()
        for face in range(faces):
            if cell.makers[face] >= 0 and cell.corners[face] >= 3:
                angle, area = _measures(cell.polygons[face], cell.corners[face])
                pairs.append(cell.makers[face])
                angles.append(angle)
                areas.append(area)
                corners.append(_distinct(cell.polygons[face], cell.corners[face]))
                counts[site] += 1
    measures = np.empty((len(pairs), 3))
    for face in range(len(pairs)):
        measures[face, 0], measures[face, 1], measures[face, 2] = angles[face], areas[face], corners[face]
    return closed, counts, np.array(pairs, dtype=np.int64), measures

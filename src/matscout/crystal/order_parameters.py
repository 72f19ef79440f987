"""Local structure order parameters: how much the neighbours of a site look like a motif. Compiled, as in pymatgen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST = 12
"""Motifs have at most so many neighbours."""

MOTIFS: dict[int, tuple[str, ...]] = {
    1: ("single bond",),
    2: ("L-shaped", "water-like", "bent 120 degrees", "bent 150 degrees", "linear"),
    3: ("trigonal planar", "trigonal non-coplanar", "T-shaped"),
    4: ("square co-planar", "tetrahedral", "rectangular see-saw-like", "see-saw-like", "trigonal pyramidal"),
    5: ("pentagonal planar", "square pyramidal", "trigonal bipyramidal"),
    6: ("hexagonal planar", "octahedral", "pentagonal pyramidal"),
    7: ("hexagonal pyramidal", "pentagonal bipyramidal"),
    8: ("body-centered cubic", "hexagonal bipyramidal"),
    9: ("q2", "q4", "q6"),
    10: ("q2", "q4", "q6"),
    11: ("q2", "q4", "q6"),
    12: ("cuboctahedral", "q2", "q4", "q6"),
}
"""By number of neighbours."""

MOST_MOTIFS = max(map(len, MOTIFS.values()))

ALIGNED = 1e-10
"""A direction that is so little beside another, or its opposite, has no azimuth around it."""

SAME_ANGLE = 1e-9
"""Radians; an angle so little below a border lies on it, whatever the orientation of the crystal."""

SAME_WEIGHT = 1e-9
"""Neighbours whose weights differ less have no order."""

_PLAIN, _BESIDE_EQUATOR, _PENTAGON = 0, 1, 2
_NOWHERE = 9.0


class _Motif(NamedTuple):
    """A pole, an equator and how often it repeats around the axis; angles are shares of pi, widths inverse ones.

    ``kind`` says what ``target`` is: the angle of a neighbour with the axis, its distance from the equator, or the
    border between the two angles of a pentagon. Beyond ``pole`` (radians) a neighbour counts as the one opposite. A
    neighbour whose azimuth has a cosine below ``least_cosine`` does not count.
    """

    kind: float
    target: float
    width: float
    fold: float
    pole: float = _NOWHERE
    pole_width: float = 0.0
    least_cosine: float = -2.0


_TETRAHEDRON, _TRIANGLE, _POLE = 0.6081734479693927, 0.66666666667, 2.356194490192345
_AXIAL = np.array(
    [
        _Motif(_PLAIN, 0.5, 15.15, 2),
        _Motif(_PLAIN, 0.5802777777777778, 13.95, 2),
        _Motif(_PLAIN, 0.666666666667, 13.25, 2),
        _Motif(_PLAIN, 0.833333333333333, 12.45, 2),
        _Motif(_PLAIN, 1.0, 8.667, 2),
        _Motif(_PLAIN, _TRIANGLE, 17.5, 2),
        _Motif(_PLAIN, _TETRAHEDRON, 18.33, 3),
        _Motif(_PLAIN, 0.5, 15.5, 2),
        _Motif(_PLAIN, 0.5, 17.7, 2, _POLE, 13.5),
        _Motif(_PLAIN, _TETRAHEDRON, 18.5, 3),
        _Motif(_PLAIN, 0.5, 27.0, 4, _POLE, 11.5, -np.sqrt(0.5) + SAME_ANGLE),
        _Motif(_PLAIN, 0.5, 15.75, 3, _POLE, 12.75),
        _Motif(_PLAIN, 0.5, 15.5, 3),
        _Motif(_PENTAGON, 0.6, 19.333, 2),
        _Motif(_PLAIN, 0.5, 14.9, 4),
        _Motif(_PLAIN, 0.5, 16.6, 3, _POLE, 12.0),
        _Motif(_BESIDE_EQUATOR, 0.16666667, 25.0, 2, 2.6179938779914944, 7.5),
        _Motif(_PLAIN, 0.5, 18.0, 4, _POLE, 15.0),
        _Motif(_PLAIN, 0.5, 13.8, 5),
        _Motif(_PLAIN, 0.5, 12.5, 6),
        _Motif(_PLAIN, 0.5, 14.75, 5, _POLE, 12.5),
        _Motif(_PLAIN, 0.5, 13.6, 6, _POLE, 14.1),
    ]
)
"""The motifs of two to eight neighbours in the order of ``MOTIFS``, but for the body-centered cubic one."""

_FIRST_AXIAL = np.array([0, 0, 0, 5, 8, 13, 16, 19, 21])
_LAST_AXIAL = np.array([0, 0, 5, 8, 13, 16, 19, 21, 22])
"""Where those of a number of neighbours begin and end."""


class Geometry(NamedTuple):
    """Directions of the neighbours of a site as seen from each other.

    Parameters
    ----------
    angles
        float64 [k, k], radians.
    aligned
        bool [k, k], whether two are parallel or opposite.
    azimuths
        float64 [k, k, k]: cosine of the angle between the second and the third around the first.
    """

    angles: Floats
    aligned: Mask
    azimuths: Floats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _dot(one: Floats, two: Floats) -> float:
    return float(one[0] * two[0] + one[1] * two[1] + one[2] * two[2])


@njit(cache=True)  # type: ignore[untyped-decorator]
def geometry_of(directions: Floats) -> Geometry:
    """All angles between directions [k, 3] of length one."""
    count = len(directions)
    angles, aligned = np.zeros((count, count)), np.ones((count, count), dtype=np.bool_)
    beside, azimuths = np.zeros((count, count, 3)), np.zeros((count, count, count))
    for j in range(count):
        for k in range(count):
            cosine = max(-1.0, min(1.0, _dot(directions[j], directions[k])))
            angles[j, k] = np.arccos(cosine)
            for axis in range(3):
                beside[j, k, axis] = directions[k, axis] - cosine * directions[j, axis]
            length = np.sqrt(_dot(beside[j, k], beside[j, k]))
            aligned[j, k] = j == k or length < ALIGNED
            if not aligned[j, k]:
                for axis in range(3):
                    beside[j, k, axis] /= length
        for k in range(count):
            for m in range(k):
                if not (aligned[j, k] or aligned[j, m]):
                    cosine = max(-1.0, min(1.0, _dot(beside[j, k], beside[j, m])))
                    azimuths[j, k, m] = azimuths[j, m, k] = cosine
    return Geometry(angles, aligned, azimuths)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _chebyshev(order: int, cosine: float) -> float:
    """cos(order x) from cos(x)."""
    before, now = 1.0, cosine
    for _ in range(order - 1):
        before, now = now, 2.0 * cosine * now - before
    return now


@njit(cache=True)  # type: ignore[untyped-decorator]
def _gaussian(deviation: float) -> float:
    return float(np.exp(-0.5 * deviation * deviation))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fit(angle: float, kind: float, target: float, width: float) -> float:
    """How well the angle of a neighbour with the axis (radians) suits a motif."""
    share = angle / np.pi
    deviation = share - target
    if kind == _BESIDE_EQUATOR:
        deviation = abs(share - 0.5) - target
    elif kind == _PENTAGON:
        deviation = share - (0.4 if share <= target else 0.8)
    return float(_gaussian(width * deviation))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _axial(geometry: Geometry, number: int, motif: Floats) -> float:
    """Order parameter of a motif with an axis: the best over the choices of a pole and of a meridian."""
    kind, target, width, fold, pole, pole_width, least_cosine = motif
    angles, aligned = geometry.angles, geometry.aligned
    opposite = angles[:number, :number] >= pole - SAME_ANGLE
    fits = np.empty((number, number))
    for j in range(number):
        for k in range(number):
            angle = angles[j, k]
            fits[j, k] = (
                _gaussian(pole_width * (angle / np.pi - 1.0)) if opposite[j, k] else _fit(angle, kind, target, width)
            )
    best = 0.0
    for j in range(number):
        for k in range(number):
            if j == k:
                continue
            total, norm = (0.0, 0.0) if opposite[j, k] else (fits[j, k], 1.0)
            for m in range(0 if aligned[j, k] else number):
                if m in (j, k):
                    continue
                if opposite[j, m]:
                    total += fits[j, m]
                    norm += 1.0
                elif not (aligned[j, m] or opposite[j, k]):
                    cosine = geometry.azimuths[j, k, m]
                    if cosine > least_cosine:
                        total += fits[j, m] * (1.0 + _chebyshev(int(fold), cosine)) / 2.0
                        norm += 1.0
            best = max(best, total / max(norm, 1.0))
    return best


@njit(cache=True)  # type: ignore[untyped-decorator]
def _body_centred(geometry: Geometry, number: int, weights: Floats) -> float:
    """B. Peters, J. Chem. Phys. 131, 244103 (2009), doi:10.1063/1.3270161.

    The pole comes before the meridian in the order of descending weights. Where weights are equal, both orders count
    half.
    """
    total, pole, width, tilt = 0.0, 2.5261129449194057, 15.0, np.arcsin(1.0 / 3.0)
    for j in range(number):
        for k in range(number):
            ahead = weights[j] - weights[k]
            if j == k or ahead < -SAME_WEIGHT:
                continue
            share, angle = 0.5 if ahead <= SAME_WEIGHT else 1.0, geometry.angles[j, k]
            if angle >= pole - SAME_ANGLE:
                total += share * 6.0 * _gaussian(width * (angle / np.pi - 1.0))
            elif not geometry.aligned[j, k]:
                side = share if angle > np.pi / 2.0 + SAME_ANGLE else -share
                for m in range(number):
                    if m not in (j, k) and not geometry.aligned[j, m]:
                        height = (geometry.angles[j, m] - np.pi / 2.0) / tilt
                        turn = _chebyshev(3, geometry.azimuths[j, k, m])
                        total += side * turn * height * _gaussian(height) * np.exp(0.5)
    return total / (0.5 * number * (6 + (number - 2) * (number - 3)))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _cuboctahedral_fit(angle: float, cosine: float) -> tuple[float, float]:
    """How well a neighbour suits whose angle with the axis and whose azimuth are given, and whether it counts."""
    low, high = 1.3089969389957472, 1.8325957145940461
    share = angle / np.pi
    if low + SAME_ANGLE < angle < high - SAME_ANGLE:
        return cosine**2 * _gaussian(25.5 * (share - 0.5)), 1.0
    if abs(angle - low) <= SAME_ANGLE or abs(angle - high) <= SAME_ANGLE:
        return 0.0, 0.0
    sine = np.sqrt(max(0.0, 1.0 - cosine**2))
    layer = 1.0 / 3.0 if angle < low else 2.0 / 3.0
    return _gaussian(0.0556 * (sine - 0.81649658)) * _gaussian(31.25 * (share - layer)), 1.0


@njit(cache=True)  # type: ignore[untyped-decorator]
def _cuboctahedral(geometry: Geometry, number: int) -> float:
    """Order parameter of the cuboctahedron: the best over the choices of a pole and of a meridian."""
    low, high, pole, best = 1.3089969389957472, 1.8325957145940461, 2.792526803190927, 0.0
    for j in range(number):
        for k in range(number):
            angle, total, norm = geometry.angles[j, k], 0.0, 0.0
            if j == k:
                continue
            if angle >= pole - SAME_ANGLE:
                total, norm = 1.8 * _gaussian(28.75 * (angle / np.pi - 1.0)), 1.8
            elif low + SAME_ANGLE < angle < high - SAME_ANGLE:
                for m in range(number):
                    if m not in (j, k) and not geometry.aligned[j, m] and geometry.angles[j, m] < pole - SAME_ANGLE:
                        fit, counts = _cuboctahedral_fit(geometry.angles[j, m], geometry.azimuths[j, k, m])
                        total += fit
                        norm += counts
            if norm > 0.0:
                best = max(best, total / norm)
    return best


@njit(cache=True)  # type: ignore[untyped-decorator]
def _steinhardt(geometry: Geometry, number: int, parameters: Floats) -> None:
    """q2, q4 and q6 of P. J. Steinhardt et al., Phys. Rev. B 28, 784 (1983), doi:10.1103/PhysRevB.28.784."""
    parameters[:3] = 0.0
    for j in range(number):
        for k in range(number):
            square = np.cos(geometry.angles[j, k]) ** 2
            parameters[0] += (3.0 * square - 1.0) / 2.0
            parameters[1] += ((35.0 * square - 30.0) * square + 3.0) / 8.0
            parameters[2] += (((231.0 * square - 315.0) * square + 105.0) * square - 5.0) / 16.0
    for place in range(3):
        parameters[place] = np.sqrt(max(0.0, parameters[place])) / number


@njit(cache=True)  # type: ignore[untyped-decorator]
def order_parameters(geometry: Geometry, number: int, weights: Floats) -> Floats:
    """Order parameters of the first ``number`` neighbours, at most ``MOST``, in the order of ``MOTIFS``; [5].

    Places without a motif hold 0. N. E. R. Zimmermann et al., Front. Mater. 4, 34 (2017),
    doi:10.3389/fmats.2017.00034, with the parameters of pymatgen's ``LocalStructOrderParams``.

    Parameters
    ----------
    geometry
        Of the neighbours, best first.
    number
        How many neighbours are looked at.
    weights
        float64 [k], descending; the order parameter of the body-centered cubic motif depends on them.
    """
    parameters = np.zeros(MOST_MOTIFS)
    if number == 1:
        parameters[0] = 1.0
    elif number <= 8:
        place = 0
        if number == 8:
            parameters[0] = _body_centred(geometry, number, weights)
            place = 1
        for row in range(_FIRST_AXIAL[number], _LAST_AXIAL[number]):
            parameters[place] = _axial(geometry, number, _AXIAL[row])
            place += 1
    elif number < MOST:
        _steinhardt(geometry, number, parameters)
    else:
        parameters[0] = _cuboctahedral(geometry, number)
        _steinhardt(geometry, number, parameters[1:])
    return parameters

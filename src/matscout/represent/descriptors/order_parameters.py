"""Similarity of the nearest neighbours of each site to lines, triangles, tetrahedra, octahedra and other motifs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.graphs import nearest_pairs
from matscout.crystal.order_parameters import MOST, MOST_MOTIFS, MOTIFS, geometry_of, order_parameters
from matscout.crystal.site_pooling import SitePooling
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WIDTHS = np.array([0.1 - 0.01, 0.1, 0.1 + 0.01])
"""Of a shell, as share of the distance of the nearest neighbour; each is tried."""

BIN = 0.001
"""Order parameters are told in bins of this width."""

WHOLE = 1e-9
"""A distance or an order parameter so little below the border of a bin is on it."""

STATISTICS = ("mean", "deviation", "least", "largest")
SITE_COLUMNS = tuple(f"coordination {number} {motif}" for number, motifs in MOTIFS.items() for motif in motifs)


class OrderParameters(StructureRepresentation):
    """As matminer's ``SiteStatsFingerprint`` of ``OPSiteFingerprint``: 37 numbers of each site, four statistics each.

    A motif of k neighbours is looked for where k sites are nearest and the next one is farther by a shell; else it has
    0. It is multiplied with the squared mean of (nearest distance) / (distance), and the value that most of three
    widths of the shells have is told in bins of 0.001, by their centres. Two things differ from matminer. The motif
    body-centered cubic depends on the order of the neighbours: it is the mean over the orders here, chance there. And
    values on the border of two bins are in the upper one here, while rounding decides there.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = tuple(f"{statistic} {name}" for name in SITE_COLUMNS for statistic in STATISTICS)

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 148]."""
        pairs = nearest_pairs(crystals, MOST + 1)
        directions = pairs.vectors / pairs.distances[:, None]
        parameters = _of_sites(pairs.offsets, directions, pairs.distances)
        places = [(number, place) for number, motifs in MOTIFS.items() for place in range(len(motifs))]
        sites = np.stack([parameters[:, number, place] for number, place in places], axis=1)
        return SitePooling.of(crystals).spread(sites)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _shells(distances: Floats, width: float, ends: Integers) -> int:
    """How many neighbours there are up to the end of each shell that has not more than ``MOST``; and how many ends."""
    count, before = 0, -1
    for place in range(len(distances)):
        shell = int(distances[place] / distances.min() * (1.0 / width) + 0.5 + WHOLE)
        if place > 0 and shell != before:
            ends[count] = place
            count += 1
        before = shell
    if len(distances) == MOST:
        ends[count] = MOST
        count += 1
    return count


@njit(cache=True)  # type: ignore[untyped-decorator]
def _bin(value: float, low: float, high: float, bins: int) -> int:
    """The bin of a histogram in which a value lies, the upper one on a border; -1 outside."""
    value += WHOLE
    if value < low or value > high + 2.0 * WHOLE:
        return -1
    return min(int((value - low) / (high - low) * bins), bins - 1)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _settled(values: Floats) -> float:
    """Where the histogram of some values between 0 and 1 has its peak; the first one if there are several.

    Two peaks side by side are one, halfway between.
    """
    inverse = 1.0 / BIN
    low = min(1.0, max(0.0, int(values.min() * inverse - 1.5 + WHOLE) * BIN))
    high = min(1.0, max(0.0, int(values.max() * inverse + 1.5 + WHOLE) * BIN))
    if low == high:
        low, high = low - BIN, high + BIN
    # Rounding makes two bins of some ranges of 0.003, as in matminer.
    bins = max(1, int((high - low) * inverse))
    width = (high - low) / bins
    places = np.array([_bin(value, low, high, bins) for value in values])
    places = np.sort(places[places >= 0])
    if len(places) == 0:
        return low + width * min(1.0, bins / 2.0)
    counts = np.array([(places == place).sum() for place in places])
    peaks = np.unique(places[counts == counts.max()])
    place = peaks[0] + 0.5
    for at in range(len(peaks) - 1, 0, -1):
        if peaks[at] - peaks[at - 1] == 1:
            place = peaks[at - 1] + 1.0
    return float(low + width * place)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _of_site(directions: Floats, distances: Floats, parameters: Floats) -> None:
    """Order parameters of a site by number of neighbours, [13, 5], from its nearest ones."""
    tried, ends = np.zeros((len(WIDTHS), MOST + 1, MOST_MOTIFS)), np.empty(MOST + 2, np.int64)
    known, motifs = np.zeros(MOST + 1, np.bool_), np.zeros((MOST + 1, MOST_MOTIFS))
    geometry, alike = geometry_of(directions[:MOST]), np.ones(MOST)
    for at, width in enumerate(WIDTHS):
        tried[at, 1, 0] = 1.0 - distances[:2].min() / distances[:2].max()
        for number in ends[: _shells(distances, width, ends)]:
            if number < 2:
                continue
            if not known[number]:
                motifs[number], known[number] = order_parameters(geometry, number, alike), True
            closeness = (distances.min() / distances[:number]).mean()
            tried[at, number] = motifs[number] * closeness**2
    for number in range(1, MOST + 1):
        for place in range(MOST_MOTIFS):
            parameters[number, place] = _settled(tried[:, number, place])


@njit(cache=True)  # type: ignore[untyped-decorator]
def _of_sites(offsets: Integers, directions: Floats, distances: Floats) -> Floats:
    """Order parameters of s sites by number of neighbours, [s, 13, 5]; NaN for sites with too few of them."""
    parameters = np.full((len(offsets) - 1, MOST + 1, MOST_MOTIFS), np.nan)
    for site in range(len(offsets) - 1):
        start, stop = offsets[site], offsets[site + 1]
        if stop - start >= MOST:
            _of_site(directions[start:stop], distances[start:stop], parameters[site])
    return parameters

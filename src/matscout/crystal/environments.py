"""Environments: what surrounds each distinct site of a crystal, told once, with how often it occurs. Compiled.

Sites with equal surroundings, and neighbours of one kind at one distance, are computed once by whatever weighs them:
in a crystal of the Materials Project 2.6 sites are alike on average, and 36 neighbours are 20 different ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.graphs import nearest_pairs
from matscout.crystal.supercells import supercell_pairs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Surroundings = Literal["nearest", "supercell"]
"""``nearest``: so many nearest periodic images. ``supercell``: every site of a near-cubic supercell, the site too."""

SAME = 1e-3
"""Å; neighbours of one kind whose distances differ less are one, counted twice."""


@dataclass(frozen=True, eq=False)
class Around:
    """k neighbours of r rows, equal ones told once.

    Parameters
    ----------
    offsets
        int64 [r + 1]: row i owns the neighbours ``offsets[i]:offsets[i + 1]``, by kind and distance.
    kinds
        int64 [k], what they are, counted within the crystal from 0.
    distances
        float64 [k], Å.
    counts
        int64 [k], how many of them there are.
    """

    offsets: Integers
    kinds: Integers
    distances: Floats
    counts: Integers


@dataclass(frozen=True, eq=False)
class Environments:
    """r distinct sites ("rows") of n crystals, what they see and what is where around them.

    Parameters
    ----------
    site_offsets
        int64 [n + 1]: crystal i owns the sites ``site_offsets[i]:site_offsets[i + 1]``.
    site_species
        int64 [s]: which of the species of its crystal is on a site, from 0.
    offsets
        int64 [n + 1]: crystal i owns the rows ``offsets[i]:offsets[i + 1]``.
    row_sites
        int64 [r], the first of the sites that a row stands for, counted within its crystal.
    row_counts
        int64 [r], how many sites it stands for.
    site_rows
        int64 [s], the row that stands for a site, counted within its crystal.
    pairs
        The species that a row sees; it is forgotten on which site they are.
    places
        The sites that a row sees: what it would see if other species were on them.
    """

    site_offsets: Integers
    site_species: Integers
    offsets: Integers
    row_sites: Integers
    row_counts: Integers
    site_rows: Integers
    pairs: Around
    places: Around

    def __len__(self) -> int:
        return len(self.offsets) - 1


def environments(
    crystals: Crystals,
    site_species: Integers,
    surroundings: Surroundings = "nearest",
    number: int = 36,
    *,
    merged: bool = True,
) -> Environments:
    """The distinct environments of every crystal.

    Sites are alike if they see the same at the same distances, and what they see is alike in turn, however far one
    looks (colours of a graph are refined until they stay, B. Weisfeiler and A. Leman, 1968): so many rounds of messages
    between sites as one likes leave them alike.

    Parameters
    ----------
    crystals
        n ordered crystals, s sites.
    site_species
        int64 [s], which of the species of its crystal is on a site, from 0.
    surroundings
        What counts as a neighbour.
    number
        ``nearest``: how many. ``supercell``: the most sites of a supercell; a cell with more stays as it is.
    merged
        Whether sites that are alike share a row. If not, every site has its own, also for what puts other species on
        them.

    Raises
    ------
    ValueError
        If ``surroundings`` is neither, or ``number`` is less than 1.
    """
    if surroundings not in get_args(Surroundings) or number < 1:
        known = " or ".join(get_args(Surroundings))
        raise ValueError(f"surroundings are {known} of at least 1; got {surroundings!r} of {number}")
    if surroundings == "nearest":
        near = nearest_pairs(crystals, number)
        offsets, second, distances = near.offsets, near.second, near.distances
    else:
        offsets, second, distances = supercell_pairs(crystals, number)
    local = second - np.repeat(crystals.offsets[crystals.owners], np.diff(offsets))
    graph = _Graph(crystals.offsets, site_species, offsets, local, distances)
    classes = _alike(graph) if merged else np.arange(len(site_species)) - crystals.offsets[crystals.owners]
    starts, sites, counts, *around = _distinct_rows(graph, classes)
    pairs, places = Around(*around[:4]), Around(*around[4:])
    return Environments(crystals.offsets, site_species, starts, sites, counts, classes, pairs, places)


class _Graph(NamedTuple):
    """n crystals, s sites, k directed pairs: what is on a site, and which others of its crystal it sees, in Å."""

    site_offsets: Integers
    species: Integers
    starts: Integers
    second: Integers
    distances: Floats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _merge(kinds: Integers, distances: Floats) -> tuple[Integers, Floats, Integers]:
    """Neighbours of one kind at one distance once: kinds, mean distances and counts, sorted by kind and distance."""
    order = np.argsort(kinds * 1e3 + distances)
    kept, apart, counts = np.empty_like(kinds), np.empty_like(distances), np.zeros_like(kinds)
    last = -1
    for place in order:
        new = last < 0 or kinds[place] != kept[last] or distances[place] - apart[last] / counts[last] > SAME
        if new:
            last += 1
            kept[last], apart[last] = kinds[place], 0.0
        apart[last] += distances[place]
        counts[last] += 1
    return kept[: last + 1], apart[: last + 1] / counts[: last + 1], counts[: last + 1]


@njit(cache=True)  # type: ignore[untyped-decorator]
def _same(one: tuple[Integers, Floats, Integers], two: tuple[Integers, Floats, Integers]) -> bool:
    """Whether two lists of neighbours are equal."""
    if len(one[0]) != len(two[0]):
        return False
    for at in range(len(one[0])):
        if one[0][at] != two[0][at] or one[2][at] != two[2][at] or abs(one[1][at] - two[1][at]) > SAME:
            return False
    return True


@njit(cache=True)  # type: ignore[untyped-decorator]
def _alike(graph: _Graph) -> Integers:
    """For each site which of the kinds of sites of its crystal it is, from 0 in the order of the sites, [s]."""
    classes = graph.species.copy()
    for crystal in range(len(graph.site_offsets) - 1):
        begin, end = graph.site_offsets[crystal], graph.site_offsets[crystal + 1]
        known = len(np.unique(classes[begin:end]))
        while True:
            refined = _refined(graph, begin, classes[begin:end])
            classes[begin:end] = refined
            count = refined.max() + 1
            if count in {known, end - begin}:
                break
            known = count
    return classes


@njit(cache=True)  # type: ignore[untyped-decorator]
def _refined(graph: _Graph, begin: int, classes: Integers) -> Integers:
    """The classes of the sites of a crystal, told apart by the classes of what they see."""
    refined, first, number = np.empty(len(classes), np.int64), np.empty(len(classes), np.int64), 0
    seen = [(classes[:0], graph.distances[:0], classes[:0])]
    for site in range(len(classes)):
        its = slice(graph.starts[begin + site], graph.starts[begin + site + 1])
        around = _merge(classes[graph.second[its]], graph.distances[its])
        known = number
        for tried in range(number):
            if classes[first[tried]] == classes[site] and _same(seen[tried + 1], around):
                known = tried
                break
        if known == number:
            seen.append(around)
            first[number] = site
            number += 1
        refined[site] = known
    return refined


@njit(cache=True)  # type: ignore[untyped-decorator]
def _distinct_rows(graph: _Graph, classes: Integers) -> tuple[Any, ...]:
    """The rows of :class:`Environments` (offsets, sites and counts), then the fields of pairs and of places."""
    site_offsets, species, starts = graph.site_offsets, graph.species, graph.starts
    sites, places = len(species), len(graph.second)
    offsets = np.zeros(len(site_offsets), np.int64)
    row_sites, row_counts = np.empty(sites, np.int64), np.zeros(sites, np.int64)
    pair_offsets, place_offsets = np.zeros(sites + 1, np.int64), np.zeros(sites + 1, np.int64)
    pair_kinds, pair_apart, pair_counts = np.empty(places, np.int64), np.empty(places), np.empty(places, np.int64)
    place_kinds, place_apart, place_counts = np.empty(places, np.int64), np.empty(places), np.empty(places, np.int64)
    rows = 0
    for crystal in range(len(site_offsets) - 1):
        begin, first = site_offsets[crystal], rows
        for site in range(begin, site_offsets[crystal + 1]):
            row_counts[first + classes[site]] += 1
            if first + classes[site] < rows:
                continue
            near = graph.second[starts[site] : starts[site + 1]]
            apart = graph.distances[starts[site] : starts[site + 1]]
            pairs, around = _merge(species[begin + near], apart), _merge(near, apart)
            start, end = pair_offsets[rows], pair_offsets[rows] + len(pairs[0])
            pair_kinds[start:end], pair_apart[start:end], pair_counts[start:end] = pairs
            pair_offsets[rows + 1] = end
            start, end = place_offsets[rows], place_offsets[rows] + len(around[0])
            place_kinds[start:end], place_apart[start:end], place_counts[start:end] = around
            place_offsets[rows + 1] = end
            row_sites[rows] = site - begin
            rows += 1
        offsets[crystal + 1] = rows
    k, p = pair_offsets[rows], place_offsets[rows]
    return (
        offsets, row_sites[:rows].copy(), row_counts[:rows].copy(),
        pair_offsets[: rows + 1].copy(), pair_kinds[:k].copy(), pair_apart[:k].copy(), pair_counts[:k].copy(),
        place_offsets[: rows + 1].copy(), place_kinds[:p].copy(), place_apart[:p].copy(), place_counts[:p].copy(),
    )  # fmt: skip

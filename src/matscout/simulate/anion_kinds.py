"""Which oxygen and sulfur atoms of crystals count as oxide, peroxide, sulfide or sulfate, by their distances.

The rules and limits are those of pymatgen (``OxideType``, ``sulfide_type``; MIT), with which the corrections of the
Materials Project are applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.data.structures import Structures

Floats = NDArray[np.float64]

HYDROXIDE, SUPEROXIDE, PEROXIDE = 1.05 * 0.93, 1.05 * 1.35, 1.05 * 1.49
"""Distances in Å: O-H of a hydroxide, O-O of a superoxide or ozonide, O-O of a peroxide."""

SHELL = 0.4
"""Neighbours of sulfur are those that are no further than the nearest one by this, Å,"""
NEAREST = 4
"""and no more than the nearest so many."""
REACH = 4.0
"""How far neighbours of sulfur are searched for, Å."""

HYDROGEN, OXYGEN, SULFUR = 1, 8, 16


def oxide_kinds(structures: Structures) -> list[str]:
    """``"oxide"`` (hydroxides among them), ``"peroxide"``, ``"superoxide"`` or ``"ozonide"`` of each structure."""
    crystals = Crystals.from_structures(structures)
    pairs, numbers = pairs_within(crystals, PEROXIDE), _of_sites(crystals)
    borders = pairs.offsets[crystals.offsets]
    return [_oxide_kind(pairs, numbers, slice(*border)) for border in pairwise(borders)]


def _of_sites(crystals: Crystals) -> NDArray[np.int64]:
    """The atomic number of each site; of several species the first one."""
    return crystals.atomic_numbers[np.searchsorted(crystals.site_of_species, np.arange(crystals.offsets[-1]))]


def _oxide_kind(pairs: Pairs, numbers: NDArray[np.int64], of_crystal: slice) -> str:
    first, second = pairs.first[of_crystal], pairs.second[of_crystal]
    distances, oxygen = pairs.distances[of_crystal], numbers[first] == OXYGEN
    if (oxygen & (numbers[second] == HYDROGEN) & (distances < HYDROXIDE)).any():
        return "oxide"
    bonds = oxygen & (numbers[second] == OXYGEN) & (first != second)
    short = first[bonds & (distances < SUPEROXIDE)]
    if len(short):
        return "ozonide" if len(short) > len(np.unique(short)) else "superoxide"
    return "peroxide" if bonds.any() else "oxide"


def holds_sulfide(structures: Structures, electronegativities: Mapping[int, float]) -> list[bool]:
    """Whether sulfur counts as an anion in each structure: yes unless it is bonded to more electronegative atoms.

    Parameters
    ----------
    structures
        n structures.
    electronegativities
        Atomic number -> electronegativity by Pauling; atoms without one do not count.
    """
    crystals = Crystals.from_structures(structures)
    pairs, numbers = pairs_within(crystals, REACH), _of_sites(crystals)
    scale = np.full(119, np.nan)
    scale[list(electronegativities)] = list(electronegativities.values())
    sulfates = {
        int(np.searchsorted(crystals.offsets, site, side="right")) - 1
        for site in np.flatnonzero(numbers == SULFUR)
        if _surroundings(pairs, int(site), scale[numbers]) > scale[SULFUR]
    }
    return [row not in sulfates for row in range(len(structures))]


def _surroundings(pairs: Pairs, site: int, scale: Floats) -> float:
    """Mean electronegativity of the nearest neighbours of a site; 0 without any."""
    near = slice(pairs.offsets[site], pairs.offsets[site + 1])
    order = np.argsort(pairs.distances[near], kind="stable")[:NEAREST]
    distances, around = pairs.distances[near][order], scale[pairs.second[near][order]]
    if not len(order):
        return 0.0
    values = around[distances < distances[0] + SHELL]
    return float(np.mean(values[~np.isnan(values)])) if (~np.isnan(values)).any() else 0.0

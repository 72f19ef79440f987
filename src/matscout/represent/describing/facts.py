"""What a reader of a crystal structure is told of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.boxes import in_boxes
from matscout.crystal.crystals import Crystals
from matscout.crystal.prototypes import prototype_label
from matscout.crystal.space_groups import space_group
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.structures import Structures
from matscout.represent.describing.bonds import SiteBonds, site_bonds
from matscout.represent.describing.formulas import iupac_places, reduced_formula
from matscout.represent.describing.names import prototype_name

Floats = NDArray[np.float64]

POLYHEDRA = {
    "tetrahedral": "tetrahedra",
    "octahedral": "octahedra",
    "trigonal pyramidal": "trigonal pyramids",
    "square pyramidal": "square pyramids",
    "trigonal bipyramidal": "trigonal bipyramids",
    "pentagonal pyramidal": "pentagonal pyramids",
    "hexagonal pyramidal": "hexagonal pyramids",
    "pentagonal bipyramidal": "pentagonal bipyramids",
    "hexagonal bipyramidal": "hexagonal bipyramids",
    "cuboctahedral": "cuboctahedra",
}
"""Motifs that have a body -> what several of them are called."""

SHARED = ("corners", "edges", "faces")
"""Bodies that have one, two or more sites in common."""


@dataclass(frozen=True)
class SiteFacts:
    """A site and those that are its images.

    Parameters
    ----------
    element
        Symbol.
    sites
        How many there are in the cell as given.
    geometry
        See :class:`~matscout.represent.describing.bonds.SiteBonds`.
    likeness
        0 to 1.
    neighbours
        Element -> how many bonds lead to it.
    lengths
        Element -> lengths of these bonds, ascending, Å.
    sharing
        (What is shared, name of the other body, "PbTe6 octahedra") -> with how many; only of sites that have a body.
    """

    element: str
    sites: int
    geometry: str
    likeness: float
    neighbours: dict[str, int]
    lengths: dict[str, tuple[float, ...]]
    sharing: dict[tuple[str, str], int]

    @property
    def coordination(self) -> int:
        """Number of bonds."""
        return sum(self.neighbours.values())

    @property
    def body(self) -> str:
        """``"PbTe6 octahedra"``; "" if its motif has no body."""
        return body_name(self.element, self.neighbours, self.geometry)


@dataclass(frozen=True)
class CrystalFacts:
    """A crystal.

    Parameters
    ----------
    formula
        Smallest whole numbers, elements in the order of IUPAC.
    space_group, number, system
        Symbol, number and crystal system; None, 0, "" where spglib finds none.
    prototype
        Label of its prototype, "" without a space group.
    name
        Mineral or common name of its prototype, "" if none is known.
    dimensionality
        In how many directions its widest bonded part goes on, 0 to 3.
    sites
        Those that are no images of one another, in an order that does not depend on how they are written.
    """

    formula: str
    space_group: str | None
    number: int
    system: str
    prototype: str
    name: str
    dimensionality: int
    sites: tuple[SiteFacts, ...]


def body_name(element: str, neighbours: dict[str, int], geometry: str) -> str:
    """What the bodies around such sites are called; "" if the motif has none."""
    if geometry not in POLYHEDRA:
        return ""
    around = "".join(f"{symbol}{count if count > 1 else ''}" for symbol, count in neighbours.items())
    return f"{element}{around} {POLYHEDRA[geometry]}"


def crystal_facts(structures: Structures) -> list[CrystalFacts]:
    """Of n ordered structures."""
    crystals = in_boxes(Crystals.from_structures(structures))
    bonds = site_bonds(crystals)
    symbols = [SYMBOLS[number - 1] for number in crystals.atomic_numbers]
    dimensions = bonds.graph.dimensions()
    seen = [_seen(bonds, symbols, site) for site in range(len(symbols))]
    facts = []
    for row in range(len(crystals)):
        start, stop = int(crystals.offsets[row]), int(crystals.offsets[row + 1])
        group = space_group(crystals, row)
        orbits = (
            [(orbit.site, orbit.sites) for orbit in group.orbits] if group else [(at, 1) for at in range(stop - start)]
        )
        sites = [_site(bonds, seen, symbols, start + at, count) for at, count in orbits]
        label = prototype_label(group) if group else ""
        facts.append(
            CrystalFacts(
                reduced_formula(Counter(symbols[start:stop])),
                group.symbol if group else None,
                group.number if group else 0,
                group.system if group else "",
                label,
                prototype_name(structures, row, label),
                int(dimensions[start:stop].max()),
                tuple(sorted(sites, key=_order)),
            )
        )
    return facts


def _order(site: SiteFacts) -> tuple[float, int, str, list[float]]:
    """Elements as in the formula, then by their bonds: not by where the sites are written."""
    lengths = sorted(length for some in site.lengths.values() for length in some)
    place = float(iupac_places()[ATOMIC_NUMBERS[site.element] - 1])
    return place, site.coordination, site.geometry, [round(length, 3) for length in lengths]


@dataclass(frozen=True)
class _Seen:
    """What a site is bonded to, and what that makes of it."""

    neighbours: dict[str, int]
    body: str


def _seen(bonds: SiteBonds, symbols: Sequence[str], site: int) -> _Seen:
    places = slice(bonds.graph.offsets[site], bonds.graph.offsets[site + 1])
    counts = Counter(symbols[other] for other in bonds.graph.second[places])
    neighbours = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return _Seen(neighbours, body_name(symbols[site], neighbours, str(bonds.geometries[site])))


def _site(bonds: SiteBonds, seen: Sequence[_Seen], symbols: Sequence[str], site: int, sites: int) -> SiteFacts:
    start, stop = bonds.graph.offsets[site], bonds.graph.offsets[site + 1]
    lengths: dict[str, list[float]] = defaultdict(list)
    for other, distance in zip(bonds.graph.second[start:stop], bonds.distances[start:stop], strict=True):
        lengths[symbols[other]].append(float(distance))
    return SiteFacts(
        symbols[site],
        sites,
        str(bonds.geometries[site]),
        float(bonds.likeness[site]),
        seen[site].neighbours,
        {symbol: tuple(sorted(lengths[symbol])) for symbol in seen[site].neighbours},
        _sharing(bonds, seen, site) if seen[site].body else {},
    )


def _sharing(bonds: SiteBonds, seen: Sequence[_Seen], site: int) -> dict[tuple[str, str], int]:
    """With how many bodies around next neighbours each thing is shared."""
    graph = bonds.graph
    common: Counter[tuple[int, int, int, int]] = Counter()
    for bond in range(graph.offsets[site], graph.offsets[site + 1]):
        middle, shift = graph.second[bond], graph.shifts[bond]
        for onward in range(graph.offsets[middle], graph.offsets[middle + 1]):
            at = shift + graph.shifts[onward]
            common[int(graph.second[onward]), int(at[0]), int(at[1]), int(at[2])] += 1
    counts: Counter[tuple[str, str]] = Counter()
    for (other, *at), shared in common.items():
        if (other != site or any(at)) and seen[other].body:
            counts[SHARED[min(shared, len(SHARED)) - 1], seen[other].body] += 1
    return dict(sorted(counts.items()))

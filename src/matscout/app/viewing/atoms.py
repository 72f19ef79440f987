"""What every picture of a structure shows: which atoms and bonds, how large, and from where it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matscout.app.viewing.bonds import bonds_of, main_species, molecules
from matscout.app.viewing.palette import VACANT
from matscout.crystal.bond_graph import BondGraph
from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.structures import Structures

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Ball = tuple[int, int, int, int]
"""A site and the cell it lies in, in lattice vectors."""

EDGE = 0.1
"""Å; atoms so near to a face of the cell are shown on the opposite face, too."""

SIZE = 0.32
"""Radius of a ball of an atom with a covalent radius of 1 Å, Å. It grows with the square root, so that oxygen beside
strontium is seen; the balls of neighbours leave room for a stick.
"""

UNKNOWN_RADIUS = 1.5
"""Å, of elements without a covalent radius, from berkelium on."""

STICK = 0.09
"""Radius of a stick, Å."""

MOST_SITES = 300
"""Cells with more sites are shown without bonds."""

AZIMUTH, ELEVATION = 20.0, 14.0
"""Degrees by which the eye stands beside the first lattice vector, and above the plane of the first two."""


@dataclass(frozen=True, eq=False)
class ShownAtoms:
    """The balls and sticks of a picture.

    Parameters
    ----------
    lattice
        float64 [3, 3], Å, rows are the lattice vectors.
    positions
        float64 [a, 3], Å.
    fractional
        float64 [a, 3].
    contents
        Of each ball, (symbol, share) of what is on the site, largest share first; the last may be ``"vacant"``. The
        shares add up to 1.
    radii
        float64 [a], Å.
    bonds
        int64 [b, 2], the two balls of each stick. None for cells of more than :data:`MOST_SITES` sites.
    stick
        Radius of all sticks, Å.
    """

    lattice: Floats
    positions: Floats
    fractional: Floats
    contents: tuple[tuple[tuple[str, float], ...], ...]
    radii: Floats
    bonds: Integers | None
    stick: float = STICK

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def kinds(self) -> tuple[str, ...]:
        """All that occurs, by atomic number, what is vacant last."""
        symbols = {symbol for content in self.contents for symbol, _ in content}
        return tuple(sorted(symbols, key=lambda symbol: ATOMIC_NUMBERS.get(symbol, 999)))

    @property
    def halves(self) -> tuple[Integers, Floats, Floats]:
        """Half sticks: the ball of each [h], where it leaves that ball, and the middle of its bond, Å, [h, 3] each.

        First those of the first ball of every bond, then those of the second.
        """
        bonds = np.zeros((0, 2), dtype=np.int64) if self.bonds is None else self.bonds
        ball, other = np.concatenate([bonds, bonds[:, ::-1]]).T
        across = self.positions[other] - self.positions[ball]
        length = np.linalg.norm(across, axis=1, keepdims=True)
        inside = np.sqrt(np.maximum(self.radii[ball] ** 2 - self.stick**2, 0.0))[:, None]
        starts = self.positions[ball] + across / length * np.minimum(inside, length / 2.0)
        return ball, starts, self.positions[ball] + across / 2.0


def edges(lattice: Floats) -> Floats:
    """The two ends of the twelve edges of a cell, Å, [12, 2, 3]."""
    corners = [np.array(corner) for corner in np.ndindex(2, 2, 2)]
    both = [(corner, corner + step) for step in np.eye(3) for corner in corners if not corner @ step]
    return np.asarray(np.array(both) @ lattice)


def shown_atoms(structure: Structures) -> ShownAtoms:
    """The atoms of one cell, those on its faces, edges and corners once more, and their bonds.

    Molecules stay whole: those are shown whose centre is in the cell. Around cations all anions that are bonded to them
    are shown, outside the cell as well: around those on its faces only if this does not more than double the atoms.

    Parameters
    ----------
    structure
        A single one.
    """
    crystal = Crystals.from_structures(structure)
    near = EDGE / np.linalg.norm(crystal.lattices[0], axis=1)
    if len(crystal.fractional) > MOST_SITES:
        every = np.arange(len(crystal.fractional))
        balls, _ = _inside(crystal.fractional, every, np.zeros((len(every), 3), dtype=np.int64), near)
        return _shown(crystal, balls, None)
    graph = bonds_of(crystal)
    balls, alone = _inside(crystal.fractional, *molecules(graph), near)
    everywhere = _anions_around(graph, balls, balls)
    balls += everywhere if len(everywhere) <= len(balls) else _anions_around(graph, balls, alone)
    return _shown(crystal, balls, _between(graph, balls))


def _shown(crystal: Crystals, balls: list[Ball], bonds: Integers | None) -> ShownAtoms:
    sites, cells = np.array(balls)[:, 0], np.array(balls)[:, 1:]
    lattice, fractional = crystal.lattices[0], crystal.fractional[sites] + cells
    known = own_table("magpie").column("CovalentRadius") / 100.0
    radii = SIZE * np.sqrt(crystal.site_means(np.where(np.isnan(known), UNKNOWN_RADIUS, known)))
    contents = _contents(crystal)
    return ShownAtoms(
        lattice, fractional @ lattice, fractional, tuple(contents[site] for site in sites), radii[sites], bonds
    )


def _inside(fractional: Floats, molecule: Integers, cells: Integers, near: Floats) -> tuple[list[Ball], list[Ball]]:
    """The atoms of all molecules whose centre is in the cell or on a face; of these those that are inside and alone."""
    balls: list[Ball] = []
    alone: list[Ball] = []
    for number in range(molecule.max() + 1):
        sites = np.flatnonzero(molecule == number)
        centre = (fractional[sites] + cells[sites]).mean(axis=0)
        back = -np.floor(centre + near).astype(np.int64)
        both = [(0, 1) if at < limit else (0,) for at, limit in zip(centre + back, near, strict=True)]
        images = [(int(site), *(cells[site] + back + shift).tolist()) for shift in product(*both) for site in sites]
        balls += images
        alone += images if len(images) == 1 else []
    return balls, alone


def _anions_around(graph: BondGraph, balls: list[Ball], centres: list[Ball]) -> list[Ball]:
    """What is bonded to one of the centres, more electronegative than it, and not shown yet."""
    number = graph.crystals.atomic_numbers[main_species(graph.crystals)]
    pull = own_table("magpie").column("Electronegativity")[number - 1]
    bonded = {other: None for ball in centres for other in _bonded(graph, ball) if pull[other[0]] > pull[ball[0]]}
    return [ball for ball in bonded if ball not in set(balls)]


def _between(graph: BondGraph, balls: list[Ball]) -> Integers:
    """The places of the two balls of each bond, [b, 2]."""
    places = {ball: place for place, ball in enumerate(balls)}
    ends = [(places[ball], places[other]) for ball in balls for other in _bonded(graph, ball) if other in places]
    return np.array([pair for pair in ends if pair[0] < pair[1]], dtype=np.int64).reshape(-1, 2)


def _bonded(graph: BondGraph, ball: Ball) -> list[Ball]:
    """What a ball is bonded to, shown or not."""
    bonds = slice(*graph.offsets[ball[0] : ball[0] + 2])
    cells = graph.shifts[bonds] + ball[1:]
    return [(site, *cell) for site, cell in zip(graph.second[bonds].tolist(), cells.tolist(), strict=True)]


def _contents(crystal: Crystals) -> list[tuple[tuple[str, float], ...]]:
    """What is on each site of a crystal, and how much of it is vacant."""
    contents: list[list[tuple[str, float]]] = [[] for _ in range(len(crystal.fractional))]
    entries = zip(crystal.site_of_species, crystal.atomic_numbers, crystal.occupancies, strict=True)
    for site, number, share in entries:
        contents[site].append((SYMBOLS[number - 1], float(share)))
    return [_whole(content) for content in contents]


def _whole(content: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    total = sum(share for _, share in content)
    ordered = sorted(content, key=lambda part: -part[1])
    if total < 1.0 - 1e-3:
        return (*ordered, (VACANT, 1.0 - total))
    return tuple((symbol, share / total) for symbol, share in ordered)


def frame(lattice: Floats) -> Floats:
    """Where the eye stands: unit vectors to the right, upwards and towards the eye, as columns, [3, 3].

    The third lattice vector points upwards and the first, nearly, at the eye, however the crystal lies in space.
    """
    up = lattice[2] / np.linalg.norm(lattice[2])
    right = np.cross(up, lattice[0])
    right /= np.linalg.norm(right)
    front = np.cross(right, up)
    azimuth, elevation = np.deg2rad([AZIMUTH, ELEVATION])
    aside = np.cos(azimuth) * front + np.sin(azimuth) * right
    towards = np.cos(elevation) * aside + np.sin(elevation) * up
    right = np.cross(up, towards)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(towards, right), towards], axis=1)

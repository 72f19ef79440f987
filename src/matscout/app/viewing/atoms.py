"""What every picture of a structure shows: which atoms, how large, in which colours, and from where it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.structures import Structures
from matscout.extras import require
from matscout.represent.crystals import Crystals

Floats = NDArray[np.float64]

EDGE = 0.1
"""Å; atoms so near to a face of the cell are shown on the opposite face, too."""

SIZE = 0.7
"""Radius of a ball, in covalent radii (Cordero et al., doi:10.1039/b801115j)."""

VACANT = "vacant"
"""What stands for the share of a site that no atom holds."""

VACANT_COLOUR = "#ffffff"
AZIMUTH, ELEVATION = 20.0, 14.0
"""Degrees by which the eye stands beside the first lattice vector, and above the plane of the first two."""


@dataclass(frozen=True, eq=False)
class ShownAtoms:
    """The balls of a picture: the atoms of one cell, and those on its faces, edges and corners once more.

    Parameters
    ----------
    lattice
        float64 [3, 3], Å, rows are the lattice vectors.
    positions
        float64 [a, 3], Å.
    fractional
        float64 [a, 3].
    contents
        Of each ball, (symbol, share) of what is on the site, largest share first; the last may be :data:`VACANT`. The
        shares add up to 1.
    radii
        float64 [a], Å.
    """

    lattice: Floats
    positions: Floats
    fractional: Floats
    contents: tuple[tuple[tuple[str, float], ...], ...]
    radii: Floats

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def kinds(self) -> tuple[str, ...]:
        """All that occurs, by atomic number, :data:`VACANT` last."""
        found = {symbol for content in self.contents for symbol, _ in content}
        return tuple(sorted(found, key=lambda symbol: ATOMIC_NUMBERS.get(symbol, 999)))


def shown_atoms(structure: Structures) -> ShownAtoms:
    """The balls that show a structure.

    Parameters
    ----------
    structure
        A single one.

    Raises
    ------
    MissingExtraError
        If ASE, which has the radii, is not installed.
    """
    require("ase", extra="view")
    from ase.data import covalent_radii

    crystal = Crystals.from_structures(structure)
    lattice = crystal.lattices[0]
    fractional, sites = _with_images(crystal.fractional, EDGE / np.linalg.norm(lattice, axis=1))
    radii = crystal.site_means(SIZE * covalent_radii[1 : len(SYMBOLS) + 1])
    contents = _contents(crystal)
    return ShownAtoms(lattice, fractional @ lattice, fractional, tuple(contents[site] for site in sites), radii[sites])


def _with_images(fractional: Floats, near: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Coordinates inside the cell and on all its faces, and the site of each."""
    inside = fractional - np.floor(fractional + near)
    places, sites = [], []
    for site, place in enumerate(inside):
        for shift in product(*((0, 1) if at < limit else (0,) for at, limit in zip(place, near, strict=True))):
            places.append(place + shift)
            sites.append(site)
    return np.array(places), np.array(sites, dtype=np.int64)


def _contents(crystal: Crystals) -> list[tuple[tuple[str, float], ...]]:
    """What is on each site of a crystal, and how much of it is vacant."""
    found: list[list[tuple[str, float]]] = [[] for _ in range(len(crystal.fractional))]
    entries = zip(crystal.site_of_species, crystal.atomic_numbers, crystal.occupancies, strict=True)
    for site, number, share in entries:
        found[site].append((SYMBOLS[number - 1], float(share)))
    return [_whole(content) for content in found]


def _whole(content: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    total = sum(share for _, share in content)
    ordered = sorted(content, key=lambda part: -part[1])
    if total < 1.0 - 1e-3:
        return (*ordered, (VACANT, 1.0 - total))
    return tuple((symbol, share / total) for symbol, share in ordered)


def colours(kinds: tuple[str, ...]) -> dict[str, str]:
    """The colour of each kind as ``"#rrggbb"``: those of Jmol, as ASE has them."""
    from ase.data.colors import jmol_colors

    known = {
        symbol: jmol_colors[min(ATOMIC_NUMBERS[symbol], len(jmol_colors) - 1)] for symbol in kinds if symbol != VACANT
    }
    return {
        kind: VACANT_COLOUR if kind == VACANT else "#" + "".join(f"{round(255 * part):02x}" for part in known[kind])
        for kind in kinds
    }


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

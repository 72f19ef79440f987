"""Host crystals of point defects: the cell without defects, its supercells and their symmetry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.spglib_calls import ask_spglib
from matscout.data.unit_cells import heights_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

VACUUM = 7.0
"""Å without atoms along an axis that make a crystal a layer with vacuum; between layers of bulk crystals are 3 to 4."""
NOWHERE = -1
"""In place of a site of the host: an interstitial, or a position that is not known."""
PRECISION = 1e-3
"""Å, within which sites are equal by symmetry."""


@dataclass(frozen=True)
class HostCrystal:
    """A crystal without defects; of some only the formula is known.

    Parameters
    ----------
    formula
        As people write it.
    lattice
        Nine numbers, Å, the vectors one after the other; none where only the formula is known.
    numbers
        Atomic numbers of its h sites.
    fractional
        3 h fractional coordinates.
    periodic
        Along which vectors it repeats; a layer with vacuum does not along the one across it.
    """

    formula: str
    lattice: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()
    fractional: tuple[float, ...] = ()
    periodic: tuple[bool, bool, bool] = (True, True, True)

    @classmethod
    def of_arrays(cls, formula: str, lattice: Floats, numbers: NDArray[np.uint8], fractional: Floats) -> HostCrystal:
        """Of a cell; an axis with more than 7 Å of vacuum is one along which it does not repeat."""
        periodic = tuple(bool(gap < VACUUM) for gap in gaps_of(lattice, fractional))
        return cls(
            formula,
            tuple(np.ravel(lattice).tolist()),
            tuple(int(number) for number in numbers),
            tuple(np.ravel(fractional).tolist()),
            (periodic[0], periodic[1], periodic[2]),
        )

    @property
    def is_known(self) -> bool:
        """Whether its cell is known, not the formula alone."""
        return bool(self.numbers)

    @property
    def cell(self) -> Floats:
        """Lattice vectors as rows, Å, [3, 3]; NaN where only the formula is known."""
        return np.array(self.lattice).reshape(3, 3) if self.is_known else np.full((3, 3), np.nan)

    @property
    def coordinates(self) -> Floats:
        """Fractional coordinates, [h, 3]."""
        return np.array(self.fractional).reshape(-1, 3)

    @property
    def species(self) -> Integers:
        """Atomic numbers, [h]."""
        return np.array(self.numbers, dtype=np.int64)

    @property
    def normal(self) -> Floats | None:
        """The unit vector across a layer, [3]; None for what is no layer."""
        if sum(self.periodic) != 2:
            return None
        plane = self.cell[list(self.periodic)]
        across = np.cross(plane[0], plane[1])
        return np.asarray(across / np.linalg.norm(across))

    @property
    def text(self) -> str:
        """The whole cell as one line, which :meth:`from_text` reads again exactly."""
        vectors = "; ".join(" ".join(repr(float(x)) for x in row) for row in self.cell)
        sites = "; ".join(
            " ".join([SYMBOLS[number - 1], *(repr(float(x)) for x in place)])
            for number, place in zip(self.numbers, self.coordinates, strict=True)
        )
        return f"{self.formula} | {vectors} | {sites}"

    @classmethod
    def from_text(cls, text: str) -> HostCrystal:
        """From a line that :attr:`text` wrote.

        Raises
        ------
        ValueError
            If it is none.
        """
        formula, vectors, sites = (part.strip() for part in text.split("|"))
        lattice = np.array([[float(x) for x in row.split()] for row in vectors.split(";")])
        held = [site.split() for site in sites.split(";")]
        numbers = np.array([ATOMIC_NUMBERS[site[0]] for site in held], dtype=np.uint8)
        fractional = np.array([[float(x) for x in site[1:]] for site in held])
        if lattice.shape != (3, 3) or fractional.shape != (len(held), 3):
            raise ValueError(f"{text!r} holds no cell")
        return cls.of_arrays(formula, lattice, numbers, fractional)


def gaps_of(lattice: Floats, fractional: Floats) -> Floats:
    """The widest part without atoms along each axis, Å, [3]."""
    ordered = np.sort(np.mod(fractional, 1.0), axis=0)
    steps = np.diff(np.concatenate([ordered, ordered[:1] + 1.0]), axis=0)
    return np.asarray(steps.max(axis=0) * heights_of(lattice))


@lru_cache(maxsize=64)
def translations_in(matrix: tuple[int, ...]) -> Integers:
    """The lattice points of the host within a supercell, whole numbers [t, 3], in the order of its sites.

    ``matrix`` holds the nine whole numbers M of the supercell: its vectors are M times those of the host.
    """
    multiples = np.array(matrix, dtype=np.int64).reshape(3, 3)
    corners = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]) @ multiples
    ranges = [np.arange(low, high + 1) for low, high in zip(corners.min(axis=0), corners.max(axis=0), strict=True)]
    points = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = points @ np.linalg.inv(multiples)
    kept = ((inside > -1e-9) & (inside < 1.0 - 1e-9)).all(axis=1)
    return points[kept].astype(np.int64)


@lru_cache(maxsize=16)
def supercell_sites(host: HostCrystal, matrix: tuple[int, ...]) -> tuple[Floats, Integers]:
    """Positions (Å, [s, 3]) and atomic numbers [s] of the sites of a supercell; site of the cell by site."""
    points = translations_in(matrix)
    places = (host.coordinates[:, None] + points[None]).reshape(-1, 3)
    positions, numbers = places @ host.cell, np.repeat(host.species, len(points))
    for array in (positions, numbers):
        array.flags.writeable = False
    return positions, numbers


@lru_cache(maxsize=16)
def site_permutations(host: HostCrystal, matrix: tuple[int, ...]) -> NDArray[np.int32]:
    """Where each operation of its space group and translations takes each site of a supercell, [g, s].

    Operations that do not map the supercell on itself are left out.
    """
    multiples = np.array(matrix, dtype=np.int64).reshape(3, 3)
    points = translations_in(matrix)
    inverse = np.linalg.inv(multiples)
    lookup = {tuple(point): at for at, point in enumerate(_wrapped(points, multiples, inverse).tolist())}
    cell = (host.cell, host.coordinates, host.species)
    import spglib

    outcome = ask_spglib(spglib.get_symmetry, cell, symprec=PRECISION)
    operations = [(np.eye(3, dtype=np.int64), np.zeros(3))]
    if outcome is not None:
        operations = list(zip(outcome["rotations"].astype(np.int64), outcome["translations"], strict=True))
    permutations = []
    for rotation, shift in operations:
        turned = multiples @ rotation.T @ inverse
        if np.abs(turned - np.round(turned)).max() > 1e-6:
            continue
        basis, steps = _images(host, rotation, shift)
        if basis is None:
            continue
        moved = points @ rotation.T
        for extra in points:
            image = _wrapped((moved[None] + steps[:, None] + extra).reshape(-1, 3), multiples, inverse).tolist()
            at = np.array([lookup[tuple(one)] for one in image]).reshape(len(steps), -1)
            permutations.append((basis[:, None] * len(points) + at).ravel())
    return np.unique(np.array(permutations, dtype=np.int32), axis=0)


def _wrapped(points: Integers, multiples: Integers, inverse: Floats) -> Integers:
    """Points moved by vectors of the supercell into it."""
    cells = np.floor(points @ inverse + 1e-9).astype(np.int64)
    return np.asarray(points - cells @ multiples)


def _images(host: HostCrystal, rotation: Integers, shift: Floats) -> tuple[Integers | None, Integers]:
    """The site that each site of the cell becomes, [h], and in which cell, [h, 3]; None if one becomes none."""
    moved = host.coordinates @ rotation.T + shift
    steps = moved[:, None] - host.coordinates[None]
    whole = np.round(steps)
    apart = np.linalg.norm((steps - whole) @ host.cell, axis=2)
    apart = np.where(host.species[:, None] == host.species[None], apart, np.inf)
    basis = apart.argmin(axis=1)
    if apart[np.arange(len(basis)), basis].max() > 0.05:
        return None, np.zeros((0, 3), dtype=np.int64)
    return basis, whole[np.arange(len(basis)), basis].astype(np.int64)

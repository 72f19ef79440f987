"""Two-dimensional diffraction patterns of the conventional cell, rotated about x, y and z: an image of 32 x 32 x 3."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np
import spglib
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.diffraction import scattering_parameters
from matscout.data.spglib_calls import ask_spglib
from matscout.represent.structure_representation import StructureRepresentation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CHANNELS = ("x", "y", "z")
PIXELS = 32
WIDEST = 4.0
"""1/Å; the largest component of q = 2 pi / d on the image."""

WIDTH = 0.2
"""1/Å, standard deviation of the Gaussian that each reflection is in reciprocal space."""

SEEN = 6.0
"""A reflection is left out where it is farther away than so many widths."""

REACH = WIDEST * np.sqrt(2.0) + SEEN * WIDTH

MOST_REFLECTIONS = 1_000_000
"""Cells with more in view, some 200,000 Å³, have no image."""

AT_ONCE = 2_000_000
"""Phases that are held in memory."""

TOLERANCE = 0.01
"""Å, spglib's, in the search for the symmetry."""


class Diffraction2d(StructureRepresentation):
    """The diffraction fingerprint of A. Ziletti et al., Nat. Commun. 9, 2775 (2018), doi:10.1038/s41467-018-05169-6.

    The beam comes along z. The conventional cell of spglib is turned by 45 degrees to both sides about x, and both
    patterns are added up; the same for y and z, each a channel (red, green, blue). The largest value of an image is 1;
    the primary beam is left out.

    Other than in the paper, a crystal is not a ball of some hundred atoms but has no end, and reflections are Gaussians
    around the points of the reciprocal lattice; scattering is that of X-rays, the Ewald sphere is flat; there are 32
    pixels in place of 64. Some space groups leave it open which way the axes of the cell point (x and y of pyrite may
    be exchanged); intensities are therefore averaged over the symmetry operations of the lattice. Elements without
    scattering factors have no image.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    columns = tuple(
        f"about {axis}, pixel {row + 1} {column + 1}"
        for axis, row, column in product(CHANNELS, range(PIXELS), range(PIXELS))
    )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 3072], to be read as [n, 3, 32, 32]."""
        return np.array([self._image(crystals, row) for row in range(len(crystals))]).reshape(len(crystals), self.dim)

    def _image(self, crystals: Crystals, row: int) -> Floats:
        cell = conventional_cell(crystals, row)
        if cell is None or abs(np.linalg.det(cell.lattice)) * (REACH / (2.0 * np.pi)) ** 3 * 4.2 > MOST_REFLECTIONS:
            return np.full(self.dim, np.nan)
        pixels = image(*reflections(cell))
        # Without any reflection in view the image is dark everywhere, and there is no largest value to divide by.
        return np.asarray(pixels.ravel() / pixels.max() if pixels.any() else np.full(self.dim, np.nan))


class ConventionalCell(NamedTuple):
    """A conventional cell: lattice in Å [3, 3], a along x; atoms [s, 3], [s]; operations of its lattice [m, 3, 3]."""

    lattice: Floats
    fractional: Floats
    numbers: Integers
    operations: Integers


def conventional_cell(crystals: Crystals, row: int) -> ConventionalCell | None:
    """The standard cell of one crystal; None if spglib finds no symmetry, or an element does not scatter."""
    sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
    numbers = crystals.atomic_numbers[np.searchsorted(crystals.site_of_species, np.arange(sites.start, sites.stop))]
    if np.isnan(scattering_parameters()[numbers - 1]).any():
        return None
    symmetry = ask_spglib(
        spglib.get_symmetry_dataset, (crystals.lattices[row], crystals.fractional[sites], numbers), symprec=TOLERANCE
    )
    if symmetry is None:
        return None
    return ConventionalCell(
        np.asarray(symmetry.std_lattice, dtype=np.float64),
        np.asarray(symmetry.std_positions, dtype=np.float64),
        np.asarray(symmetry.std_types, dtype=np.int64),
        lattice_operations(int(symmetry.number)),
    )


@cache
def lattice_operations(space_group: int) -> Integers:
    """Rotations that map the lattices of a crystal system on themselves, on coordinates of the conventional cell."""
    # First space group of a system -> hall number of a group with the full symmetry of its lattices.
    systems = {1: 2, 3: 57, 16: 227, 75: 400, 143: 485, 195: 517}
    hall = systems[max(first for first in systems if first <= space_group)]
    if space_group in {146, 148, 155, 160, 161, 166, 167}:
        hall = 458
    return np.unique(
        np.asarray(ask_spglib(spglib.get_symmetry_from_database, hall)["rotations"], dtype=np.int64), axis=0
    )


def reflections(cell: ConventionalCell) -> tuple[Floats, Floats]:
    """All reflections within ``REACH`` but 000: q in 1/Å [r, 3], and intensities per squared number of atoms [r]."""
    reciprocal = 2.0 * np.pi * np.linalg.inv(cell.lattice).T
    most = np.floor(REACH * np.linalg.norm(cell.lattice, axis=1) / (2.0 * np.pi)).astype(np.int64) + 1
    indices = np.stack(np.meshgrid(*(np.arange(-m, m + 1) for m in most), indexing="ij"), axis=-1).reshape(-1, 3)
    squares = ((indices @ reciprocal) ** 2).sum(axis=1)
    seen = (squares < REACH**2) & indices.any(axis=1)
    indices, squares = indices[seen], squares[seen]
    grid = np.zeros(2 * most + 1)
    grid[tuple((indices + most).T)] = intensities(cell, indices, squares)
    turned = [grid[tuple((indices @ operation + most).T)] for operation in cell.operations]
    return indices @ reciprocal, np.mean(turned, axis=0)


def intensities(cell: ConventionalCell, indices: Integers, squares: Floats) -> Floats:
    """Squared structure factors divided by the squared number of atoms, [r], at indices [r, 3] and q² [r]."""
    totals = np.zeros(len(indices), dtype=np.complex128)
    step = max(1, AT_ONCE // max(1, len(indices)))
    for number in np.unique(cell.numbers):
        places = cell.fractional[cell.numbers == number]
        phases = np.zeros(len(indices), dtype=np.complex128)
        for start in range(0, len(places), step):
            phases += np.exp(2j * np.pi * (indices @ places[start : start + step].T)).sum(axis=1)
        totals += form_factors(int(number), squares) * phases
    return np.asarray((totals.real**2 + totals.imag**2) / len(cell.numbers) ** 2)


def form_factors(number: int, squares: Floats) -> Floats:
    """Of an element, at q² in 1/Å², [r]; see :func:`~matscout.crystal.diffraction.scattering_parameters`."""
    reduced = squares / (4.0 * np.pi) ** 2
    a, b = scattering_parameters()[number - 1].T
    return np.asarray(number - 41.78214 * reduced * (np.exp(-reduced[:, None] * b) @ a))


@cache
def _turns() -> Floats:
    """Rotations about each axis by 45 degrees to both sides, [3, 2, 3, 3]."""
    half = np.sqrt(0.5)
    turns = np.zeros((3, 2, 3, 3))
    for axis in range(3):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        for side, sign in enumerate((1.0, -1.0)):
            turns[axis, side, axis, axis] = 1.0
            turns[axis, side, one, one] = turns[axis, side, other, other] = half
            turns[axis, side, other, one], turns[axis, side, one, other] = sign * half, -sign * half
    return turns


def image(vectors: Floats, strengths: Floats) -> Floats:
    """What reflections [r, 3] with intensities [r] leave on the image, [3, 32, 32]; rows are x, columns y."""
    centres = (np.arange(PIXELS) + 0.5) * 2.0 * WIDEST / PIXELS - WIDEST
    pixels = np.zeros((3, PIXELS, PIXELS))
    for axis, turns in enumerate(_turns()):
        for turn in turns:
            turned = vectors @ turn.T
            near = np.abs(turned[:, 2]) < SEEN * WIDTH
            x, y, z = turned[near].T
            along_x, along_y = (np.exp(-0.5 * ((centres - some[:, None]) / WIDTH) ** 2) for some in (x, y))
            pixels[axis] += (along_x * (strengths[near] * np.exp(-0.5 * (z / WIDTH) ** 2))[:, None]).T @ along_y
    return pixels

"""One crystal laid on another of its prototype: by another choice of axes and origin, where it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetric_lattices import parameters_of, vectors_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AGREEMENT = 0.1
"""Largest difference of coordinates, as parts of a cell vector, between crystals that are laid on one another."""
AXES_AGREE, ANGLES_AGREE = 0.12, 10.0
"""Largest difference of axes, as a part of them, and of angles in degrees."""


@dataclass(frozen=True, eq=False)
class LaidCrystal:
    """One crystal in slots.

    Parameters
    ----------
    crystal
        One row, with slots (counted from 1) in place of elements, and a cell of 1 Å3 per atom.
    """

    crystal: SymmetricCrystals

    @classmethod
    def of(cls, crystals: SymmetricCrystals, row: int, elements: Integers) -> LaidCrystal:
        """One of many, whose elements are in this order of slots."""
        one = crystals[np.array([row])]
        slots = np.zeros(256, dtype=np.uint8)
        slots[elements] = np.arange(1, len(elements) + 1)
        lattices = one.lattices.copy()
        lattices[:, :3] /= np.cbrt(one.volumes[0])
        return cls(
            SymmetricCrystals(
                one.space_groups, lattices, one.offsets, one.letters, slots[one.elements], one.first_positions
            )
        )

    @cached_property
    def sites(self) -> tuple[Floats, NDArray[np.uint8]]:
        """All sites of the conventional cell, [s, 3], and their slots."""
        structures = self.crystal.structures()
        return structures.fractional_coordinates, structures.atomic_numbers

    def fitted(self, other: LaidCrystal) -> tuple[Floats, Floats] | None:
        """Another crystal in the axes and origin of this one.

        Returns
        -------
        The parameters of its cell, [6], and how far its sites are from the first ones of these orbits, [orbits, 3];
        None if it cannot be laid on this one.
        """
        if self.crystal.space_groups[0] != other.crystal.space_groups[0] or len(self.sites[1]) != len(other.sites[1]):
            return None
        best: tuple[float, Floats, Floats] | None = None
        mine, theirs = vectors_of(self.crystal.lattices)[0], vectors_of(other.crystal.lattices)[0]
        for axes in _same_axes(mine, theirs):
            away = self._away(other.sites[0] @ np.linalg.inv(axes), other.sites[1])
            size = np.inf if away is None else float((away**2).sum())
            if away is not None and (best is None or size < best[0]):
                best = size, parameters_of((axes @ theirs)[None])[0], away
            if size < _EXACT:
                break
        return None if best is None else best[1:]

    def _away(self, sites: Floats, slots: NDArray[np.uint8]) -> Floats | None:
        """Least differences of the sites over all origins that bring one site on the pivot; None if some are large."""
        places, wanted = self.crystal.first_positions, self.crystal.elements
        pivot = np.lexsort((self.crystal.multiplicities, self.crystal.free.sum(axis=1)))[0]
        origins = sites[slots == wanted[pivot]] - places[pivot]
        total, away = np.zeros(len(origins)), np.zeros((len(origins), len(places), 3))
        for orbit, place in enumerate(places):
            delta = sites[slots == wanted[orbit]][None] - origins[:, None] - place
            delta -= np.round(delta)
            nearest = (delta**2).sum(axis=2).argmin(axis=1)
            away[:, orbit] = delta[np.arange(len(origins)), nearest]
            total = np.maximum(total, np.abs(away[:, orbit]).max(axis=1))
        best = int(total.argmin())
        return away[best] if total[best] < AGREEMENT else None


_EXACT = 1e-6
"""Sum of squares of differences below which no better axes are looked for."""


def _same_axes(mine: Floats, theirs: Floats) -> NDArray[np.int64]:
    """Choices of axes of a cell that make it like another one, [w, 3, 3], that of the cell itself first."""
    choices = _choices()
    wanted, parameters = parameters_of(mine[None])[0], parameters_of(choices @ theirs)
    close = (np.abs(np.log(parameters[:, :3] / wanted[:3])) < AXES_AGREE).all(axis=1)
    close &= (np.abs(parameters[:, 3:] - wanted[3:]) < ANGLES_AGREE).all(axis=1)
    return np.asarray(choices[close])


@cache
def _choices() -> NDArray[np.int64]:
    """Whole-number changes of axes by -1, 0 and 1 that keep the volume, [c, 3, 3]; the identity first."""
    all_of_them = np.array([*product((0, 1, -1), repeat=9)]).reshape(-1, 3, 3)
    kept = all_of_them[np.abs(np.abs(np.linalg.det(all_of_them)) - 1) < 0.5]
    unlike = np.abs(kept - np.eye(3, dtype=np.int64)).sum(axis=(1, 2))
    return np.asarray(kept[np.argsort(unlike, kind="stable")])

"""Space group, Wyckoff positions, coordinates and lattice at random, at a usual volume: the untrained baseline."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.closest_pairs import closest_pairs
from matscout.crystal.site_filling import can_fill, random_filling
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetric_lattices import constrained, vectors_of
from matscout.crystal.volumes import expected_volumes
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.ragged import offsets_of
from matscout.errors import UsageError
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.generate.formula_cells import require_groups
from matscout.generate.random_compositions import OpenComposition

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEAREST = 0.7
"""Sums of the covalent radii; crystals with nearer atoms are drawn again."""

TRIALS = 8
"""Coordinates and lattices for each choice of Wyckoff positions; that with the least crowded atoms stays."""

ROUNDS = 12
"""Choices of Wyckoff positions before the least crowded crystal so far stays."""

LENGTHS, ANGLES, VOLUMES = 0.3, 10.0, 0.08
"""Standard deviations of ln length, angle (degrees) and ln volume."""

UNKNOWN_VOLUME = 18.0
"""Å³ per atom, with elements whose volume is not known."""

_COMPOSITIONS = 50
"""Compositions that are tried for a space group."""

_Filled = tuple[int, list[str], list[int]]
"""Space group, letters, atomic numbers."""


class RandomCrystals(CrystalGenerator):
    """Crystals of random symmetry that know chemistry only by the volumes and radii of atoms.

    A space group is drawn from those whose Wyckoff positions the atoms fill, each as likely; then orbit after orbit,
    coordinates, and a lattice with the volume that the composition usually has. Where the atoms are too near, all is
    drawn again, a few times. So do PyXtal (S. Fredericks et al., doi:10.1016/j.cpc.2020.107810) and others.
    """

    conditions = frozenset({"formula", "elements", "must", "exclude", "space_groups", "atoms"})

    def check(self, wishes: CrystalWishes) -> None:
        """Raise if no allowed space group admits the formula with so many atoms."""
        if wishes.formula:
            require_groups(wishes)
        else:
            OpenComposition.of(wishes)

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn:
        """A batch; errors as :meth:`check`."""
        self.check(wishes)
        random = np.random.default_rng([seed, batch])
        best = _drawn(wishes, self.batch_size, random)
        crowding = _crowding(best)
        for _ in range(ROUNDS - 1):
            crowded = np.flatnonzero(crowding < NEAREST)
            if not len(crowded):
                break
            again = _drawn(wishes, len(crowded), random)
            better = (redrawn := _crowding(again)) > crowding[crowded]
            rows = np.arange(len(best))
            rows[crowded[better]] = len(best) + np.flatnonzero(better)
            best = SymmetricCrystals.joined([best, again])[rows]
            crowding[crowded[better]] = redrawn[better]
        first = batch * self.batch_size
        origins = [f"at random, seed {seed}, draw {first + place + 1}" for place in range(len(best))]
        return Drawn.of_orbits(best, origins, conditioned=self.wishes_met(wishes))


def _drawn(wishes: CrystalWishes, n: int, random: np.random.Generator) -> SymmetricCrystals:
    """N crystals, each the least crowded of some with the same orbits."""
    filled = [_filled(wishes, random) for _ in range(n)]
    groups = np.repeat([number for number, _, _ in filled], TRIALS)
    lengths = np.repeat([len(letters) for _, letters, _ in filled], TRIALS)
    letters = [letter for _, some, _ in filled for _ in range(TRIALS) for letter in some]
    elements = [element for _, _, some in filled for _ in range(TRIALS) for element in some]
    trials = SymmetricCrystals.of(
        groups,
        np.tile([1.0, 1.0, 1.0, 90.0, 90.0, 90.0], (len(groups), 1)),
        offsets=offsets_of(lengths),
        letters=letters,
        elements=elements,
        free=random.random((len(letters), 3)),
    )
    trials = _with_lattices(trials, random)
    return trials[np.arange(n) * TRIALS + _crowding(trials).reshape(n, TRIALS).argmax(axis=1)]


def _crowding(crystals: SymmetricCrystals) -> Floats:
    """The least distance of two atoms of each crystal in sums of their covalent radii, [n]."""
    counts = crystals.primitive_counts
    centres = np.zeros(int(counts.sum()), dtype=np.bool_)
    centres[offsets_of(counts)[:-1]] = True
    return closest_pairs(crystals.structures(primitive=True), centres, enough=NEAREST).ratios


def _with_lattices(crystals: SymmetricCrystals, random: np.random.Generator) -> SymmetricCrystals:
    """The same orbits in random cells of the usual volume."""
    n = len(crystals)
    shapes = np.concatenate([np.exp(LENGTHS * random.standard_normal((n, 3))), _angles(n, random)], axis=1)
    shapes = constrained(shapes, crystals.space_groups)
    per_atom = expected_volumes(crystals.compositions)
    volumes = np.where(np.isnan(per_atom), UNKNOWN_VOLUME, per_atom) * crystals.sites
    volumes *= np.exp(VOLUMES * random.standard_normal(n))
    shapes[:, :3] *= np.cbrt(volumes / np.linalg.det(vectors_of(shapes)))[:, None]
    return SymmetricCrystals(
        crystals.space_groups,
        shapes,
        crystals.offsets,
        crystals.letters,
        crystals.elements,
        crystals.first_positions,
    )


def _angles(n: int, random: np.random.Generator) -> Floats:
    """Angles within 65 to 115 degrees, of which any three make a cell, [n, 3]."""
    return np.clip(90.0 + ANGLES * random.standard_normal((n, 3)), 65.0, 115.0)


def _filled(wishes: CrystalWishes, random: np.random.Generator) -> _Filled:
    """A space group with elements on its positions."""
    number, cell = _of_formula(wishes, random) if wishes.formula else _open(wishes, random)
    symbols = list(cell)
    filling = random_filling(number, list(cell.values()), random)
    return number, [letter for letter, _ in filling], [ATOMIC_NUMBERS[symbols[place]] for _, place in filling]


def _of_formula(wishes: CrystalWishes, random: np.random.Generator) -> tuple[int, dict[str, int]]:
    cells = [(cell, groups) for cell in wishes.cells if (groups := _groups_for(tuple(cell.values()), wishes))]
    cell, groups = cells[int(random.integers(len(cells)))]
    return groups[int(random.integers(len(groups)))], cell


def _groups_for(counts: tuple[int, ...], wishes: CrystalWishes) -> tuple[int, ...]:
    return _filled_groups(tuple(sorted(counts)), wishes.group_numbers)


@lru_cache(maxsize=1000)
def _filled_groups(counts: tuple[int, ...], groups: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(number for number in groups if can_fill(number, counts))


def _open(wishes: CrystalWishes, random: np.random.Generator) -> tuple[int, dict[str, int]]:
    """A space group and a composition that fills it."""
    composition, groups = OpenComposition.of(wishes), wishes.group_numbers
    number = groups[int(random.integers(len(groups)))]
    for _ in range(_COMPOSITIONS):
        cell = composition.draw(random)
        if can_fill(number, list(cell.values())):
            return number, cell
    for _ in range(_COMPOSITIONS):
        cell = composition.draw(random)
        if fitting := _groups_for(tuple(cell.values()), wishes):
            return fitting[int(random.integers(len(fitting)))], cell
    atoms = f"{composition.atoms[0]} to {composition.atoms[1]} atoms"
    raise UsageError(
        f"none of {2 * _COMPOSITIONS} compositions with {atoms} fills the space groups asked for: allow more atoms, or "
        "other groups"
    )

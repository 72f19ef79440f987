"""Structure prototypes: what crystals have in common that differ in their elements and sizes only."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import reduce

from matscout.crystal.space_groups import Orbit, SpaceGroup

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

MIRRORED = {
    78: 76, 95: 91, 96: 92, 145: 144, 153: 151, 154: 152, 170: 169, 172: 171, 179: 178, 181: 180, 213: 212
}  # fmt: skip
"""Space groups of mirror images -> the one whose number is lower (International Tables A, enantiomorphic pairs)."""


@dataclass(frozen=True)
class Species:
    """What is on some of the sites: a letter in place of its name, how much of it is in a formula, its orbits."""

    kind: int
    amount: int
    orbits: tuple[Orbit, ...]

    @property
    def places(self) -> str:
        """Multiplicity and site symmetry of its orbits, ``"4m-3m"``; they do not depend on the choice of origin."""
        orbits = sorted((orbit.multiplicity, orbit.site_symmetry) for orbit in self.orbits)
        return "+".join(f"{count}{symmetry}" for count, symmetry in orbits)


def kinds_of(group: SpaceGroup) -> tuple[Species, ...]:
    """What is on the sites, the rarest first, equally many by their places: an order that no name decides."""
    orbits: dict[int, list[Orbit]] = defaultdict(list)
    for orbit in group.orbits:
        orbits[orbit.kind].append(orbit)
    counts = {kind: sum(orbit.multiplicity for orbit in some) for kind, some in orbits.items()}
    unit = reduce(math.gcd, counts.values())
    kinds = [Species(kind, counts[kind] // unit, tuple(some)) for kind, some in orbits.items()]
    return tuple(sorted(kinds, key=lambda one: (one.amount, one.places, one.kind)))


def anonymous_formula(amounts: tuple[int, ...]) -> str:
    """``"AB2"`` of 1 and 2."""
    letters = [LETTERS[place] if place < len(LETTERS) else f"({place + 1})" for place in range(len(amounts))]
    return "".join(f"{letter}{amount if amount > 1 else ''}" for letter, amount in zip(letters, amounts, strict=True))


def prototype_label(group: SpaceGroup) -> str:
    """A text that is equal for crystals of one prototype: ``"AB_cF8_225_4m-3m_4m-3m"`` for NaCl and MgO.

    Anonymous formula, Pearson symbol, number of the space group, and multiplicity and site symmetry of the sites of
    each kind: like the labels of AFLOW (M. J. Mehl et al., doi:10.1016/j.commatsci.2017.01.017), with site symmetries
    in place of Wyckoff letters, which change with the origin; a crystal and its mirror image share one. Free
    coordinates and ratios of axes are not in it, so that structures may share a label and differ, as calcite and the
    high-pressure forms of AB compounds do.
    """
    kinds = kinds_of(group)
    formula = anonymous_formula(tuple(one.amount for one in kinds))
    number = MIRRORED.get(group.number, group.number)
    return "_".join([formula, group.pearson, str(number), *(one.places for one in kinds)])

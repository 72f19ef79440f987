"""What makes the energy of a crystal doubtful, whatever was done to it before, in sentences with codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matscout.counting import listed
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.tables import own_table
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.remarks import Remark
from matscout.simulate.energy_schemes import MP2020, MP_LEGACY, UNCORRECTED
from matscout.simulate.force_field import ForceField
from matscout.simulate.mp2020 import correction_table

Integers = NDArray[np.int64]

SHORTEST = 0.7
"""Of the sum of the covalent radii: atoms that are closer are hardly those of a crystal."""

OTHER_ANIONS = tuple(ATOMIC_NUMBERS[symbol] for symbol in ("N", "P", "As", "S", "Se", "Te", "Cl", "Br", "I"))
"""Beside which the Materials Project calculates transition metals without U."""


def energy_warnings(field: ForceField, crystal: Crystals) -> Iterator[Remark]:
    """What is doubtful about the energy of one crystal by a force field."""
    if untrained := field.untrained(crystal.atomic_numbers):
        yield Remark("untrained-elements", f"{field.title} was not trained on {untrained}")
    if close := _closest(crystal):
        yield Remark("atoms-close", close)
    if field.scheme in (MP2020, UNCORRECTED, MP_LEGACY) and (metals := _without_u(crystal.atomic_numbers)):
        text = (
            f"the Materials Project calculates {listed(metals)} with U in oxides and fluorides only, and this is "
            "neither: force fields that were trained on both err more"
        )
        yield Remark("without-hubbard-u", text)


def _without_u(numbers: Integers) -> list[str]:
    """The metals that have a U beside O or F, in a compound of other anions; [] for none."""
    present = set(numbers.tolist())
    with_u = {ATOMIC_NUMBERS[symbol] for metals in correction_table().with_u.values() for symbol in metals}
    if present & {ATOMIC_NUMBERS["O"], ATOMIC_NUMBERS["F"]} or not present & set(OTHER_ANIONS):
        return []
    return [SYMBOLS[number - 1] for number in sorted(present & with_u)]


def _closest(crystal: Crystals) -> str:
    """The two atoms that are closest for their size, if they are too close; "" if not."""
    radii = own_table("magpie").column("CovalentRadius")[crystal.atomic_numbers - 1] / 100.0
    pairs = pairs_within(crystal, max(2.0 * SHORTEST * float(np.nanmax(radii)), 1.0))
    ratios = pairs.distances / (radii[pairs.first] + radii[pairs.second])
    if not len(ratios) or not np.nanmin(ratios) < SHORTEST:
        return ""
    pair = int(np.nanargmin(ratios))
    names = " and ".join(crystal.site_name(int(site)) for site in (pairs.first[pair], pairs.second[pair]))
    return f"its atoms {names} are {pairs.distances[pair]:.2f} Å apart"

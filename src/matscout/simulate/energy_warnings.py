"""What makes the energy of a crystal doubtful, whatever was done to it before, in sentences with codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.tables import own_table
from matscout.remarks import Remark
from matscout.simulate.force_field import ForceField

SHORTEST = 0.7
"""Of the sum of the covalent radii: atoms that are closer are hardly those of a crystal."""


def energy_warnings(field: ForceField, crystal: Crystals) -> Iterator[Remark]:
    """What is doubtful about the energy of one crystal by a force field."""
    yield from untrained_warnings(field, crystal)
    if close := _closest(crystal):
        yield Remark("atoms-close", close)


def untrained_warnings(field: ForceField, crystal: Crystals) -> Iterator[Remark]:
    """Elements of a crystal that the force field was not trained on."""
    if untrained := field.untrained(crystal.atomic_numbers):
        yield Remark("untrained-elements", f"{field.title} was not trained on {untrained}")


def charge_warnings(field: ForceField, charge: float) -> Iterator[Remark]:
    """A charge (of the cell, in elementary charges) that no force field takes into account."""
    if charge:
        words = f"its charge of {charge:+g} is ignored: {field.title} knows neutral crystals only"
        yield Remark("charge-ignored", words)


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

"""What makes a relaxed crystal doubtful, in sentences with codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.crystal.space_groups import SpaceGroup
from matscout.crystal.tables import own_table
from matscout.remarks import Remark
from matscout.simulate.force_field import ForceField

LARGEST_CHANGE = 0.2
"""Of the volume: where it changes by more, the crystal at the end is perhaps another one."""

SHORTEST = 0.7
"""Of the sum of the covalent radii: atoms that are closer are hardly those of a crystal."""


def relax_warnings(
    field: ForceField,
    crystal: Crystals,
    volume_change: float,
    groups: tuple[SpaceGroup | None, SpaceGroup | None],
    charge: float = 0.0,
) -> tuple[Remark, ...]:
    """What is doubtful about one relaxed crystal.

    Parameters
    ----------
    field
        What it was relaxed with.
    crystal
        As it is at the end; one crystal.
    volume_change
        Volume over that at the start, minus 1.
    groups
        Space groups at the start and at the end.
    charge
        Of the cell, in elementary charges.
    """
    return tuple(_remarks(field, crystal, volume_change, groups, charge))


def _remarks(
    field: ForceField,
    crystal: Crystals,
    volume_change: float,
    groups: tuple[SpaceGroup | None, SpaceGroup | None],
    charge: float,
) -> Iterator[Remark]:
    if untrained := field.untrained(crystal.atomic_numbers):
        yield Remark("untrained-elements", f"{field.title} was not trained on {untrained}")
    if not crystal.periodic[0]:
        axes = int(crystal.pbc[0].sum())
        yield Remark("not-periodic", f"it is periodic along {axes} of 3 axes, so its cell was kept")
    if charge:
        yield Remark(
            "charge-ignored", f"its charge of {charge:+g} is ignored: {field.title} knows neutral crystals only"
        )
    if abs(volume_change) > LARGEST_CHANGE:
        yield Remark("volume-changed", f"its volume changed by {volume_change:+.0%}")
    if _is_lower(*groups):
        before, after = (one.symbol if one is not None else "none" for one in groups)
        yield Remark("symmetry-lost", f"its symmetry went from {before} to {after}")
    if close := _closest(crystal):
        yield Remark("atoms-close", close)


def _is_lower(before: SpaceGroup | None, after: SpaceGroup | None) -> bool:
    """Whether fewer operations are left for each atom."""
    if before is None or after is None:
        return before is not after and after is None
    return after.operations * before.sites < before.operations * after.sites


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

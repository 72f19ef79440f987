"""What makes a relaxed crystal doubtful, in sentences with codes."""

from __future__ import annotations

from collections.abc import Iterator

from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import SpaceGroup
from matscout.remarks import Remark
from matscout.simulate.energy_warnings import charge_warnings, energy_warnings
from matscout.simulate.force_field import ForceField

LARGEST_CHANGE = 0.2
"""Of the volume: where it changes by more, the crystal at the end is perhaps another one."""


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
    yield from energy_warnings(field, crystal)
    if not crystal.periodic[0]:
        axes = int(crystal.pbc[0].sum())
        yield Remark("not-periodic", f"it is periodic along {axes} of 3 axes, so its cell was kept")
    yield from charge_warnings(field, charge)
    if abs(volume_change) > LARGEST_CHANGE:
        yield Remark("volume-changed", f"its volume changed by {volume_change:+.0%}")
    if _is_lower(*groups):
        before, after = (one.symbol if one is not None else "none" for one in groups)
        yield Remark("symmetry-lost", f"its symmetry went from {before} to {after}")


def _is_lower(before: SpaceGroup | None, after: SpaceGroup | None) -> bool:
    """Whether fewer operations are left for each atom."""
    if before is None or after is None:
        return before is not after and after is None
    return after.operations * before.sites < before.operations * after.sites

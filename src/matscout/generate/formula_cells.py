"""Which space groups admit a formula, and how many formula units it takes."""

from __future__ import annotations

from matscout.crystal.site_filling import can_fill
from matscout.crystal.wyckoff import wyckoff
from matscout.errors import UsageError
from matscout.generate.crystal_wishes import CrystalWishes

MOST_UNITS = 48
"""Formula units that are tried to say what would do."""

_NAMED = 6


def smallest_units(wishes: CrystalWishes) -> dict[int, int]:
    """Allowed space group -> the least formula units of a primitive cell with which the formula fills its positions.

    Groups that no number up to :data:`MOST_UNITS` fills are left out.
    """
    unit, least = list(wishes.formula_counts.values()), {}
    for number in wishes.group_numbers:
        units = (count for count in range(1, MOST_UNITS + 1) if can_fill(number, [count * one for one in unit]))
        if (smallest := next(units, None)) is not None:
            least[number] = smallest
    return least


def require_groups(wishes: CrystalWishes) -> None:
    """Refuse a formula that no allowed space group admits with the allowed number of atoms.

    Raises
    ------
    UsageError
        It names the smallest number of formula units that would do.
    """
    if any(can_fill(number, list(cell.values())) for number in wishes.group_numbers for cell in wishes.cells):
        return
    size, least = sum(wishes.formula_counts.values()), smallest_units(wishes)
    few, many = wishes.atom_range
    start = f"no allowed space group admits {wishes.formula} with {few} to {many} atoms in a primitive cell"
    if not least:
        raise UsageError(f"{start}, nor with any number up to {MOST_UNITS} formula units: allow other space groups")
    nearest = sorted(least, key=lambda number: (least[number], number))[:_NAMED]
    words = [
        f"{wyckoff(number).symbol.replace(' ', '')} ({number}) with {least[number]} formula units, "
        f"{least[number] * size} atoms"
        for number in nearest
    ]
    raise UsageError(f"{start}; the smallest that work: {'; '.join(words)}")

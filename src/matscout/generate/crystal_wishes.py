"""What is wanted of generated crystals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from math import gcd, inf
from typing import TYPE_CHECKING

from matscout.crystal.space_groups import LAST_NUMBERS, SYSTEMS
from matscout.crystal.wyckoff import GROUPS
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formulas import format_formula, parse_formula
from matscout.errors import UsageError
from matscout.generate.crystal_wish_text import wishes_of_text

if TYPE_CHECKING:
    from matscout.crystal.symmetric_crystals import SymmetricCrystals

MOST_ATOMS = 40
"""Atoms of a primitive cell, unless the wishes say otherwise or one formula unit has more."""

LARGEST_CELL = 200
"""Atoms of a primitive cell that can be asked for; the table of generated crystals takes larger ones for broken."""

FORMULA_UNITS = (1, 2, 3, 4, 6, 8)
"""Formula units of a primitive cell that are tried; others only where the wishes ask for their number of atoms."""


@dataclass(frozen=True, eq=False)
class CrystalWishes:
    """What is wanted of generated crystals; what is left out is free.

    Parameters
    ----------
    formula
        The exact composition, ``"Li2FeO3"``; how many formula units a cell has is free within ``atoms``.
    elements
        Symbols that crystals may hold; all if none is named.
    must, exclude
        Symbols that each crystal holds; symbols that none holds.
    one_of
        Symbols of which each crystal holds one or more.
    space_groups
        Numbers (1 to 230) and names of crystal systems (``"cubic"``); all if none is named.
    atoms
        Fewest and most atoms of a primitive cell; None leaves it to the generator, at most :data:`MOST_ATOMS`.
    prototype
        The structure type: a label (:func:`~matscout.crystal.prototypes.prototype_label`) or one crystal, whose
        elements are exchanged.
    properties
        Name of a property -> the wanted range; infinite where one end is open.

    Raises
    ------
    UsageError
        If a wish is unknown, or two contradict each other.
    """

    formula: str = ""
    elements: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    space_groups: tuple[int | str, ...] = ()
    atoms: tuple[int, int] | None = None
    prototype: str | SymmetricCrystals = ""
    properties: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> CrystalWishes:
        """Wishes in plain English, or a formula: ``"lead-free cubic chalcogenide with 5 atoms, gap near 1.4 eV"``.

        Raises
        ------
        UsageError
            If words are not understood; it names them, and what was understood.
        """
        return cls(**wishes_of_text(text))

    def in_words(self) -> str:
        """What is asked for, for a reader: ``"formula Li2FeO3; atoms 6 to 24"``."""
        parts = [f"{_NAMES[name]} {_written(getattr(self, name))}" for name in _NAMES if name in self.asked]
        return "; ".join(parts) or "anything"

    def __post_init__(self) -> None:
        _require_elements(self)
        _require_groups(self.space_groups)
        _require_ranges(self)
        _require_formula(self)

    @property
    def asked(self) -> frozenset[str]:
        """Names of the wishes that are not free: ``"formula"``, ``"space_groups"`` ..."""
        free: dict[str, object] = {"formula": "", "elements": (), "must": (), "exclude": (), "one_of": ()}
        free |= {"space_groups": (), "atoms": None}
        names = [name for name, value in free.items() if getattr(self, name) != value]
        names += ["prototype"] if not isinstance(self.prototype, str) or self.prototype else []
        return frozenset([*names, *(["properties"] if self.properties else [])])

    @cached_property
    def group_numbers(self) -> tuple[int, ...]:
        """The space groups that are allowed, ascending."""
        if not self.space_groups:
            return tuple(range(1, GROUPS + 1))
        return tuple(sorted({number for one in self.space_groups for number in numbers_of(one)}))

    @cached_property
    def allowed(self) -> tuple[str, ...]:
        """The elements that are allowed, in the order of their numbers."""
        named = self.formula_counts or self.elements or ATOMIC_NUMBERS
        return tuple(symbol for symbol in ATOMIC_NUMBERS if symbol in named and symbol not in self.exclude)

    @cached_property
    def formula_counts(self) -> dict[str, int]:
        """Atoms of each element in one formula unit, in lowest terms; empty without a formula."""
        return formula_unit(self.formula) if self.formula else {}

    @cached_property
    def prototype_label(self) -> str:
        """The label of the prototype that is asked for; "" if none is."""
        return self.prototype if isinstance(self.prototype, str) else str(self.prototype.prototype_labels()[0])

    @property
    def atom_range(self) -> tuple[int, int]:
        """Fewest and most atoms of a primitive cell."""
        return self.atoms or (1, max(MOST_ATOMS, sum(self.formula_counts.values())))

    @cached_property
    def cells(self) -> tuple[dict[str, int], ...]:
        """Atoms of each element in each primitive cell that the formula and the range of atoms allow, smallest first.

        Empty without a formula, or where no whole number of formula units has so many atoms.
        """
        unit = self.formula_counts
        if not unit:
            return ()
        size, (fewest, most) = sum(unit.values()), self.atom_range
        counts = [count for count in range(1, most // size + 1) if count * size >= fewest]
        usual = [count for count in counts if count in FORMULA_UNITS] or counts
        return tuple({symbol: count * amount for symbol, amount in unit.items()} for count in usual)


_NAMES = {
    "formula": "formula",
    "elements": "only the elements",
    "must": "with",
    "exclude": "without",
    "one_of": "with one of",
    "space_groups": "space groups",
    "atoms": "atoms",
    "prototype": "prototype",
    "properties": "properties",
}
"""Wish -> how it is called for a reader."""


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in value.items())
    if isinstance(value, tuple):
        joint = " to " if len(value) == 2 and all(isinstance(one, int) for one in value) else ", "
        return joint.join(map(str, value))
    return value if isinstance(value, str) else "of a given crystal"


def formula_unit(formula: str) -> dict[str, int]:
    """Atoms of each element in one formula unit of a formula, in lowest terms.

    Raises
    ------
    UsageError
        If it is not a formula, or its amounts are not whole numbers.
    """
    amounts = parse_formula(formula)
    if any(abs(amount - round(amount)) > 1e-6 or amount < 0.5 for amount in amounts.values()):
        raise UsageError(
            f"crystals are generated for whole numbers of atoms; got {formula}: write it for a larger cell (Li4Mn8O16)"
        )
    unit = reduce(gcd, (round(amount) for amount in amounts.values()))
    return {symbol: round(amount) // unit for symbol, amount in amounts.items()}


def numbers_of(group: int | str) -> range:
    """The space groups of a number or of a crystal system.

    Raises
    ------
    UsageError
        If it is neither.
    """
    text = str(group).strip().lower()
    if text.isdecimal() and 1 <= int(text) <= GROUPS:
        return range(int(text), int(text) + 1)
    if text in SYSTEMS:
        place = SYSTEMS.index(text)
        return range((0, *LAST_NUMBERS)[place] + 1, LAST_NUMBERS[place] + 1)
    raise UsageError(f"{group!r} is no space group: give a number from 1 to {GROUPS}, or one of {', '.join(SYSTEMS)}")


def _require_elements(wishes: CrystalWishes) -> None:
    for name in ("elements", "must", "exclude", "one_of"):
        unknown = [symbol for symbol in getattr(wishes, name) if symbol not in ATOMIC_NUMBERS]
        if unknown:
            raise UsageError(f"{', '.join(map(repr, unknown))} in {name} is not the symbol of an element")
    both = sorted({*wishes.must} & {*wishes.exclude})
    if both:
        raise UsageError(f"must and exclude both name {', '.join(both)}: remove it from one of them")
    outside = [symbol for symbol in wishes.must if wishes.elements and symbol not in wishes.elements]
    if outside:
        raise UsageError(f"must names {', '.join(outside)}, which elements does not allow: add it there")


def _require_groups(groups: tuple[int | str, ...]) -> None:
    for group in groups:
        numbers_of(group)


def _require_ranges(wishes: CrystalWishes) -> None:
    if wishes.atoms is not None and not 1 <= wishes.atoms[0] <= wishes.atoms[1]:
        raise UsageError(f"atoms is the fewest and the most of a primitive cell, for example 4:20; got {wishes.atoms}")
    if wishes.atoms is not None and wishes.atoms[1] > LARGEST_CELL:
        raise UsageError(f"primitive cells have {LARGEST_CELL} atoms at most; atoms asks for {wishes.atoms[1]}")
    for name, (low, high) in wishes.properties.items():
        if not low <= high or low == inf or high == -inf:
            raise UsageError(f"the range of {name} goes from low to high; got {low:g} to {high:g}")


def _require_formula(wishes: CrystalWishes) -> None:
    if not wishes.formula:
        return
    counts = wishes.formula_counts
    outside = [symbol for symbol in counts if symbol in wishes.exclude]
    outside += [symbol for symbol in counts if wishes.elements and symbol not in wishes.elements]
    if outside:
        raise UsageError(f"{wishes.formula} holds {', '.join(outside)}, which the other wishes do not allow")
    lacking = [symbol for symbol in wishes.must if symbol not in counts]
    if lacking:
        raise UsageError(f"{wishes.formula} does not hold {', '.join(lacking)}, which must names")
    if not wishes.cells:
        size, (fewest, most) = sum(counts.values()), wishes.atom_range
        text = f"{format_formula(dict(counts))} has {size} atoms in a formula unit"
        raise UsageError(f"{text}, so that no cell has {fewest} to {most} atoms: allow a multiple of {size}")

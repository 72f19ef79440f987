"""CIF files of crystals: with their symmetry operations, one site for each orbit, and remarks as comments."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetric_lattices import parameters_of
from matscout.crystal.wyckoff import wyckoff
from matscout.data.elements import SYMBOLS
from matscout.data.formulas import format_formula
from matscout.data.space_group_settings import settings
from matscout.data.structures import Structures

_CELL = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
_SITE = (
    "label",
    "type_symbol",
    "symmetry_multiplicity",
    "Wyckoff_symbol",
    "fract_x",
    "fract_y",
    "fract_z",
    "occupancy",
)


def symmetric_cif(crystals: SymmetricCrystals, row: int, comments: Sequence[str] = ()) -> str:
    """One crystal as a CIF in its standard setting.

    Parameters
    ----------
    crystals, row
        The crystals, and which of them.
    comments
        Lines for readers, written first behind ``#``.
    """
    group, one = wyckoff(int(crystals.space_groups[row])), crystals[row : row + 1]
    setting = settings()[group.hall_number - 1]
    formula = format_formula(one.compositions.to_dict(0))
    sites = [
        (f"{SYMBOLS[z - 1]}{place}", SYMBOLS[z - 1], str(count), letter, *_texts(position), "1")
        for place, (z, count, letter, position) in enumerate(
            zip(one.elements, one.multiplicities, one.letters, one.first_positions, strict=True), start=1
        )
    ]
    head = [
        f"_chemical_formula_structural   {formula}",
        f"_symmetry_space_group_name_H-M   '{group.symbol.replace('_', '')}'",
        f"_symmetry_Int_Tables_number   {group.number}",
        f"_symmetry_space_group_name_Hall   '{_hall(setting.hall_symbol)}'",
    ]
    operations = _loop(("_symmetry_equiv_pos_as_xyz",), [(f"'{text}'",) for text in operation_texts(group.number)])
    parts = [
        *_comments(comments),
        f"data_{formula}",
        *_cell(one.lattices[0]),
        *head,
    ]
    return "\n".join([*parts, *operations, *_loop([f"_atom_site_{name}" for name in _SITE], sites)]) + "\n"


def plain_cif(structures: Structures, row: int, comments: Sequence[str] = ()) -> str:
    """One ordered structure as a CIF that lists all its sites (space group P1); parameters as :func:`symmetric_cif`."""
    one = structures[row : row + 1]
    symbols = [SYMBOLS[z - 1] for z in one.atomic_numbers]
    counts = {symbol: float(symbols.count(symbol)) for symbol in symbols}
    sites = [
        (f"{symbol}{place}", symbol, "1", "a", *_texts(position), "1")
        for place, (symbol, position) in enumerate(zip(symbols, one.fractional_coordinates, strict=True), start=1)
    ]
    head = ["_symmetry_space_group_name_H-M   'P 1'", "_symmetry_Int_Tables_number   1"]
    operations = _loop(("_symmetry_equiv_pos_as_xyz",), [("'x,y,z'",)])
    cell = _cell(parameters_of(one.lattices)[0])
    parts = [*_comments(comments), f"data_{format_formula(counts)}", *cell, *head]
    return "\n".join([*parts, *operations, *_loop([f"_atom_site_{name}" for name in _SITE], sites)]) + "\n"


@cache
def operation_texts(number: int) -> tuple[str, ...]:
    """The operations of a space group in its standard setting, the identity first: ``-x,y+1/2,-z``."""
    operations = settings()[wyckoff(number).hall_number - 1].operations()
    pairs = zip(operations.rotations, operations.translations, strict=True)
    return tuple(",".join(map(_operation, rotation, shift)) for rotation, shift in pairs)


def _hall(symbol: str) -> str:
    """A Hall symbol in lower case with the letter of its lattice in upper case."""
    first, _, rest = symbol.partition(" ")
    return f"{first.upper()} {rest}"


def _operation(row: NDArray[np.int64], shift: float) -> str:
    terms = [f"{'-' if value < 0 else '+'}{name}" for value, name in zip(row.tolist(), "xyz", strict=True) if value]
    whole = Fraction(shift).limit_denominator(24) % 1
    return ("".join(terms) + (f"+{whole}" if whole else "")).removeprefix("+")


def _texts(position: NDArray[np.float64]) -> tuple[str, ...]:
    """Coordinates with twelve decimals: thirds must be recognised as such."""
    return tuple(f"{value:.12f}" for value in position)


def _comments(lines: Sequence[str]) -> list[str]:
    return [f"# {part}" for line in lines for part in line.splitlines()]


def _cell(parameters: NDArray[np.float64]) -> list[str]:
    return [f"_cell_{name}   {value:.8f}" for name, value in zip(_CELL, parameters, strict=True)]


def _loop(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["loop_", *(f" {name}" for name in names), *("  " + "  ".join(row) for row in rows)]

"""Headers of several rows: which rows they are, and what columns are called that have a name under merged cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from matscout.data.headings import Heading, split_heading
from matscout.data.missing import is_missing, tidy
from matscout.data.units import bare_unit, parse_unit
from matscout.data.values import is_number, parse_values

Row = Sequence[str]
_SAMPLE = 20
_MOST_GROUPS = 2


@dataclass(frozen=True)
class MergedCell:
    """A merged cell by its first and last row and column in the grid, from 0."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class JoinedNames:
    """The names of m columns, and for each the unit that stands above it, None where there is none."""

    names: list[str]
    units: list[str | None]


def header_rows(rows: Sequence[Row], start: int, width: int, merged: Sequence[MergedCell] = ()) -> list[int]:
    """The positions of the rows that are a header together, from the top; the last one holds the names of columns.

    ``start`` is the first row that fills half of the columns. A row below it belongs to the header, and so do rows of
    merged cells directly above. Where no row does, the header is that row alone.
    """
    positions = [start]
    while (below := _next_filled(rows, positions[-1] + 1)) is not None:
        if not _names_columns(rows, positions[-1], below, width, merged):
            break
        positions.append(below)
    return [*_group_rows(rows, start), *positions]


def _group_rows(rows: Sequence[Row], end: int) -> list[int]:
    """The rows of merged cells directly above a row; where there are more than two, all but the last are notes."""
    above = list(takewhile(lambda place: _is_group_row(rows[place]), range(end - 1, -1, -1)))
    return above[::-1] if len(above) <= _MOST_GROUPS else above[:1]


def joined_names(levels: Mapping[int, Row], lines: Sequence[Row], merged: Sequence[MergedCell] = ()) -> JoinedNames:
    """The names of columns from the rows of a header.

    Parameters
    ----------
    levels
        Position in the grid -> row of the header, from the top, all of one length.
    lines
        Some rows below it.
    merged
        Merged cells, where the file says which.
    """
    *above, lowest = levels
    names = [cell.strip() for cell in levels[lowest]]
    units: list[str | None] = [None] * len(names)
    for place in reversed(above):
        own = [one for one in merged if one.top == place and one.left < one.right]
        joined = _under_merged(_spread(levels[place], own), names, lines, ends_are_known=bool(own))
        names = joined.names
        units = [unit or above for unit, above in zip(units, joined.units, strict=True)]
    return JoinedNames(names, units)


def is_unit_line(row: Row, after: Row) -> bool:
    """Whether a row holds only units, and a number stands below one of them (K and V are elements, too)."""
    cells = [bare_unit(tidy(cell)) for cell in row]
    filled = [i for i, cell in enumerate(cells) if not is_missing(cell)]
    above_numbers = any(is_number(after[i]) for i in filled)
    return above_numbers and all(parse_unit(cells[i]) and not is_number(cells[i]) for i in filled)


def filled(row: Row) -> int:
    """How many cells of a row hold something."""
    return sum(1 for cell in row if cell.strip())


def padded(row: Row, width: int) -> list[str]:
    """A row of ``width`` cells, blank at the end where there were fewer."""
    return [*row, *[""] * width][:width]


def built_like(cell: str) -> Callable[[str], bool]:
    """Whether texts are the same but for the digits in them: mp-149 and mp-22."""

    def form(text: str) -> str:
        return re.sub(r"\d+", "0", text.strip())

    return lambda other: form(other) == form(cell)


def share_of(rows: Sequence[Row], place: int, holds: Callable[[str], bool]) -> float:
    """The share of rows whose cell at a place fulfils a condition."""
    return sum(holds(row[place]) for row in rows) / len(rows)


def _next_filled(rows: Sequence[Row], start: int) -> int | None:
    return next((place for place in range(start, min(len(rows), start + 3)) if filled(rows[place])), None)


def _is_group_row(row: Row) -> bool:
    """Whether a row is rather merged cells over columns than a title: it has several, or one that is not the first."""
    is_comment = bool(row) and row[0].lstrip().startswith("#")
    return not is_comment and (filled(row) > 1 or (filled(row) == 1 and not row[0].strip()))


def _names_columns(rows: Sequence[Row], upper_at: int, lower_at: int, width: int, merged: Sequence[MergedCell]) -> bool:
    """Whether a row holds names of columns that a row above it does not tell, and no data yet."""
    upper, lower = padded(rows[upper_at], width), padded(rows[lower_at], width)
    below = [padded(row, width) for row in rows[lower_at + 1 : lower_at + 1 + _SAMPLE] if filled(row)]
    if not below or is_unit_line(lower, below[0]):
        return False
    if len(below) > 1 and is_unit_line(below[0], below[1]):
        below = below[1:]
    blank = [place for place in range(width) if not upper[place].strip() and any(row[place].strip() for row in below)]
    fills_gaps = bool(blank) and all(lower[place].strip() for place in blank)
    if any(map(is_number, lower)):
        return fills_gaps and _are_conditions(upper, lower, below)
    numeric = [place for place in range(width) if lower[place].strip() and _is_numeric(below, place)]
    if not numeric or _is_data(lower, below, numeric):
        return False
    across = [one for one in merged if one.top == upper_at]
    inside = [any(one.left < place <= one.right for one in across) for place in range(width)]
    is_merged = fills_gaps and any(place in numeric or inside[place] for place in blank)
    return is_merged or _repeats(upper, lower, numeric) or _adds_unit(upper, lower, numeric)


def _is_numeric(rows: Sequence[Row], place: int) -> bool:
    """Whether at least half of the cells of a column that hold something are numbers."""
    cells = [row[place] for row in rows if row[place].strip()]
    return bool(cells) and 2 * sum(map(is_number, cells)) >= len(cells)


def _is_data(row: Row, below: Sequence[Row], numeric: Sequence[int]) -> bool:
    """Whether a row is rather one of those below: a blank number, a text that comes again, or a formula over some."""
    from matscout.data.formulas import parse_formulas

    if any(is_missing(tidy(row[place])) for place in numeric):
        return True
    for place in (place for place, cell in enumerate(row) if cell.strip() and place not in numeric):
        column = [other[place].strip() for other in below if other[place].strip()]
        cell = row[place].strip()
        if cell in column or (any(map(str.isdigit, cell)) and any(map(built_like(cell), column))):
            return True
        are_formulas = 2 * len(parse_formulas(column).rows) > len(column)
        if are_formulas and split_heading(cell).unit is None and len(parse_formulas([cell]).rows):
            return True
    return False


def _repeats(upper: Row, lower: Row, numeric: Sequence[int]) -> bool:
    """Whether the upper row has one text over two columns, side by side, whose names in the lower one differ."""
    return any(
        place - 1 in numeric
        and upper[place].strip() == upper[place - 1].strip() != ""
        and lower[place] != lower[place - 1]
        for place in numeric
    )


def _adds_unit(upper: Row, lower: Row, numeric: Sequence[int]) -> bool:
    """Whether the lower row has a unit in a column of numbers for which the upper one has none."""
    return any(split_heading(lower[place]).unit and not split_heading(upper[place]).unit for place in numeric)


def _are_conditions(upper: Row, lower: Row, below: Sequence[Row]) -> bool:
    """Whether a line holds conditions (300 K, 600 K) under quantities, and nothing where the data have their names.

    Without units (300, 600) they are conditions if each is larger than the one before it under the same quantity, and
    no row below lacks its name.
    """
    places = [place for place, cell in enumerate(lower) if cell.strip()]
    blank = [place for place, cell in enumerate(lower) if not cell.strip()]
    quantities = [unit for cell in upper if (unit := split_heading(cell).unit)]
    units = [unit for place in places if (unit := _unit_of_number(lower[place]))]
    if not units:
        named = any(all(row[place].strip() for row in below) and upper[place].strip() for place in blank)
        return named and bool(quantities) and _rise(upper, lower, places)
    if len(units) < len(places) or any(_same_quantity(quantity, units[0]) for quantity in quantities):
        return False
    return any(upper[place].strip() and below[0][place].strip() for place in blank)


def _rise(upper: Row, lower: Row, places: Sequence[int]) -> bool:
    numbers = parse_values([lower[place] for place in places])
    steps = zip(places[1:], numbers.values[:-1], numbers.values[1:], strict=True)
    return bool(numbers.readable.all()) and all(
        before < after for place, before, after in steps if not upper[place].strip()
    )


def _unit_of_number(cell: str) -> str:
    """The unit behind the only number of a cell, "" if there is none."""
    parsed = parse_values([cell])
    unit = bare_unit(str(parsed.units[0]))
    return unit if parsed.readable[0] and parse_unit(unit) else ""


def _spread(row: Row, merged: Sequence[MergedCell]) -> list[str]:
    """A row with the text of each merged cell in all columns that it spans."""
    spread = list(row)
    for one in merged:
        for place in range(one.left + 1, min(one.right + 1, len(row))):
            spread[place] = spread[one.left]
    return spread


def _under_merged(above: Row, names: Row, lines: Sequence[Row], *, ends_are_known: bool) -> JoinedNames:
    """Names and units of columns under merged cells: ``"band gap (eV)"`` over ``exp`` is ``"band gap: exp"`` in eV.

    A cell without a unit only tells apart columns of one name ("film: gap", "bulk: gap"). In text a merged cell is
    followed by blanks and its end is lost: it is taken to end where the columns hold no numbers any more, or have a
    unit of another quantity.
    """
    joined = JoinedNames([], [])
    owner = Heading("")
    for place, (upper, name) in enumerate(zip(above, names, strict=True)):
        own = split_heading(name).unit
        numeric = any(is_number(line[place]) for line in lines)
        foreign = own is not None and owner.unit is not None and not _same_quantity(own, owner.unit)
        if upper.strip():
            owner = owner if place and upper == above[place - 1] else split_heading(upper)
        elif ends_are_known or not numeric or foreign:
            owner = Heading("")
        special = _under_owner(owner, name) if owner.name else None
        if special is not None:
            owner = replace(owner, unit=special.unit)
        inherits = numeric and owner.unit is not None and (own is None or _same_quantity(own, owner.unit))
        is_prefixed = bool(owner.name and name) and (inherits or list(names).count(name) > 1)
        plain = f"{owner.name}: {name}" if is_prefixed else name or upper.strip() or owner.name
        joined.names.append(plain if special is None else special.name)
        joined.units.append(owner.unit if special is not None or (inherits and name and own is None) else None)
    return joined


def _under_owner(owner: Heading, name: str) -> Heading | None:
    """What a cell means that says only the unit of the merged cell above it, ``(µV/K)``, or that it is its error."""
    if name in ("±", "+/-", "+-"):
        return Heading(f"{owner.name} error", owner.unit)
    inside = bare_unit(tidy(name)) if tidy(name)[:1] in ("(", "[") else ""
    return Heading(owner.name, inside) if parse_unit(inside) else None


def _same_quantity(first: str, second: str) -> bool:
    own, other = parse_unit(first), parse_unit(second)
    return own is not None and other is not None and own.converts_to(other)

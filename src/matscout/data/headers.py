"""Find the header of a grid of text cells: title lines above it, merged headers, a line of units, blank names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import mode

from matscout.counting import counted, was
from matscout.data.headings import Heading, split_heading
from matscout.data.missing import is_missing, tidy
from matscout.data.units import bare_unit, parse_unit
from matscout.data.values import is_number, parse_values
from matscout.errors import InputError

Row = Sequence[str]
_QUOTES = re.compile(r"^([\"'“„`])([^\"'“”„`]+)[\"'”“`]$")


@dataclass(frozen=True)
class Header:
    """Where the data of a grid begin and what its columns are called.

    Parameters
    ----------
    names
        One name per column, unique.
    first
        Position in the grid of the first data row.
    units
        Column name -> unit, from a line of units below the names.
    remarks
        What a reader should know, a sentence each.
    """

    names: tuple[str, ...]
    first: int
    units: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def find_header(rows: Sequence[Row], width: int, names_file: Callable[[str], bool] = lambda _: False) -> Header:
    """Find the header of a grid.

    The header is the first row that fills at least half of the columns. A row of names below a header with gaps
    (merged cells in a spreadsheet) completes it, and the row above it tells columns of one name apart ("film: gap",
    "bulk: gap") and gives them its unit; a row that holds only units belongs to it. A first row that looks like data
    (a formula, a reaction or the name of a file, and numbers or nothing beside it; or numbers and names that are built
    like those below) is data: the columns are then called "column 1", ... A line of conditions with units ("300 K")
    below merged cells of quantities tells their columns apart.

    Parameters
    ----------
    rows
        The grid, row by row; blank cells are "".
    width
        Number of columns.
    names_file
        Whether a cell is the name of a file beside the table.

    Raises
    ------
    InputError
        If the header names more columns than the rows have, so that names would stand over other columns' values.
    """
    start = next((i for i in range(len(rows)) if _may_be_header(rows, i, width)), len(rows) - 1)
    is_comment = start > 0 and rows[start - 1][:1] != [] and rows[start - 1][0].lstrip().startswith("#")
    above = _padded(rows[start - 1], width) if start and not is_comment else [""] * width
    is_data = _looks_like_data(rows[start], names_file) or _is_like_those_below(rows, start, width)
    spans = _is_merged_header(above) and not is_data
    skipped = start - 1 if spans else start
    lines_above = [" ".join(" ".join(row).split()) for row in rows[:skipped] if _filled(row)]
    told = f"{counted(skipped, 'line')} above the header {was(skipped)} skipped ({' '.join(lines_above)[:60]})."
    remarks = [told] if lines_above else []
    if is_data:
        names = tuple(f"column {i + 1}" for i in range(width))
        return Header(names, start, remarks=(*remarks, "There is no header line: the columns are called column 1, ..."))
    titles = rows[start][1:] if _is_marked(rows[start], width) else rows[start]
    _refuse_longer(titles, width, start + 1)
    names_row, first = _padded(titles, width), start + 1
    below = [i for i in range(first, len(rows)) if _filled(rows[i])][:3]
    lines = [_padded(rows[i], width) for i in below] + [[""] * width] * 3
    units_above: list[str | None] = [None] * width
    if _completes(names_row, lines[0], lines[1]):
        names_row, units_above = _under_merged(names_row, lines[0], lines[1:])
        remarks.append("The header was put together from two lines.")
        first, below, lines = below[0] + 1, below[1:], lines[1:]
    elif spans:
        names_row, units_above = _under_merged(above, names_row, lines)
        remarks.append("The header was put together from two lines.")
    names, renamed = _unique_names(names_row)
    units = {name: unit for name, unit in zip(names, units_above, strict=True) if unit}
    if _is_unit_line(lines[0], lines[1]):
        cells = zip(names, lines[0], strict=True)
        units |= {name: bare_unit(tidy(cell)) for name, cell in cells if parse_unit(bare_unit(tidy(cell)))}
        remarks.append("The line below the header was read as units.")
        first = below[0] + 1
    return Header(names, first, units, (*remarks, *renamed))


def typical_width(rows: Sequence[Row]) -> int:
    """The number of cells that most rows have."""
    lengths = [len(row) for row in rows if _filled(row)]
    return mode(lengths) if lengths else 0


def _may_be_header(rows: Sequence[Row], place: int, width: int) -> bool:
    """Whether a row fills half of the columns and is no comment, and no title of a row of names below it."""
    row = rows[place]
    if 2 * _filled(row) < max(width, 1):
        return False
    if row[0].lstrip().startswith("#") and len(row) != width and not _is_marked(row, width):
        return False
    below = next((other for other in rows[place + 1 : place + 4] if _filled(other)), [])
    is_title = _filled(row) == 1 and bool(row[0].strip()) and _filled(below) == width > 1
    return not (is_title and not any(is_number(cell) for cell in below) and split_heading(row[0]).unit is None)


def _is_marked(row: Row, width: int) -> bool:
    """Whether a row has a name for each column behind a # that stands alone."""
    return len(row) == width + 1 and row[0].strip() == "#"


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _padded(row: Row, width: int) -> list[str]:
    return [*row, *[""] * width][:width]


def _refuse_longer(names: Row, width: int, line: int) -> None:
    named = max((place for place, cell in enumerate(names, start=1) if cell.strip()), default=0)
    if named > width:
        raise InputError(
            f"the header in line {line} names {named} columns ({', '.join(names[:named])}), and most rows have {width} "
            "cells: put a name that holds the delimiter in quotation marks, or add the missing cells"
        )


def _is_formula(cell: str) -> bool:
    from matscout.data.formulas import parse_formulas

    return bool(len(parse_formulas([cell]).rows))


def _looks_like_data(row: Row, names_file: Callable[[str], bool]) -> bool:
    from matscout.data.formulas import parse_formulas
    from matscout.data.reaction_texts import is_reaction

    cells = [cell for cell in row if cell.strip()]
    formulas = bool(len(parse_formulas(cells).rows)) or any(map(is_reaction, cells))
    if len(cells) > 1 and not any(is_number(cell) for cell in cells[1:]):
        return formulas and any(is_number(cell) for cell in cells)
    return formulas or (len(cells) > 1 and names_file(cells[0].strip()))


def _is_like_those_below(rows: Sequence[Row], start: int, width: int) -> bool:
    """Whether a row holds numbers over numbers, and else only names that are built like those below: mp-149, mp-22."""
    row, below = _padded(rows[start], width), [_padded(other, width) for other in rows[start + 1 : start + 20]]
    below = [other for other in below if _filled(other)]
    filled = [place for place in range(width) if row[place].strip()]
    numbers = [place for place in filled if is_number(row[place])]
    if len(filled) < 2 or not numbers or len(below) < 2:
        return False
    return all(
        _share(below, place, is_number) > 0.7
        if place in numbers
        else any(map(str.isdigit, row[place])) and _share(below, place, _built_like(row[place])) > 0.7
        for place in filled
    )


def _share(rows: Sequence[Row], place: int, holds: Callable[[str], bool]) -> float:
    return sum(holds(row[place]) for row in rows) / len(rows)


def _built_like(cell: str) -> Callable[[str], bool]:
    """Whether texts are the same but for the digits in them."""

    def form(text: str) -> str:
        return re.sub(r"\d+", "0", text.strip())

    return lambda other: form(other) == form(cell)


def _completes(upper: Row, lower: Row, after: Row) -> bool:
    """Whether ``lower`` holds the names of columns that ``upper`` leaves blank, and no data yet."""
    gaps = [bool(below.strip()) for above, below in zip(upper, lower, strict=True) if not above.strip()]
    if not gaps or not all(gaps) or _is_unit_line(lower, after):
        return False
    if any(is_number(cell) for cell in lower):
        return _are_conditions(upper, lower, after)
    return any(is_number(cell) for cell in after) and not any(_is_formula(cell) for cell in lower if len(cell) > 2)


def _are_conditions(upper: Row, lower: Row, after: Row) -> bool:
    """Whether a line holds conditions (300 K, 600 K) under quantities, and nothing where the data have their names."""
    filled = [place for place, cell in enumerate(lower) if cell.strip()]
    blank = [place for place, cell in enumerate(lower) if not cell.strip()]
    quantities = [split_heading(cell).unit for cell in upper if cell.strip()]
    units = [unit for place in filled if (unit := _unit_of_number(lower[place]))]
    if len(units) < len(filled) or any(quantity and _same_quantity(quantity, units[0]) for quantity in quantities):
        return False
    return any(upper[place].strip() and after[place].strip() for place in blank)


def _unit_of_number(cell: str) -> str:
    """The unit behind the only number of a cell, "" if there is none."""
    found = parse_values([cell])
    unit = bare_unit(str(found.units[0]))
    return unit if found.readable[0] and parse_unit(unit) else ""


def _is_merged_header(row: Row) -> bool:
    """Whether a row is rather merged cells over columns than a title: it has several, or one that is not the first."""
    return _filled(row) > 1 or (_filled(row) == 1 and not row[0].strip())


def _under_merged(above: Row, names: Row, lines: Sequence[Row]) -> tuple[list[str], list[str | None]]:
    """Names and units of columns under merged cells: ``"band gap (eV)"`` over ``exp`` is ``"band gap: exp"`` in eV.

    A cell without a unit only tells apart columns of one name ("film: gap", "bulk: gap"). In text a merged cell is
    followed by blanks and its end is lost: it is taken to end where the columns hold no numbers any more, or have a
    unit of another quantity.
    """
    merged: list[str] = []
    units: list[str | None] = []
    owner = Heading("")
    for position, (upper, name) in enumerate(zip(above, map(str.strip, names), strict=True)):
        own = split_heading(name).unit
        numeric = any(is_number(line[position]) for line in lines)
        foreign = own is not None and owner.unit is not None and not _same_quantity(own, owner.unit)
        if upper.strip():
            owner = split_heading(upper)
        elif not numeric or foreign:
            owner = Heading("")
        special = _under_owner(owner, name) if owner.name else None
        if special is not None:
            merged.append(special.name)
            units.append(special.unit)
            owner = replace(owner, unit=special.unit)
            continue
        inherits = numeric and owner.unit is not None and (own is None or _same_quantity(own, owner.unit))
        is_prefixed = bool(owner.name and name) and (inherits or list(names).count(name) > 1)
        merged.append(f"{owner.name}: {name}" if is_prefixed else name or upper.strip() or owner.name)
        units.append(owner.unit if inherits and name and own is None else None)
    return merged, units


def _under_owner(owner: Heading, name: str) -> Heading | None:
    """What a cell means that says only the unit of the merged cell above it, ``(µV/K)``, or that it is its error."""
    if name in ("±", "+/-", "+-"):
        return Heading(f"{owner.name} error", owner.unit)
    inside = bare_unit(tidy(name)) if tidy(name)[:1] in ("(", "[") else ""
    return Heading(owner.name, inside) if parse_unit(inside) else None


def _same_quantity(first: str, second: str) -> bool:
    own, other = parse_unit(first), parse_unit(second)
    return own is not None and other is not None and own.converts_to(other)


def _is_unit_line(row: Row, after: Row) -> bool:
    """Whether a row holds only units, and a number stands below one of them (K and V are elements, too)."""
    cells = [bare_unit(tidy(cell)) for cell in row]
    filled = [i for i, cell in enumerate(cells) if not is_missing(cell)]
    above_numbers = any(is_number(after[i]) for i in filled)
    return above_numbers and all(parse_unit(cells[i]) and not is_number(cells[i]) for i in filled)


def _unique_names(cells: Row) -> tuple[tuple[str, ...], list[str]]:
    """Names without blanks and doubles, and a remark for each that was changed."""
    names: dict[str, None] = {}
    highest: Counter[str] = Counter()
    remarks = []
    for position, cell in enumerate(cells, start=1):
        wanted = _QUOTES.sub(r"\2", " ".join(cell.split()).lstrip("#").strip()) or f"column {position}"
        name, copies = wanted, max(1, highest[wanted])
        while name in names:
            copies += 1
            name = f"{wanted} ({copies})"
        if copies > 1:
            remarks.append(f"There are several columns {wanted!r}: one is now called {name!r}.")
        names[name], highest[wanted] = None, copies
    return tuple(names), remarks

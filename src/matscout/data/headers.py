"""Find the header of a grid of text cells: title lines above it, merged headers, a line of units, blank names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mode

from matscout.counting import counted, was
from matscout.data.header_levels import (
    MergedCell,
    Row,
    built_like,
    filled,
    header_rows,
    is_unit_line,
    joined_names,
    padded,
    share_of,
)
from matscout.data.headings import split_heading
from matscout.data.missing import tidy
from matscout.data.units import bare_unit, parse_unit
from matscout.data.values import is_number
from matscout.errors import InputError
from matscout.remarks import Remark

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


def find_header(
    rows: Sequence[Row],
    width: int,
    names_file: Callable[[str], bool] = lambda _: False,
    merged: Sequence[MergedCell] = (),
) -> Header:
    """Find the header of a grid.

    The header is the first row that fills at least half of the columns. A row below it belongs to it if it holds the
    names of columns that a merged cell stands over, and so do rows of merged cells above it: they tell columns of one
    name apart ("film: gap", "bulk: gap") and give them their unit. A row that holds only units belongs to it, too. A
    first row that looks like data (a formula, a reaction or the name of a file, and numbers or nothing beside it; or
    numbers and names that are built like those below) is data: the columns are then called "column 1", ... A line of
    conditions with units ("300 K") below merged cells of quantities tells their columns apart.

    Parameters
    ----------
    rows
        The grid, row by row; blank cells are "".
    width
        Number of columns.
    names_file
        Whether a cell is the name of a file beside the table.
    merged
        Merged cells, where the file says which.

    Raises
    ------
    InputError
        If the header names more columns than the rows have, so that names would stand over other columns' values.
    """
    start = next((i for i in range(len(rows)) if _may_be_header(rows, i, width)), len(rows) - 1)
    places = header_rows(rows, start, width, merged)
    is_data = _looks_like_data(rows[start], names_file) or _is_like_those_below(rows, start, width)
    if is_data and places[-1] == start:
        names = tuple(f"column {i + 1}" for i in range(width))
        remark = Remark("no-header", "There is no header line: the columns are named column 1, ...")
        return Header(names, start, remarks=(*_skipped(rows, start), remark))
    for place in places[places.index(start) :]:
        _refuse_longer(_without_mark(rows[place], width), width, place + 1)
    first = places[-1] + 1
    below = [i for i in range(first, len(rows)) if filled(rows[i])][:3]
    lines = [padded(rows[i], width) for i in below] + [[""] * width] * 2
    levels = {place: padded(_without_mark(rows[place], width), width) for place in places}
    joined = joined_names(levels, lines, merged)
    names, renamed = _unique_names(joined.names)
    units = {name: unit for name, unit in zip(names, joined.units, strict=True) if unit}
    remarks = [*_skipped(rows, places[0]), *_put_together(levels, names)]
    if is_unit_line(lines[0], lines[1]):
        cells = zip(names, lines[0], strict=True)
        units |= {name: bare_unit(tidy(cell)) for name, cell in cells if parse_unit(bare_unit(tidy(cell)))}
        remarks.append(Remark("units-below-header", "The line below the header was read as units."))
        first = below[0] + 1
    return Header(names, first, units, (*remarks, *renamed))


def _skipped(rows: Sequence[Row], end: int) -> list[str]:
    lines = [" ".join(" ".join(row).split()) for row in rows[:end] if filled(row)]
    sentence = f"{counted(end, 'line')} above the header {was(end)} skipped ({' '.join(lines)[:60]})."
    return [Remark("lines-above-header", sentence)] if lines else []


def _put_together(levels: Mapping[int, Row], names: Sequence[str]) -> list[str]:
    """A remark on a header of several rows, with what stands above the names and in none of them."""
    if len(levels) == 1:
        return []
    above = dict.fromkeys(cell.strip() for row in [*levels.values()][:-1] for cell in row if cell.strip())
    left = [cell for cell in above if not any(split_heading(cell).name in name for name in names)]
    listed = ", ".join(map(repr, left[:4])) + ", ..." * (len(left) > 4)
    lines = {2: "two", 3: "three"}.get(len(levels), str(len(levels)))
    aside = f"; above the names of the columns {'is' if len(left) == 1 else 'are'} {listed}" if left else ""
    return [Remark("header-of-several-lines", f"The header was combined from {lines} lines{aside}.")]


def typical_width(rows: Sequence[Row]) -> int:
    """The number of cells that most rows have."""
    lengths = [len(row) for row in rows if filled(row)]
    return mode(lengths) if lengths else 0


def _may_be_header(rows: Sequence[Row], place: int, width: int) -> bool:
    """Whether a row fills half of the columns and is no comment, and no title of a row of names below it."""
    row = rows[place]
    if 2 * filled(row) < max(width, 1):
        return False
    if row[0].lstrip().startswith("#") and len(row) != width and not _is_marked(row, width):
        return False
    below = next((other for other in rows[place + 1 : place + 4] if filled(other)), [])
    is_title = filled(row) == 1 and bool(row[0].strip()) and filled(below) == width > 1
    return not (is_title and not any(is_number(cell) for cell in below) and split_heading(row[0]).unit is None)


def _without_mark(row: Row, width: int) -> Row:
    return row[1:] if _is_marked(row, width) else row


def _is_marked(row: Row, width: int) -> bool:
    """Whether a row has a name for each column behind a # that stands alone."""
    return len(row) == width + 1 and row[0].strip() == "#"


def _refuse_longer(names: Row, width: int, line: int) -> None:
    named = max((place for place, cell in enumerate(names, start=1) if cell.strip()), default=0)
    if named > width:
        raise InputError(
            f"the header in line {line} names {named} columns ({', '.join(names[:named])}), but most rows have "
            f"{width} cells: put a name that contains the delimiter in quotation marks, or add the missing cells"
        )


def _looks_like_data(row: Row, names_file: Callable[[str], bool]) -> bool:
    from matscout.data.formulas import parse_formulas
    from matscout.data.reactions.texts import is_reaction

    cells = [cell for cell in row if cell.strip()]
    formulas = bool(len(parse_formulas(cells).rows)) or any(map(is_reaction, cells))
    if len(cells) > 1 and not any(is_number(cell) for cell in cells[1:]):
        return formulas and any(is_number(cell) for cell in cells)
    return formulas or (len(cells) > 1 and names_file(cells[0].strip()))


def _is_like_those_below(rows: Sequence[Row], start: int, width: int) -> bool:
    """Whether a row holds numbers over numbers, and else only names that are built like those below: mp-149, mp-22."""
    row, below = padded(rows[start], width), [padded(other, width) for other in rows[start + 1 : start + 20]]
    below = [other for other in below if filled(other)]
    places = [place for place in range(width) if row[place].strip()]
    numbers = [place for place in places if is_number(row[place])]
    if len(places) < 2 or not numbers or len(below) < 2:
        return False
    return all(
        share_of(below, place, is_number) > 0.7
        if place in numbers
        else any(map(str.isdigit, row[place])) and share_of(below, place, built_like(row[place])) > 0.7
        for place in places
    )


def _unique_names(cells: Row) -> tuple[tuple[str, ...], list[str]]:
    """Names without blanks and doubles, and a remark for each that was changed."""
    names: dict[str, None] = {}
    highest: Counter[str] = Counter()
    remarks: list[str] = []
    for position, cell in enumerate(cells, start=1):
        wanted = _QUOTES.sub(r"\2", " ".join(cell.split()).lstrip("#").strip()) or f"column {position}"
        name, copies = wanted, max(1, highest[wanted])
        while name in names:
            copies += 1
            name = f"{wanted} ({copies})"
        if copies > 1:
            text = f"There are several columns {wanted!r}: one is now named {name!r}."
            remarks.append(Remark("columns-of-one-name", text))
        names[name], highest[wanted] = None, copies
    return tuple(names), remarks

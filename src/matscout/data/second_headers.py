"""A second table below the first one in a file or sheet: rows that repeat the header, and rows that are another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matscout.data.headers import Header
from matscout.data.headings import split_heading
from matscout.data.missing import is_missing, tidy
from matscout.data.values import is_number

Row = Sequence[str]


@dataclass(frozen=True)
class SecondHeaders:
    """Positions among the rows below a header: those that repeat it, and where another table begins (None: nowhere).

    ``header`` is the row that holds its names; a title may stand above it.
    """

    repeats: tuple[int, ...] = ()
    begins: int | None = None
    header: int | None = None


def find_second_headers(rows: Sequence[Row], header: Header) -> SecondHeaders:
    """Look for the header among the rows below it, the same again or for another table.

    A row repeats the header if each cell does. It is another one if it holds no numbers and half of its cells name the
    quantities that the header names, with whichever unit; or if it stands below a blank row and over numbers, and a
    cell of it has a unit.
    """
    if len(header.names) < 2:
        return SecondHeaders()
    keys, repeats = [_key(name) for name in header.names], []
    beginnings = tuple(filter(None, keys))
    for place, row in enumerate(rows):
        first = next((cell for cell in row if cell.strip()), "")
        if not first:
            continue
        after_blank = place > 0 and _filled(rows[place - 1]) < 2
        if not after_blank and not first.strip().casefold().startswith(beginnings):
            continue
        if _repeats(row, header.names):
            repeats.append(place)
        elif _is_other(row, keys) or (after_blank and _is_unlike(rows, place)):
            return SecondHeaders(tuple(repeats), _with_title(rows, place), place)
    return SecondHeaders(tuple(repeats))


def _key(name: str) -> str:
    return split_heading(name).name.strip().casefold()


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _repeats(row: Row, names: Sequence[str]) -> bool:
    cells = [" ".join(cell.split()).casefold() for cell in row[: len(names)]]
    wanted = [name.casefold() for name in names]
    same = [cell == name or name == f"{cell} ({name[-2:-1]})" for cell, name in zip(cells, wanted, strict=False)]
    return len(same) == len(names) > 1 and all(same)


def _names_only(row: Row) -> bool:
    return _filled(row) > 1 and not any(is_number(cell) for cell in row if cell.strip())


def _is_other(row: Row, keys: Sequence[str]) -> bool:
    if not _names_only(row):
        return False
    same = sum(bool(key) and _key(cell) == key for cell, key in zip(row, keys, strict=False))
    return 2 * same >= _filled(row)


def _is_unlike(rows: Sequence[Row], place: int) -> bool:
    """Whether a row below a blank one holds names, a unit among them, over numbers of rows that hold no names."""
    row = rows[place]
    below = next((other for other in rows[place + 1 : place + 4] if _filled(other) > 1), [])
    if not _names_only(row) or not any(split_heading(cell).unit for cell in row):
        return False
    named = [position for position, cell in enumerate(row) if not is_missing(tidy(cell))]
    return len(named) == _filled(row) and any(
        position < len(below) and is_number(below[position]) for position in named
    )


def _with_title(rows: Sequence[Row], place: int) -> int:
    """The position of a title above a header, if a blank row stands above it; else that of the header."""
    if place > 1 and _filled(rows[place - 1]) == 1 and not _filled(rows[place - 2]):
        return place - 1
    return place

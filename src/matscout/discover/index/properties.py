"""Columns of the source that an index keeps beside its materials: under names that SQL takes as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from matscout.data.column_names import find_column
from matscout.data.columns import is_numeric
from matscout.data.headings import split_heading
from matscout.data.missing import is_missing, tidy
from matscout.data.tables import Table
from matscout.data.units import convert, parse_unit
from matscout.data.values import parse_values
from matscout.discover.index.about import Property
from matscout.discover.index.facts import OF_COMPOSITION, OF_STRUCTURE, STRUCTURE
from matscout.discover.index.rows import ROW
from matscout.errors import UsageError
from matscout.remarks import Remark

LONGEST = 200
"""Characters; a column with a longer text holds structures or prose, and is left out."""

TAKEN = (ROW, *OF_COMPOSITION, *OF_STRUCTURE, *STRUCTURE, "rank", "score", "similarity", "sought", "why")
"""Columns of an index, and of what a search tells."""


SQL_WORDS = frozenset(
    [
        "all",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "between",
        "by",
        "case",
        "cast",
        "cross",
        "date",
        "desc",
        "distinct",
        "else",
        "end",
        "except",
        "exists",
        "extract",
        "false",
        "from",
        "full",
        "group",
        "having",
        "in",
        "inner",
        "intersect",
        "interval",
        "into",
        "is",
        "join",
        "left",
        "like",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "outer",
        "overlaps",
        "position",
        "query_index",
        "right",
        "select",
        "similar",
        "substring",
        "table",
        "then",
        "time",
        "timestamp",
        "trim",
        "true",
        "union",
        "unique",
        "using",
        "when",
        "where",
        "with",
    ]
)
"""Names that LanceDB does not take as those of columns, or gives its own."""


@dataclass(frozen=True, eq=False)
class Properties:
    """Properties of rows of a source.

    Parameters
    ----------
    table
        The number of each row in the source (``row``), and a column for each property: float64, or text.
    meaning
        Column -> what it was called in the source.
    remarks
        Column -> what there is to say about the way its cells were read.
    """

    table: pl.DataFrame
    meaning: dict[str, Property]
    remarks: Mapping[str, str] = field(default_factory=dict)


def fitted(
    found: Properties, wanted: Mapping[str, Property], kinds: Mapping[str, str]
) -> tuple[Properties, tuple[str, ...]]:
    """Properties under the names, in the units and of the kinds of an index, and what there is to say about it.

    Columns belong together by what they were called, not by what SQL calls them.

    Parameters
    ----------
    found
        Of what is added.
    wanted, kinds
        Column of the index -> what it was called, and its type.

    Raises
    ------
    UsageError
        If a unit does not convert to that of the index.
    """
    columns, remarks = {ROW: found.table[ROW]}, list[str]()
    for column, one in found.meaning.items():
        target = _same(one, wanted, columns)
        if target is None:
            text = f"the index has no property {one.label!r}: left out"
            remarks.append(Remark("property-not-in-index", text))
            continue
        values = _of_kind(found.table[column], kinds[target])
        if (lost := found.table[column].is_not_null() & values.is_null()).any():
            remarks.append(_left_blank(one.label, found.table.filter(lost)[column], found.table.filter(lost)[ROW]))
        elif column in found.remarks:
            remarks.append(found.remarks[column])
        if one.unit is None and wanted[target].unit is not None:
            text = f"{one.label!r} has no unit: {wanted[target].unit} is assumed, as in the index"
            remarks.append(Remark("unit-of-index-assumed", text))
        columns[target] = _in_unit(values, one, wanted[target]).alias(target)
    missing = [one.label for name, one in wanted.items() if name not in columns]
    remarks += [Remark("property-missing", f"{label!r} is missing in the new materials") for label in missing]
    return Properties(pl.DataFrame(list(columns.values())), dict(wanted)), tuple(remarks)


def _same(one: Property, wanted: Mapping[str, Property], taken: Collection[str]) -> str | None:
    """The column of the index that was called so, with the same unit if there are several; None if there is none."""
    free = {name: other for name, other in wanted.items() if name not in taken}
    alike = [name for name, other in free.items() if other.heading.lower() == one.heading.lower()]
    return next((name for name in alike if free[name].unit == one.unit), next(iter(alike), None))


def _of_kind(values: pl.Series, kind: str) -> pl.Series:
    """Numbers or texts, as the index has them; null where a text holds no number."""
    if kind == "double" and values.dtype == pl.String():
        return pl.Series(parse_values(values.to_list()).values).fill_nan(None)
    if kind == "string" and values.dtype != pl.String():
        return pl.Series([None if value is None else _written(value) for value in values], dtype=pl.String())
    return values


def _written(value: float) -> str:
    """All digits: a number in a column of texts is a name, such as that of a batch."""
    return str(int(value)) if value.is_integer() else repr(value)


def _in_unit(values: pl.Series, given: Property, wanted: Property) -> pl.Series:
    if given.unit == wanted.unit or given.unit is None:
        return values
    source, target = parse_unit(given.unit), parse_unit(wanted.unit or "")
    if source is None or target is None or not source.converts_to(target):
        raise UsageError(
            f"{given.heading!r} is in {given.unit}, but in {wanted.unit or 'no unit'} in the index: convert the column"
        )
    numbers = values.cast(pl.Float64(), strict=False).to_numpy()
    return pl.Series(convert(numbers, source, target)).fill_nan(None)


def read_properties(table: Table, units: Mapping[str, str] | None = None) -> Properties:
    """All columns of a table with something in them that are numbers or short texts.

    Parameters
    ----------
    table
        Of the source, without the columns that make a material.
    units
        Column -> unit its numbers are in; goes before that of the heading.

    Raises
    ------
    UsageError
        If a column with a unit is not there.
    """
    given = {find_column(name, table.columns, "unit"): unit for name, unit in (units or {}).items()}
    columns, meaning, remarks = [pl.Series(ROW, table.row_numbers)], dict[str, Property](), dict[str, str]()
    for name in table.columns:
        values = _values(table, name)
        if values is None:
            continue
        heading = split_heading(name)
        column = sql_name(heading.name, {*TAKEN, *meaning})
        meaning[column] = Property(heading.name, given.get(name) or heading.unit or table.units.get(name))
        columns.append(values.alias(column))
        if remark := _remark(table, name, values):
            remarks[column] = remark
    return Properties(pl.DataFrame(columns), meaning, remarks)


def _remark(table: Table, name: str, values: pl.Series) -> str:
    """What to say of a column that holds numbers and other things; "" of any other."""
    cells, rows = table.column(name), table.row_numbers
    is_text = values.dtype == pl.String()
    if is_text and not is_numeric(cells, share=0.5):
        return ""
    strange = ~table.values(name).readable
    if not strange.any():
        return ""
    texts, where = pl.Series(cells, dtype=pl.String()).filter(strange), pl.Series(rows[strange])
    if not is_text:
        return _left_blank(name, texts, where)
    text = (
        f"{name!r} is read as text, since {len(texts):,} of its cells contain no number, the first in row "
        f"{where[0]}: {texts[0]!r}"
    )
    return Remark("property-read-as-text", text)


def _left_blank(name: str, cells: pl.Series, rows: pl.Series) -> str:
    """What to say of cells of a column of numbers that hold none."""
    what = "1 cell contains no number and is" if len(cells) == 1 else f"{len(cells):,} cells contain no number and are"
    return Remark("cells-left-blank", f"{name!r}: {what} left blank, the first in row {rows[0]}: {cells[0]!r}")


def _values(table: Table, name: str) -> pl.Series | None:
    """Numbers, null where there is none; texts; or None."""
    cells = table.column(name)
    if all(is_missing(cell) for cell in cells):
        return None
    if is_numeric(cells):
        return pl.Series(table.values(name).values).fill_nan(None)
    texts = [None if is_missing(cell) else tidy(cell) for cell in cells]
    return None if max(len(text or "") for text in texts) > LONGEST else pl.Series(texts, dtype=pl.String())


def sql_name(heading: str, taken: Collection[str]) -> str:
    """A heading as a name that needs no quotes in SQL and is not taken: ``"Band gap"`` -> ``"band_gap"``."""
    plain = re.sub(r"[^0-9a-z]+", "_", _latin(heading).lower()).strip("_") or "column"
    # Vectors of representations have names that begin so.
    plain = f"_{plain}" if plain[0].isdigit() or plain.startswith("vector_") else plain
    plain = f"{plain}_" if plain in SQL_WORDS else plain
    names = (plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _latin(text: str) -> str:
    """Greek letters by their names: ``"σ"`` -> ``"sigma"``."""
    names = ((letter, unicodedata.name(letter, "")) for letter in text)
    return "".join(f" {name.split()[-1]} " if name.startswith("GREEK ") else letter for letter, name in names)

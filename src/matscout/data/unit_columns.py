"""Units that stand in a column of their own, beside the column of numbers that they belong to; long tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matscout.data import column_names, columns
from matscout.data.headings import split_heading
from matscout.data.missing import is_missing, tidy
from matscout.data.tables import Table
from matscout.data.units import bare_unit, parse_unit
from matscout.data.values import ParsedValues, is_number
from matscout.errors import InputError

_WORDS = (
    r"units?|uom|einheit(?:en)?|ma(?:ß|ss)einheit|unités?|unidad(?:es)?|unità|unidades?|eenheid|jednostka|jednotka|enhet"
    r"|единиц[аы](?: измерения)?|ед\.? ?изм\.?|单位|單位|単位|단위"
)
_NAME = re.compile(rf"(?:{_WORDS})(?: \(\d{{1,3}}\))?", re.IGNORECASE)
_OF = re.compile(rf"(?:{_WORDS}) (?:of |von |de |der |du )?(?P<owner>\S.*)", re.IGNORECASE)
_BEHIND = re.compile(rf"(?P<owner>.*\S) \(?(?:{_WORDS})\)?", re.IGNORECASE)
_CONDITIONS = tuple(unit for unit in map(parse_unit, ("K", "s", "Pa", "mol/L", "T")) if unit)
_VALUES = frozenset([
    "value", "values", "val", "result", "results", "measured value", "measurement", "wert", "werte", "messwert",
    "ergebnis", "valeur", "valeurs", "valor", "valores", "valore", "valori", "resultado", "waarde", "wartość",
    "hodnota", "värde", "verdi", "значение", "результат", "值", "数值", "數值", "値", "測定値", "값", "target", "y",
])  # fmt: skip
_QUANTITIES = frozenset([
    "quantity", "quantities", "property", "properties", "parameter", "observable", "measured property", "measurand",
    "variable", "property name", "größe", "messgröße", "eigenschaft", "kenngröße", "grandeur", "propriété", "paramètre",
    "magnitud", "propiedad", "parámetro", "grandezza", "proprietà", "propriedade", "grootheid", "eigenschap",
    "właściwość", "wielkość", "veličina", "vlastnost", "egenskap", "storhet", "величина", "свойство", "параметр",
    "性质", "性質", "物性", "属性", "屬性", "物理量", "特性", "물성", "물리량",
])  # fmt: skip


class UnclearUnitsError(InputError):
    """Units stand in a column of their own, and it is not clear which column of numbers they belong to."""


class LongTableError(InputError):
    """Several quantities stand in one column of numbers."""


def with_units_beside(table: Table, column: str, given: str | None = None) -> tuple[ParsedValues, str | None]:
    """The numbers of a column, with units from the column that holds them; and that column, None if there is none.

    Where ``given``, a unit for the whole column, settles whose units they are not, the column of units is not read.

    Raises
    ------
    UnclearUnitsError
        If several columns of numbers could own the units.
    LongTableError
        If the units are those of several quantities.
    """
    parsed = table.values(column)
    holder = _holder_of(table, column, given)
    if holder is None:
        return parsed, None
    _refuse_several_quantities(table, column, holder)
    beside = [bare_unit(tidy(cell)) if not is_missing(cell) else "" for cell in table.column(holder)]
    has_value = ~np.isnan(parsed.values)
    units = [own or (unit if known else "") for own, unit, known in zip(parsed.units, beside, has_value, strict=True)]
    return replace(parsed, units=np.array(units, dtype=np.str_)), holder


def unit_columns(table: Table) -> list[str]:
    """The columns that are called units and hold some."""
    return [name for name in table.columns if is_called_unit(name) and _holds_units(table.column(name))]


def refuse_long(table: Table, column: str, context: Sequence[str] = ()) -> None:
    """Refuse a column of values that a column of quantities beside it tells apart, unless that is a condition.

    Raises
    ------
    LongTableError
        If there is one.
    """
    if column_names.key_of(column) not in _VALUES:
        return
    for name in table.columns:
        cells = [tidy(cell) for cell in table.column(name) if not is_missing(cell)]
        kinds = list(dict.fromkeys(cells))
        if (
            name in context
            or column_names.key_of(name) not in _QUANTITIES
            or len(kinds) < 2
            or any(map(is_number, cells))
        ):
            continue
        raise LongTableError(_several(column, kinds, name))


def _several(column: str, kinds: Sequence[str], holder: str) -> str:
    few = ", ".join(kinds[:4]) + (", ..." if len(kinds) > 4 else "")
    return (
        f"the table is long: column {column!r} contains several quantities ({few}), distinguished by column "
        f"{holder!r}; give each quantity its own column, or keep the rows of one"
    )


def _refuse_several_quantities(table: Table, column: str, holder: str) -> None:
    texts = dict.fromkeys(bare_unit(tidy(cell)) for cell in table.column(holder) if not is_missing(cell))
    kinds = {str(sorted(unit.dimensions.items())): text for text in reversed(texts) if (unit := parse_unit(text))}
    if len(kinds) > 1 and column_names.key_of(column) in _VALUES:
        raise LongTableError(_several(column, [f"in {text}" for text in reversed(kinds.values())], holder))


def _holder_of(table: Table, column: str, given: str | None) -> str | None:
    holders = unit_columns(table)
    for holder in holders:
        owners = _owners(table, holder, alone=len(holders) == 1)
        if column in owners and len(owners) == 1:
            return holder
        if column in owners and given is None:
            raise UnclearUnitsError(
                f"column {holder!r} contains units, which may belong to {', '.join(owners)}: name it after the "
                f"column that it belongs to ({owners[0]!r} and '{owners[0]} unit'), or give the unit of each column "
                f"(--unit={owners[0]!r}=UNIT)"
            )
    return _of_values(table, column, holders)


def _of_values(table: Table, column: str, holders: Sequence[str]) -> str | None:
    """The column of units of the values whose errors a column holds."""
    for holder in holders:
        for owner in _owners(table, holder, alone=len(holders) == 1):
            if columns.find_errors([owner], table.columns).get(owner) == column and split_heading(column).unit is None:
                return holder
    return None


def _owners(table: Table, holder: str, *, alone: bool) -> list[str]:
    """The columns of numbers that units may belong to: by name, else the left neighbour, else any that they fit."""
    named = _named_owner(holder)
    if named is not None:
        return [name for name in table.columns if name != holder and column_names.key_of(name) == named.casefold()]
    numeric = [name for name in table.columns if name != holder and columns.may_be_measured(table, name)]
    errors = set(columns.find_errors(numeric, table.columns).values())
    if not alone:
        left = table.columns[: table.columns.index(holder)]
        return [name for name in left if name in numeric and name not in errors][-1:]
    return [name for name in numeric if name not in errors and _fits(table, name, holder)]


def _fits(table: Table, column: str, holder: str) -> bool:
    """Whether a column of numbers may be in the units of another column."""
    units = [parse_unit(bare_unit(tidy(cell))) for cell in set(table.column(holder)) if not is_missing(cell)]
    header = parse_unit(split_heading(column).unit or table.units.get(column) or "")
    if header is not None:
        return any(unit.converts_to(header) for unit in units if unit)
    if column_names.is_called_condition(column):
        return any(unit.converts_to(usual) for unit in units if unit for usual in _CONDITIONS)
    return True


def _words(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).strip()


def is_called_unit(name: str) -> bool:
    """Whether a column is called like the units of another: ``unit``, ``gap_unit``, ``Einheit``."""
    return bool(_NAME.fullmatch(_words(name))) or _named_owner(name) is not None


def _named_owner(name: str) -> str | None:
    """``"gap"`` of ``gap_unit``, ``gap (unit)`` and ``unit of gap``."""
    words = _words(name)
    if _NAME.fullmatch(words):
        return None
    match = _BEHIND.fullmatch(words) or _OF.fullmatch(words)
    return match["owner"] if match else None


def _holds_units(cells: Sequence[str | None]) -> bool:
    filled = [bare_unit(tidy(cell)) for cell in columns.sample_of(cells) if not is_missing(cell)]
    units = [text for text in filled if parse_unit(text) and not is_number(text)]
    return bool(filled) and 2 * len(units) > len(filled)

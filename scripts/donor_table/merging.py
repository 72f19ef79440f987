"""From many readings to one row per formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median

import numpy as np
import polars
from numpy.typing import NDArray
from polars import col

from donor_table.formula_keys import FormulaKeys
from donor_table.properties import METALS, PROPERTIES, Property
from donor_table.readings import Column, Reading


@dataclass(frozen=True, eq=False)
class Tally:
    """What became of the rows of one reading: ``read`` is the sum of the six that follow.

    Parameters
    ----------
    column
        The property and its source.
    read
        Rows of the source that are about the property.
    left_out
        Not used, for reasons given by the source.
    blank, unreadable, absurd
        Without a value; without a readable formula; with a value outside the limits of the property.
    merged
        Further rows of a formula that has one already.
    kept
        Formulas with a value.
    kept_values
        Their :func:`spread`, in the unit of the property.
    used
        Formulas for which no preferred source had one: these stand in the table.
    """

    column: Column
    read: int
    left_out: int
    blank: int
    unreadable: int
    absurd: int
    merged: int
    kept: int
    kept_values: Mapping[str, float | None]
    used: int = 0


def merged(reading: Reading, keys: FormulaKeys) -> tuple[polars.DataFrame, Tally]:
    """One value per formula (columns ``code`` and ``value``), and the count of what was lost on the way."""
    column, left_out = reading.column, sum(reading.left_out.values())
    rows = polars.DataFrame({"formula": reading.formulas, "value": reading.values, "energy": reading.energies})
    known = rows.filter(col("value").is_not_nan())
    readable = known.join(keys.codes, on="formula", how="inner")
    sound = readable.filter(~polars.Series(column.quantity.absurd(readable["value"].to_numpy())))
    values = _any_row(sound) if column.any_row else _lowest_or_median(sound)
    return values, Tally(
        column,
        read=len(rows) + left_out,
        left_out=left_out,
        blank=len(rows) - len(known),
        unreadable=len(known) - len(readable),
        absurd=len(readable) - len(sound),
        merged=len(sound) - len(values),
        kept=len(values),
        kept_values=spread(values["value"]),
    )


def spread(values: polars.Series) -> dict[str, float | None]:
    """Number, least, median, mean and largest of the known values; None where there are none."""
    known = values.drop_nulls().sort().to_list()
    if not known:
        return {"n": 0, "min": None, "median": None, "mean": None, "max": None}
    return {"n": len(known), "min": known[0], "median": median(known), "mean": fmean(known), "max": known[-1]}


def _lowest_or_median(rows: polars.DataFrame) -> polars.DataFrame:
    """The value of the row of lowest energy where any energy is known; else the median."""
    ranked = rows.filter(col("energy").is_not_nan()).sort("code", "energy", "value")
    lowest = ranked.group_by("code", maintain_order=True).agg(col("value").first())
    others = rows.join(lowest, on="code", how="anti")
    return polars.concat([lowest, others.group_by("code").agg(col("value").median())])


def _any_row(rows: polars.DataFrame) -> polars.DataFrame:
    return rows.group_by("code").agg(col("value").max())


def merge_all(readings: Sequence[Reading], keys: FormulaKeys) -> tuple[polars.DataFrame, list[Tally]]:
    """The whole table, one row per formula with any value, sorted by formula, and a tally per reading.

    Returns
    -------
    table
        ``formula`` and the columns of :data:`donor_table.properties.PROPERTIES`, null where unknown.
    tallies
        In the order of ``readings``.
    """
    columns = {quantity: np.full(len(keys.formulas), np.nan) for quantity in PROPERTIES}
    tallies = []
    for reading in readings:
        values, tally = merged(reading, keys)
        used = _fill(columns[reading.column.quantity], values, any_row=reading.column.any_row)
        tallies.append(replace(tally, used=used))
    for metal, gap in METALS.items():
        columns[metal] = np.where(np.isnan(columns[gap]), np.nan, columns[gap] == 0)
    return _table(keys, columns), tallies


def _fill(whole: NDArray[np.float64], values: polars.DataFrame, *, any_row: bool) -> int:
    """Add one reading's values where the formula has none yet (or a no, for ``any_row``); returns how many were new."""
    codes, found = values["code"].to_numpy(), values["value"].to_numpy()
    new = np.isnan(whole[codes])
    if any_row:
        whole[codes] = np.fmax(whole[codes], found)
    else:
        whole[codes[new]] = found[new]
    return int(new.sum())


def _table(keys: FormulaKeys, columns: Mapping[Property, NDArray[np.float64]]) -> polars.DataFrame:
    scaled = {quantity.column: quantity.scaled(values) for quantity, values in columns.items()}
    table = polars.DataFrame({"formula": keys.formulas, **scaled}).fill_nan(None)
    return table.filter(polars.any_horizontal(polars.exclude("formula").is_not_null()))

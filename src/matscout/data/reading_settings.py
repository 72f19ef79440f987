"""How a table or collection is read, as settings of commands and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le

from matscout.settings.fields import SettingInfo

_PANEL = "Input options"


@dataclass(frozen=True)
class ReadingSettings:
    """How a table or collection of materials is read.

    Parameters
    ----------
    formula
        Column of formulas (default: detected).
    structure
        Column, folder or archive of crystal structures.
    sheet
        Sheet of an Excel file.
    unit
        Unit of a column (repeatable); overrides the header.
    alloys
        Meaning of the numbers in alloy names such as CuZn37 or Ti-6Al-4V (without it, such rows are refused).
    decimal
        Decimal sign of all numbers (default: detected).
    thousands
        Read a point or comma before three digits as a thousands separator, where a column is ambiguous.
    max_bad
        Stop if a larger share of the rows cannot be used.
    """

    formula: Annotated[str | None, SettingInfo(metavar="COL", panel=_PANEL)] = None
    structure: Annotated[str | None, SettingInfo(metavar="COL|DIR|FILE", panel=_PANEL)] = None
    sheet: Annotated[str | None, SettingInfo(metavar="NAME", panel=_PANEL)] = None
    unit: Annotated[
        Mapping[str, str],
        SettingInfo(metavar="COL=UNIT", panel=_PANEL, words="names of columns with units, as in {gap: eV}"),
    ] = field(default_factory=dict)
    alloys: Annotated[Literal["wt%", "at%"] | None, SettingInfo(panel=_PANEL)] = None
    decimal: Annotated[str | None, SettingInfo(metavar=".|,", panel=_PANEL)] = None
    thousands: Annotated[bool, SettingInfo(panel=_PANEL)] = False
    max_bad: Annotated[float, Ge(0), Le(1), SettingInfo(panel=_PANEL)] = 0.2

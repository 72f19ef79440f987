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
        Column of formulas (else found).
    structure
        Column, folder or archive of crystal structures.
    sheet
        Sheet of an Excel file.
    unit
        Unit of a column (repeatable).
    alloys
        What the numbers in names of alloys such as CuZn37 or Ti-6Al-4V are (else such rows are refused).
    decimal
        Decimal sign of all numbers (else found).
    thousands
        Three digits behind a point or comma are thousands, where a column leaves it open.
    max_bad
        Stop if more rows cannot be used.
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

"""How columns are called: with or without a unit, in other case, as a law writes them."""

from __future__ import annotations

import difflib
import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence

from matscout.data.headings import split_heading
from matscout.errors import UsageError

_CONDITION = re.compile(
    r"(?:^|[\W_])(?:T(?=[ _(\[]|$)|(?i:temp\w*|time|pressure|equiv\w*|loading|conc\w*|ph|atmosphere|wavelength|field"
    r"|zeit|druck|konzentration|atmosphäre|durée|pression|tiempo|presión|tempo|pressione|pressão|tijd"
    r"|температура|время|давление|czas|ciśnienie))(?:[\W_]|$)|温度|时间|压力|压强|時間|圧力|온도|시간|압력"
)


class NoColumnError(UsageError):
    """There is no column that is called as the user ``wanted``."""

    def __init__(self, wanted: str, message: str) -> None:
        super().__init__(message)
        self.wanted = wanted


def find_column(wanted: str, columns: Sequence[str], role: str) -> str:
    """The column the user means: exactly, else in other case, else with or without its unit, else as a law writes it.

    Raises
    ------
    NoColumnError
        If there is none; the message lists near ones.
    UsageError
        If there is more than one.
    """
    matches = columns_called(wanted, columns)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"{role} {wanted!r} matches several columns: {', '.join(matches)}; write one of them in full")
    near = difflib.get_close_matches(wanted, columns, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise NoColumnError(
        wanted, f"there is no column {wanted!r} for the {role}; {hint}the columns are {', '.join(columns)}"
    )


def columns_called(wanted: str, columns: Sequence[str]) -> list[str]:
    """The columns that are called so: exactly, else in other case, else with or without unit, else by plain name."""
    if wanted in columns:
        return [wanted]
    same_in_other_case = [column for column in columns if column.strip().lower() == wanted.strip().lower()]
    without_unit = [column for column in columns if key_of(column) == key_of(wanted)]
    plainly = [column for column in columns if plain(split_heading(column).name) == plain(wanted) != ""]
    return same_in_other_case or without_unit or plainly


def plain(name: str) -> str:
    """A name as it may stand in a law: lower case, letters (of any script) and digits with one underscore between.

    ``T`` is the temperature.
    """
    return (
        "temperature"
        if name.strip() == "T"
        else re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", name).casefold()).strip("_")
    )


def key_of(column: str) -> str:
    """The name of a column without its unit, in lower case."""
    return split_heading(column).name.strip().lower()


def as_options(option: str, names: Iterable[str]) -> str:
    """Columns as messages name them: ``--reaction=amine --reaction='my base'``."""
    return " ".join(f"{option}={shlex.quote(name)}" for name in names)


def is_called_condition(name: str) -> bool:
    """Whether a column is called like what a measurement was made under: temperature, time, pressure."""
    return bool(_CONDITION.search(name))

"""JSON from elsewhere: what it holds is counted before it is read, and numbers of any length can be read."""

from __future__ import annotations

import json
import re
from typing import Any

from matscout.data.budgets import BUDGET

DIGITS = 400
"""Whole numbers of more digits stay text: no measurement has them, and Python refuses to convert some."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(text: str) -> Any:
    """The values in a JSON text.

    Raises
    ------
    ValueError
        If it is no JSON, is nested too deeply or holds more values than the budget allows.
    """
    values = sum(map(text.count, ",[{"))
    if values > BUDGET.cells:
        raise ValueError(f"it contains {values:,} values, more than the {BUDGET.cells:,} that are read")
    try:
        return json.loads(text, parse_int=_whole_number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= DIGITS else digits


def without_surrogates(text: str) -> str:
    """Halves of letters, which JSON can hold and no file can, become the sign for an unknown letter."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)

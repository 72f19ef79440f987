"""Counts, lists and units in words: ``"1 row"``, ``"2,300 rows"``, ``"Li, P and O"``, ``"1.1 eV"``."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """``"1 row"``, ``"2,300 rows"``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def part_of(part: int, whole: int, noun: str, plural: str | None = None) -> str:
    """``"2,300 of 2,301 rows"``, ``"0 of 1 row"``."""
    return f"{part:,} of {counted(whole, noun, plural)}"


def was(count: int) -> str:
    """``"was"`` of one, ``"were"`` of any other number."""
    return "was" if count == 1 else "were"


def listed(words: Sequence[str]) -> str:
    """Words as a list: ``""``, ``"Li"``, ``"Li and O"``, ``"Li, P and O"``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def unit_behind(unit: str | None) -> str:
    """What stands behind a number: ``" eV"``; nothing without a unit."""
    return f" {unit}" if unit else ""

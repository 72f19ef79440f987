"""Counts in words: ``"1 row"``, ``"2,300 rows"``."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """``"1 row"``, ``"2,300 rows"``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def part_of(part: int, whole: int, noun: str, plural: str | None = None) -> str:
    """``"2,300 of 2,301 rows"``, ``"0 of 1 row"``."""
    return f"{part:,} of {counted(whole, noun, plural)}"


def was(count: int) -> str:
    """``"was"`` of one, ``"were"`` of any other number."""
    return "was" if count == 1 else "were"

"""Counts in words: one noun for one thing, and thousands alike on both sides."""

from __future__ import annotations

from matscout.counting import counted, listed, part_of, unit_behind, was


def test_one_and_many() -> None:
    assert [counted(n, "row") for n in (0, 1, 2, 29_938)] == ["0 rows", "1 row", "2 rows", "29,938 rows"]
    assert counted(1, "category", "categories") == "1 category"
    assert [was(n) for n in (0, 1, 2)] == ["were", "was", "were"]


def test_parts_have_the_same_thousands_as_the_whole() -> None:
    assert part_of(29_937, 29_938, "row") == "29,937 of 29,938 rows"
    assert part_of(0, 1, "material") == "0 of 1 material"


def test_lists_and_units() -> None:
    assert [listed(["Li", "P", "O"][:n]) for n in range(4)] == ["", "Li", "Li and P", "Li, P and O"]
    assert [f"1.1{unit_behind(unit)}" for unit in ("eV", "", None)] == ["1.1 eV", "1.1", "1.1"]

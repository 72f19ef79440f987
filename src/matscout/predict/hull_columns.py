"""Columns that hold energies above the convex hull."""

from __future__ import annotations


def is_called_hull(name: str) -> bool:
    """Whether a column is called like an energy above the hull: e_above_hull, ehull, hull distance."""
    return "hull" in name.casefold()

"""``matscout datasets``: the field's public data sets, by name."""

from __future__ import annotations


def datasets() -> None:
    """x."""

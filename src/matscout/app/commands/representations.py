"""``matscout representations``: the catalogue of representations."""

from __future__ import annotations

from matscout.app.console import show_table
from matscout.registry import plug_ins


def representations() -> None:
    """List the representations: ways to turn a material into a vector."""
    from matscout.represent.element_catalogue import element_sources

    show_table(("name", "what it is"), [(plug_in.name, plug_in.summary) for plug_in in plug_ins("representations")])
    show_table(("table", "what it is"), [(source.address, source.summary) for source in element_sources().values()])

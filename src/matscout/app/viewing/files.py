"""The picture and the page of a structure as files."""

from __future__ import annotations

from pathlib import Path

from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.facts import Facts
from matscout.app.viewing.nearest import NearLabels
from matscout.app.viewing.page import render_view
from matscout.app.viewing.picking import Picked
from matscout.app.viewing.picture import PAPER, draw
from matscout.data.files import atomic_write, write_text_whole


def write_view(picked: Picked, facts: Facts, nearest: NearLabels | None, picture: Path, page: Path) -> None:
    """Write the picture (PNG) and the page (HTML), each whole or not at all, and neither before both are made.

    Raises
    ------
    MissingExtraError
        If plotly is not installed.
    """
    atoms = shown_atoms(picked.structure)
    drawn = draw(atoms, PAPER)
    html = render_view(picked.id, facts, atoms, drawn, nearest)
    with atomic_write(picture) as unfinished:
        unfinished.write_bytes(drawn)
    write_text_whole(page, html)

"""Small pictures of the structures of the shortlist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from matscout.app.report.candidates import Entry
from matscout.app.scouting import Scouting
from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.picture import THUMBNAIL, draw, inline_png

PICTURED = 30
"""Candidates with a picture, besides those of the batch, so that the page stays small."""

HOW = (
    f"The first {PICTURED} candidates and the batch have a picture of their unit cell, in softened colours of VESTA; "
    "matscout view shows one that can be turned."
)


@dataclass(frozen=True)
class Thumbnails:
    """Rank -> ``src`` of an ``<img>``; what to say of them, "" without structures."""

    pictures: Mapping[int, Markup] = field(default_factory=dict)
    remark: str = ""


def thumbnails(scouting: Scouting, shown: tuple[Entry, ...]) -> Thumbnails:
    """Pictures of the first :data:`PICTURED` candidates and of those of the batch, where candidates have structures."""
    structures = scouting.ranking.candidates.materials.structures
    if structures is None:
        return Thumbnails()
    ranks = scouting.ranking.shortlist.ranks
    wanted = [entry.rank for entry in shown if entry.rank <= PICTURED or entry.batch is not None]
    rows = [int(np.flatnonzero(ranks == rank)[0]) for rank in wanted]
    pictures = [inline_png(draw(shown_atoms(structures[[row]]), THUMBNAIL)) for row in rows]
    return Thumbnails(dict(zip(wanted, pictures, strict=True)), HOW)

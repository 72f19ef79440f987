"""Small pictures of the structures, or the molecules, of the shortlist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from matscout.app.report.candidates import CandidateEntry
from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.molecules import draw_reaction, size_of
from matscout.app.viewing.picture import THUMBNAIL, draw, inline_png
from matscout.data.reactions import Reactions
from matscout.data.structures import Structures
from matscout.workflow.results import Scouting

PICTURED = 30
"""Candidates with a picture, besides those of the batch, so that the page stays small."""

HOW = (
    f"The first {PICTURED} candidates and the batch have a picture of their unit cell, in softened colours of VESTA; "
    "matscout view shows one that can be turned."
)
SIDE = 96
"""Width and height of a unit cell on the page, pixels."""
HOW_OF_REACTIONS = f"The first {PICTURED} candidates and the batch have a picture of their molecules."


@dataclass(frozen=True)
class Thumbnail:
    """``src`` of an ``<img>``, and its width and height on the page, pixels."""

    source: Markup
    width: int
    height: int


@dataclass(frozen=True)
class Thumbnails:
    """Rank -> picture; what each shows, and what to say of all, "" if there are none."""

    pictures: Mapping[int, Thumbnail] = field(default_factory=dict)
    shows: str = ""
    remark: str = ""


def thumbnails(scouting: Scouting, shown: tuple[CandidateEntry, ...]) -> Thumbnails:
    """Pictures of the first :data:`PICTURED` candidates and of those of the batch, where there is something to draw."""
    materials, ranks = scouting.ranking.candidates.materials, scouting.ranking.shortlist.ranks
    wanted = [entry.rank for entry in shown if entry.rank <= PICTURED or entry.batch is not None]
    rows = [int(np.flatnonzero(ranks == rank)[0]) for rank in wanted]
    if materials.structures is not None:
        drawn = [(rank, row) for rank, row in zip(wanted, rows, strict=True) if materials.has_structure[row]]
        return Thumbnails({rank: _cell(materials.structures[[row]]) for rank, row in drawn}, "Unit cell", HOW)
    if materials.reactions is not None:
        molecules = [_molecules(materials.reactions, row) for row in rows]
        return Thumbnails(dict(zip(wanted, molecules, strict=True)), "Molecules", HOW_OF_REACTIONS)
    return Thumbnails()


def _cell(structures: Structures) -> Thumbnail:
    return Thumbnail(inline_png(draw(shown_atoms(structures), THUMBNAIL)), SIDE, SIDE)


def _molecules(reactions: Reactions, row: int) -> Thumbnail:
    width, height = size_of(reactions, row)
    return Thumbnail(inline_png(draw_reaction(reactions, row)), width // 2, height // 2)

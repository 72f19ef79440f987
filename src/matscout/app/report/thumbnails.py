"""Small pictures of the structures, or the molecules, of the shortlist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup

from matscout.app.report.candidates import CandidateEntry
from matscout.app.viewing.arrangement_picture import SIZE, draw_arrangement
from matscout.app.viewing.atoms import shown_atoms
from matscout.app.viewing.molecules import draw_reaction, size_of
from matscout.app.viewing.picture import THUMBNAIL, draw, inline_png
from matscout.data.defects.column_store import Defects
from matscout.data.kinds import KindName
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Reactions
from matscout.workflow.results import Scouting

PICTURED = 30
"""Candidates with a picture, besides those of the batch, so that the page stays small."""

HOW = (
    f"The first {PICTURED} candidates and the batch have a picture of their unit cell, in softened colours of VESTA; "
    "matscout view draws one that can be rotated."
)
SIDE = 96
"""Width and height of a unit cell on the page, pixels."""
HOW_OF_DEFECTS = (
    f"The first {PICTURED} candidates and the batch have a picture of their supercell: rings are vacancies, filled "
    "circles other atoms."
)
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
    return PICTURES[materials.kind.name](materials, dict(zip(wanted, rows, strict=True)))


def _nothing(materials: Materials, rows: Mapping[int, int]) -> Thumbnails:
    return Thumbnails()


def _cells(materials: Materials, rows: Mapping[int, int]) -> Thumbnails:
    assert materials.structures is not None
    cells = {rank: materials.structures[[row]] for rank, row in rows.items() if materials.has_structure[row]}
    drawn = {rank: inline_png(draw(shown_atoms(cell), THUMBNAIL)) for rank, cell in cells.items()}
    return Thumbnails({rank: Thumbnail(png, SIDE, SIDE) for rank, png in drawn.items()}, "Unit cell", HOW)


def _arrangements(materials: Materials, rows: Mapping[int, int]) -> Thumbnails:
    defects = materials.contents
    assert isinstance(defects, Defects)
    placed = defects.placed
    drawn = {
        rank: inline_png(draw_arrangement(defects, row, dpi=40, named=False))
        for rank, row in rows.items()
        if placed[row]
    }
    width, height = (round(20 * side) for side in SIZE)
    return Thumbnails({rank: Thumbnail(png, width, height) for rank, png in drawn.items()}, "Defects", HOW_OF_DEFECTS)


def _molecules(materials: Materials, rows: Mapping[int, int]) -> Thumbnails:
    reactions = materials.contents
    assert isinstance(reactions, Reactions)
    return Thumbnails({rank: _reaction(reactions, row) for rank, row in rows.items()}, "Molecules", HOW_OF_REACTIONS)


def _reaction(reactions: Reactions, row: int) -> Thumbnail:
    width, height = size_of(reactions, row)
    return Thumbnail(inline_png(draw_reaction(reactions, row)), width // 2, height // 2)


PICTURES: Mapping[KindName, Callable[[Materials, Mapping[int, int]], Thumbnails]] = {
    "composition": _nothing,
    "crystal": _cells,
    "reaction": _molecules,
    "defect": _arrangements,
}
"""Pictures of candidates of a kind, whose rows are given by rank."""

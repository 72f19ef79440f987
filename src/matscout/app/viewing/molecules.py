"""The molecules of a reaction as a small PNG, each above the name of its part (needs rdkit)."""

from __future__ import annotations

import io
from typing import Any

from matscout.app.viewing.picture import with_few_colours
from matscout.data.reactions.column_store import Reactions
from matscout.data.reactions.molecules import rdkit_molecule

PANEL = (240, 170)
"""Width and height of one molecule, pixels; shown at half of it, so that it is sharp on a dense screen."""
SIDE_BY_SIDE = 2
COLOURS = 48


def size_of(reactions: Reactions, row: int) -> tuple[int, int]:
    """Width and height of the picture of one reaction, pixels."""
    n = int(reactions.offsets[row + 1] - reactions.offsets[row])
    return min(n, SIDE_BY_SIDE) * PANEL[0], -(-n // SIDE_BY_SIDE) * PANEL[1]


def draw_reaction(reactions: Reactions, row: int) -> bytes:
    """A PNG of all molecules of one reaction, in the order of its parts, white behind."""
    from rdkit import rdBase
    from rdkit.Chem.Draw import rdMolDraw2D

    own = slice(reactions.offsets[row], reactions.offsets[row + 1])
    molecules = [rdkit_molecule(str(reactions.molecules[member])) for member in reactions.members[own]]
    names = [reactions.parts[place].name for place in reactions.places[own]]
    with rdBase.BlockLogs():
        canvas = rdMolDraw2D.MolDraw2DCairo(*size_of(reactions, row), *PANEL)
        options: Any = canvas.drawOptions()
        options.legendFontSize = 22
        options.minFontSize = 14
        canvas.DrawMolecules(molecules, legends=names)
        canvas.FinishDrawing()
    return with_few_colours(io.BytesIO(canvas.GetDrawingText()), COLOURS)

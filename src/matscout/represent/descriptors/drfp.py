"""Differential reaction fingerprint: substructures that a reaction forms or consumes, folded to 2,048 bits."""

from __future__ import annotations

import numpy as np

from matscout.data.reactions.column_store import Part, Reactions
from matscout.data.reactions.shingles import LENGTH, folded
from matscout.represent.reaction_representation import Floats, ReactionRepresentation


class Drfp(ReactionRepresentation):
    """See :mod:`matscout.data.reactions.shingles`.

    Equal to the package drfp 0.3.7 with its usual settings where that is given the canonical SMILES: of a metal complex
    or a chiral centre it says something else for another way of writing it.

    Agents count among what goes in. The columns are the same whatever the parts are.
    """

    def columns_for(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """``"DRFP bit 17"``."""
        return tuple(f"DRFP bit {place}" for place in range(LENGTH))

    def vectors(self, reactions: Reactions) -> Floats:
        """0 or 1 for each place."""
        return folded(reactions).astype(np.float64)

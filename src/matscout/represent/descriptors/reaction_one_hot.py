"""Molecules that take part in a reaction, one column each, without any chemistry of the molecules."""

from __future__ import annotations

import numpy as np

from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Part, Reactions
from matscout.represent.base import Embedding, reactions_of
from matscout.represent.reaction_representation import Floats, ReactionRepresentation


class ReactionOneHot(ReactionRepresentation):
    """A column for each molecule and part that occurs in the batch: how often it does in each reaction.

    The columns are those of the reactions at hand; a model keeps those of its training, and has zeros for the others.
    """

    open_ended = True

    def columns_for(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """None: they depend on the reactions."""
        return ()

    def vectors(self, reactions: Reactions) -> Floats:
        """Counts of the molecules that occur, parts one after the other."""
        return np.concatenate(
            [reactions.counts(place, _present(reactions, place)) for place in _all(reactions)], axis=1
        )

    def represent(self, materials: Materials) -> Embedding:
        """``"ligand = SMILES"`` for every ligand that occurs; ``"SMILES (reactant)"`` where there may be several."""
        reactions = reactions_of(materials, self.name)
        columns = tuple(
            _column(reactions.parts[place], str(reactions.molecules[member]))
            for place in _all(reactions)
            for member in _present(reactions, place)
        )
        return Embedding(self.vectors(reactions), np.arange(len(reactions)), columns)


def _column(part: Part, smiles: str) -> str:
    return f"{smiles} ({part.name})" if part.several else f"{part.name} = {smiles}"


def _all(reactions: Reactions) -> range:
    return range(len(reactions.parts))


def _present(reactions: Reactions, place: int) -> list[int]:
    """Molecules that stand in a part of any of the reactions, in alphabetical order."""
    members = np.unique(reactions.members[reactions.places == place])
    return sorted(members.tolist(), key=lambda member: str(reactions.molecules[member]))

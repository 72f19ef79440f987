"""Element vectors of the composition graph neural fingerprint, 90 components.

J. Jang et al., "Synthesizability of materials stoichiometry using semi-supervised learning", Matter 7, 2294 (2024).
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Cgnf(TableRepresentation):
    """Node embeddings of a graph network trained on crystals."""

    title = "CGNF"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("cgnf.json")

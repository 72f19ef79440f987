"""Node features of the generative crystal model Chemeleon, 512 components.

H. Park et al., Nat. Commun. (2025), doi:10.1038/s41467-025-59636-y; means over MP-20.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Chemeleon(TableRepresentation):
    """87 elements up to plutonium."""

    title = "Chemeleon"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("chemeleon.csv")

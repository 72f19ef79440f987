"""Node features of the generative crystal model Chemeleon, 512 components.

H. Park et al., Nat. Commun. (2025), doi:10.1038/s41467-025-59636-y; means over MP-20.
"""

from __future__ import annotations

from matscout.represent.table_representation import TableRepresentation
from matscout.represent.tables import ElementTable, elementembeddings_table


class Chemeleon(TableRepresentation):
    """87 elements up to plutonium."""

    title = "Chemeleon"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("chemeleon.csv")

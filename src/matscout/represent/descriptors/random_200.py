"""Random normal vectors, 200 components: the control that every learnt table must beat.

Drawn by ElementEmbeddings from N(0, 1) with a fixed seed.
"""

from __future__ import annotations

from matscout.represent.table_representation import TableRepresentation
from matscout.represent.tables import ElementTable, elementembeddings_table


class Random200(TableRepresentation):
    """114 elements: those without a vector under their present name are left out."""

    title = "Random200"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("random_200_new.csv")

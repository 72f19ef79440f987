"""Random normal vectors, 200 components: the control that every learnt table must beat.

Drawn by ElementEmbeddings, which calls it random_200, from N(0, 0.1) with a fixed seed (its file random_200_new.csv).
Its older file random_200.csv, which this one replaced, has a single row for gallium and germanium together.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Random200(TableRepresentation):
    """114 elements: those without a vector under their present name are left out."""

    title = "Random200"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("random_200_new.csv")

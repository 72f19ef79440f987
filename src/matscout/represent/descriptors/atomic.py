"""Atomic numbers as ElementEmbeddings has them: one-hot vectors in order of atomic number.

ElementEmbeddings' control without chemistry; equal to ``one-hot``.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Atomic(TableRepresentation):
    """One unit vector per element."""

    title = "Atomic"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("atomic.json")

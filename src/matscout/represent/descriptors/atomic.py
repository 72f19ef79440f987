"""Atomic numbers as ElementEmbeddings has them: one-hot vectors in order of atomic number.

ElementEmbeddings' control without chemistry; equal to ``one-hot``.
"""

from __future__ import annotations

from matscout.represent.table_representation import TableRepresentation
from matscout.represent.tables import ElementTable, elementembeddings_table


class Atomic(TableRepresentation):
    """One unit vector per element."""

    title = "Atomic"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("atomic.json")

"""Invariant atom features of the interatomic potential MACE-MP-0, 128 components.

I. Batatia et al., arXiv:2401.00096; means over MP-20.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class MaceMp0(TableRepresentation):
    """87 elements up to plutonium."""

    title = "MACE-MP-0"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("mace_mp0.csv")

"""Node features of the interatomic potential ORB-v2, 256 components.

M. Neumann et al., arXiv:2410.22570; means over MP-20.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class OrbV2(TableRepresentation):
    """87 elements up to plutonium."""

    title = "ORB-v2"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("orb_v2.csv")

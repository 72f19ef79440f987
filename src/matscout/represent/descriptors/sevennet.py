"""Scalar node features of the interatomic potential SevenNet-0, 128 components.

Y. Park et al., J. Chem. Theory Comput. (2024), arXiv:2402.03789; means over MP-20.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Sevennet(TableRepresentation):
    """87 elements up to plutonium."""

    title = "SevenNet"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("sevennet.csv")

"""Atom features of the interatomic potential CHGNet, 64 components.

B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3; means over MP-20.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Chgnet(TableRepresentation):
    """87 elements up to plutonium."""

    title = "CHGNet"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("chgnet.csv")

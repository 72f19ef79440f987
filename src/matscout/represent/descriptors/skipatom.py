"""Element vectors that predict their neighbours in crystals, 200 components.

L. M. Antunes et al., npj Comput. Mater. 8, 44 (2022), doi:10.1038/s41524-022-00729-3.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class SkipAtom(TableRepresentation):
    """86 elements, with induced vectors."""

    title = "SkipAtom"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("skipatom_20201009_induced.csv")

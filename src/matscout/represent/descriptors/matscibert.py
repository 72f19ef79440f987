"""Token vectors of the element symbols in the language model MatSciBERT, 768 components.

T. Gupta et al., npj Comput. Mater. 8, 102 (2022), doi:10.1038/s41524-022-00784-w.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Matscibert(TableRepresentation):
    """97 elements up to berkelium."""

    title = "MatSciBERT"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("matscibert.csv")

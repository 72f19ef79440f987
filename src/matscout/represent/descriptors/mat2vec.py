"""Word vectors of the elements from 3.3 million abstracts, 200 components.

V. Tshitoyan et al., Nature 571, 95 (2019), doi:10.1038/s41586-019-1335-8.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Mat2Vec(TableRepresentation):
    """All 118 elements."""

    title = "Mat2Vec"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("mat2vec.csv")

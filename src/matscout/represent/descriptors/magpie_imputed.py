"""Magpie as ElementEmbeddings ships it: 22 properties, blanks filled in by that source.

L. Ward et al., npj Comput. Mater. 2, 16028 (2016), doi:10.1038/npjcompumats.2016.28. Prefer ``magpie``, which tells
what is blank; this one is here for comparison with published numbers.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class MagpieImputed(TableRepresentation):
    """97 elements up to berkelium."""

    title = "MagpieImputed"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("magpie.csv")

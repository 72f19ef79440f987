"""Magpie properties scaled to comparable ranges, 22 components.

L. Ward et al., npj Comput. Mater. 2, 16028 (2016), doi:10.1038/npjcompumats.2016.28; scaling of ElMD.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class MagpieSc(TableRepresentation):
    """97 elements up to berkelium."""

    title = "MagpieScaled"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("magpie_sc.json")

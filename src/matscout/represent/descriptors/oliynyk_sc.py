"""Oliynyk's 44 properties scaled to comparable ranges.

A. O. Oliynyk et al., Chem. Mater. 28, 7324 (2016), doi:10.1021/acs.chemmater.6b02724; scaling of ElMD.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class OliynykSc(TableRepresentation):
    """85 elements: hydrogen to bismuth, thorium and uranium."""

    title = "OliynykScaled"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("oliynyk_sc.json")

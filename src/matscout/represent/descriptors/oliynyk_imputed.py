"""Oliynyk's 44 properties with blanks filled in by the source.

A. O. Oliynyk et al., Chem. Mater. 28, 7324 (2016), doi:10.1021/acs.chemmater.6b02724. What ElementEmbeddings calls
``oliynyk``; prefer ``oliynyk``, which tells what is blank.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class OliynykImputed(TableRepresentation):
    """85 elements: hydrogen to bismuth, thorium and uranium."""

    title = "OliynykImputed"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("oliynyk_preprocessed.csv")

"""44 elemental properties chosen for intermetallics, six statistics each.

A. O. Oliynyk et al., Chem. Mater. 28, 7324 (2016), doi:10.1021/acs.chemmater.6b02724. Blanks (mostly Miracle radii of
hydrogen, halogens and noble gases) stay NaN and are reported.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class Oliynyk(TableRepresentation):
    """85 elements: hydrogen to bismuth, thorium and uranium."""

    title = "Oliynyk"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("oliynyk.csv")

"""58 elemental properties of the package XenonPy, six statistics each.

C. Liu et al., Adv. Mater. 33, 2102507 (2021), "Machine learning to predict quasicrystals from chemical compositions".
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class Xenonpy(TableRepresentation):
    """94 elements up to plutonium."""

    title = "XenonPy"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("xenonpy_element_features.csv")

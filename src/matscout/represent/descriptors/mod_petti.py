"""One-hot vectors in the order of the modified Pettifor scale.

H. Glawe et al., New J. Phys. 18, 093011 (2016), doi:10.1088/1367-2630/18/9/093011. ElementEmbeddings'
convention: the scale orders the components of unit vectors.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class ModPetti(TableRepresentation):
    """103 elements up to lawrencium, chemically similar ones side by side."""

    title = "ModifiedPettifor"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("mod_petti.json")

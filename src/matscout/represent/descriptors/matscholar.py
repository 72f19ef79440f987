"""Word vectors of the elements from the Matscholar corpus, 200 components.

L. Weston et al., J. Chem. Inf. Model. 59, 3692 (2019), doi:10.1021/acs.jcim.9b00470.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Matscholar(TableRepresentation):
    """103 elements up to lawrencium."""

    title = "Matscholar"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("matscholar-embedding.json")

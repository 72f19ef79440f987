"""Element vectors of the graph network MEGNet, 16 components.

C. Chen et al., Chem. Mater. 31, 3564 (2019), doi:10.1021/acs.chemmater.9b01294.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, elementembeddings_table
from matscout.represent.table_representation import TableRepresentation


class Megnet16(TableRepresentation):
    """Learnt from formation energies."""

    title = "MEGNet16"

    @staticmethod
    def table() -> ElementTable:
        """From the installed package ElementEmbeddings."""
        return elementembeddings_table("megnet16.json")

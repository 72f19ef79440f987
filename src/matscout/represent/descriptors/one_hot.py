"""One-hot element vectors, pooled: the control without chemistry for every learnt table."""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, identity_table
from matscout.represent.table_representation import TableRepresentation


class OneHot(TableRepresentation):
    """One unit vector per element, 118 components, pooled like the learnt tables."""

    title = "OneHot"

    @staticmethod
    def table() -> ElementTable:
        """The identity matrix."""
        return identity_table()

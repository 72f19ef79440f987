"""Pooled element vectors of a table that you choose: elements=mat2vec, elements=oliynyk, elements=one-hot ..."""

from __future__ import annotations

from matscout.represent.element_catalogue import element_sources
from matscout.represent.table_representation import TableRepresentation


class Elements(TableRepresentation):
    """``elements=mat2vec``: the mean and the spread, or more, of one vector for each element.

    The tables stand in ``elements.toml``, and ``matscout representations`` lists them. A table that was averaged from a
    force field's atoms (``elements=chgnet``) knows the elements only; ``force-field-chgnet`` looks at the structure.

    Parameters
    ----------
    table
        Name of the table.
    poolings
        Names out of :data:`matscout.represent.pooling.POOLINGS`; None for those that are usual for the table.
    """

    def __init__(self, table: str = "", poolings: tuple[str, ...] | None = None) -> None:
        super().__init__(table, poolings)

    @classmethod
    def missing(cls) -> str:
        """A table has to be named."""
        return "the name of a table: elements=NAME (matscout representations lists all)"

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """One for each table."""
        return tuple(source.address for source in element_sources().values())

    @property
    def name(self) -> str:
        """With the name of the table."""
        return f"{super().name}={self.table}" if self.table else super().name

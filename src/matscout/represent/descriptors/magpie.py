"""22 elemental properties, six statistics each: the field's standard composition descriptor.

L. Ward et al., npj Comput. Mater. 2, 16028 (2016), doi:10.1038/npjcompumats.2016.28. Values, column names and blanks
(NaN, reported) are those of matminer's ``ElementProperty.from_preset("magpie", impute_nan=False)``.
"""

from __future__ import annotations

from matscout.crystal.tables import ElementTable, own_table
from matscout.represent.table_representation import PROPERTIES, TableRepresentation


class Magpie(TableRepresentation):
    """Magpie statistics: 132 columns with the default poolings. Elements 113 to 118 are listed but blank."""

    title = "MagpieData"
    default_poolings = PROPERTIES

    @staticmethod
    def table() -> ElementTable:
        """Atomic weight (u), covalent radius (pm), melting temperature (K), electron counts, OQMD ground states."""
        return own_table("magpie")

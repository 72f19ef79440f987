"""22 elemental properties, six statistics each: the field's standard composition descriptor.

L. Ward et al., npj Comput. Mater. 2, 16028 (2016), doi:10.1038/npjcompumats.2016.28. Values, column names and blanks
(NaN, reported) are those of matminer's ``ElementProperty.from_preset("magpie", impute_nan=False)``.
"""

from __future__ import annotations

from matscout.represent.table_representation import TableRepresentation


class Magpie(TableRepresentation):
    """Magpie statistics: 132 columns with the default poolings. Elements 113 to 118 are listed but blank.

    The vectors of ``elements=magpie``, under the name that the field knows.
    """

    def __init__(self, poolings: tuple[str, ...] | None = None) -> None:
        super().__init__("magpie", poolings)

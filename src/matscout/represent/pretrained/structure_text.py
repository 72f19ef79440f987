"""Language-model vector of a description of the crystal in plain English (needs transformers)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.represent.base import Needs, structures_of
from matscout.represent.language.text_representation import Text, TextRepresentation


class StructureText(TextRepresentation):
    """Prototype, symmetry, dimensionality, and geometry, bonds and connections of each site, as matscout tells them.

    J. Qu et al., doi:10.1038/s41524-024-01231-8, had robocrystallographer tell them; see
    :func:`matscout.represent.describing.describe`.
    """

    needs: ClassVar[Needs] = "structure"

    def texts(self, materials: Materials) -> Sequence[Text]:
        """Descriptions of ordered crystals.

        Raises
        ------
        UsageError
            If the materials have no structures.
        """
        from matscout.represent.describing.describe import describe

        structures = structures_of(materials, self.name, "composition-text")
        formulas = materials.formulas
        return [
            text
            if isinstance(text, str)
            else RowProblem(row + 1, str(formulas[row]), text.reason, "give an ordered model, or use composition-text")
            for row, text in enumerate(describe(structures))
        ]

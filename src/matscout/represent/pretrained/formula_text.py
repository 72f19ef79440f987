"""Language-model vector of the formula as a text, by MatBERT or similar models (needs transformers)."""

from __future__ import annotations

from collections.abc import Sequence

from matscout.data.materials import Materials
from matscout.represent.describing.formulas import reduced_formula
from matscout.represent.language.text_representation import Text, TextRepresentation


class FormulaText(TextRepresentation):
    """``"Bi2Te3"``, as in J. Qu et al., doi:10.1038/s41524-024-01231-8; for models that learned from papers.

    ``formula-text=FOLDER`` takes MatBERT, MatSciBERT or any other model; the packaged one knows little of formulas.
    """

    def texts(self, materials: Materials) -> Sequence[Text]:
        """Reduced formulas in the order of IUPAC; doped ones as atomic fractions of four digits."""
        return [reduced_formula(materials.compositions.to_dict(row)) for row in range(len(materials))]

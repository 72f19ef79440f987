"""Language-model vector of a sentence with the names and shares of the elements (needs transformers)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.represent.describing.formulas import iupac_places
from matscout.represent.language.text_representation import Text, TextRepresentation


class CompositionText(TextRepresentation):
    """``"lead 50 %, tellurium 50 %"``: what a model of general English knows best.

    Its neighbours are more alike than those of the bare formula, and less than those of any descriptor
    (``benchmarks/neighbours.py``).
    """

    def texts(self, materials: Materials) -> Sequence[Text]:
        """Elements by their share, equal ones in the order of formulas."""
        names, texts = element_names(), []
        places = iupac_places()
        compositions = materials.compositions
        for row in range(len(materials)):
            entries = slice(compositions.offsets[row], compositions.offsets[row + 1])
            shares, elements = compositions.fractions[entries], compositions.elements[entries].astype(np.int64)
            order = np.lexsort((places[elements - 1], -np.round(shares, 9)))
            texts.append(", ".join(f"{names[elements[place] - 1]} {100 * shares[place]:.4g} %" for place in order))
        return texts


def element_names() -> tuple[str, ...]:
    """Names of the elements, lower case, by atomic number."""
    from pymatgen.core import Element

    return tuple(Element(symbol).long_name.lower() for symbol in SYMBOLS)

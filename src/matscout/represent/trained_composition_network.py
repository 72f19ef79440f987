"""What representations by a trained encoder of compositions share: vectors, and how unsure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.represent.base import Embedding
from matscout.represent.table_representation import drop_unlisted, in_row_order
from matscout.represent.trained_network import TrainedNetwork

if TYPE_CHECKING:
    from matscout.represent.array_encoder import CompositionArrayEncoder

PERCENTILES = "percentiles of the variance"
"""Fact of an artefact: variances at the percentiles 0, 1, ... 100 of the formulas that were learned from."""
ELEMENTS = "elements learned from"
"""Fact of an artefact: symbols of the elements of these formulas."""


@dataclass(frozen=True, eq=False)
class Ambiguity:
    """How far the vector of each of m compositions might lie from where it is said to be.

    Parameters
    ----------
    variances
        float64 [m], the geometric mean of the variances of the components of its vector, of norm 1.
    rows
        int64 [m], ascending: which of the n materials.
    problems
        One for each material that cannot be encoded, and for each that has an element of which no formula was learned
        from: how unsure the network is of it says nothing.
    percentiles
        float64 [m], 0-100: how many in a hundred of the formulas that were learned from vary less, NaN with an element
        of which none was.
    """

    variances: NDArray[np.float64]
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]
    percentiles: NDArray[np.float64]


class TrainedCompositionNetwork(TrainedNetwork):
    """The encoder of compositions of an artefact.

    A material with an element of which the encoder knows nothing is left out with the reason.

    Parameters
    ----------
    weights
        Folder of the artefact; None for weights that come with matscout, where a subclass names some.
    """

    tolerance: ClassVar[float] = 1e-5

    @property
    def columns(self) -> tuple[str, ...]:
        """``"<name> 1"`` ..., e.g. ``"composition-network 1"``."""
        return tuple(f"{self.name} {place}" for place in range(1, self.array_encoder.width + 1))

    @property
    def array_encoder(self) -> CompositionArrayEncoder:
        """The encoder of compositions on arrays."""
        return cast("CompositionArrayEncoder", super().array_encoder)

    def represent(self, materials: Materials) -> Embedding:
        """Encode all materials, those with equally many elements together."""
        encoder = self.array_encoder
        rows, problems = drop_unlisted(materials, encoder.listed, self.name)
        vectors, _ = encoder.encode(materials.compositions[rows])
        return Embedding(vectors, rows, self.columns, in_row_order(problems))

    def uncertainty(self, materials: Materials) -> Ambiguity:
        """How much a formula could be many things.

        Raises
        ------
        UsageError
            If the network tells vectors only, or learned no variances.
        """
        stored, encoder = self.stored(), self.array_encoder
        rows, problems = drop_unlisted(materials, encoder.listed, self.name)
        _, spread = encoder.encode(materials.compositions[rows])
        if spread is None or PERCENTILES not in stored.facts or not stored.objective.settings.get("samples"):
            raise UsageError(
                f"{self.name} gives vectors without learned variances; networks trained with matscout pretrain "
                "polysrl give both"
            )
        variances = np.exp(spread)
        strange = self._strange(materials.compositions[rows])
        problems = [*problems, *(_of_strange(materials, int(rows[place]), ions) for place, ions in strange.items())]
        return Ambiguity(variances, rows, in_row_order(problems), self._percentiles(variances, [*strange]))

    def _percentiles(self, variances: NDArray[np.float64], strange: list[int]) -> NDArray[np.float64]:
        """Places among the percentiles 0, 1, ... 100 of the formulas that were learned from."""
        known = self.stored().facts[PERCENTILES]
        percentiles = np.interp(variances, known, np.linspace(0.0, 100.0, len(known)))
        percentiles[strange] = np.nan
        return percentiles

    def _strange(self, compositions: Compositions) -> dict[int, str]:
        """Place of a composition -> its first element that no formula had that was learned from."""
        known = np.isin(SYMBOLS, self.stored().facts[ELEMENTS])[compositions.elements.astype(np.int64) - 1]
        elements: dict[int, str] = {}
        for entry in np.flatnonzero(~known):
            elements.setdefault(int(compositions.rows[entry]), SYMBOLS[int(compositions.elements[entry]) - 1])
        return elements


def facts_of(encoder: CompositionArrayEncoder, compositions: Compositions) -> dict[str, Any]:
    """What an artefact says of the compositions that were learned from; nothing of an encoder without variances."""
    numbers = np.unique(compositions.elements).tolist()
    usable = encoder.listed[compositions.elements.astype(np.int64) - 1]
    first = np.unique(compositions.keys(), return_index=True)[1]
    _, spread = encoder.encode(compositions[np.setdiff1d(first, compositions.rows[~usable])])
    if spread is None:
        return {}
    variances = np.percentile(np.exp(spread), np.arange(101))
    return {
        PERCENTILES: [float(f"{value:.6g}") for value in variances],
        ELEMENTS: [SYMBOLS[number - 1] for number in numbers],
    }


def _of_strange(materials: Materials, row: int, symbol: str) -> RowProblem:
    reason = f"no formula with {symbol} was in the training data, so the uncertainty of the network means nothing"
    advice = "do not use its variance"
    return RowProblem(row + 1, str(materials.formulas[row]), reason, advice, dropped=False)

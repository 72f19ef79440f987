"""Pooled vectors of ions: the oxidation states are guessed, then each ion is looked up."""

from __future__ import annotations

import csv
import re
from abc import abstractmethod
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.oxidation import guess_oxidation_states
from matscout.crystal.tables import elementembeddings_folder
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS, SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.represent.base import Embedding
from matscout.represent.pooling import FloatArray, pool
from matscout.represent.table_representation import PooledRepresentation, drop_unlisted, in_row_order

_LARGEST_STATE = 9
_ION = re.compile(r"(?P<symbol>[A-Z][a-z]?)(?P<charge>\d*)(?P<sign>[+-])")


@dataclass(frozen=True, eq=False)
class SpeciesVectors:
    """Vectors of v ions.

    Parameters
    ----------
    ions
        (element symbol, oxidation state) of each vector.
    vectors
        float64 [v, p].
    nearest
        intp [118, 19]: the vector to use for an element in state q, at column q + 9; that of the nearest state the
        source has (of two, the lower one). -1 for an element without any.
    """

    ions: tuple[tuple[str, int], ...]
    vectors: FloatArray
    nearest: NDArray[np.intp]

    @property
    def listed(self) -> NDArray[np.bool_]:
        """True for elements of which the source has at least one ion, [118]."""
        return self.nearest[:, 0] >= 0

    def positions(self, compositions: Compositions, states: FloatArray) -> NDArray[np.intp]:
        """The vector of each entry, [entries]."""
        return self.nearest[compositions.elements.astype(np.intp) - 1, states.astype(np.intp) + _LARGEST_STATE]


@cache
def species_vectors(file_name: str) -> SpeciesVectors:
    """A species table of the installed package ElementEmbeddings."""
    path = elementembeddings_folder() / "species_representations" / file_name
    with path.open(encoding="utf-8", newline="") as file:
        _, *lines = csv.reader(file)
    ions = tuple(_parse_ion(line[0]) for line in lines)
    vectors = np.array([line[1:] for line in lines], dtype=np.float64)
    nearest = np.full((N_ELEMENTS, 2 * _LARGEST_STATE + 1), -1, dtype=np.intp)
    for symbol in {symbol for symbol, _ in ions}:
        own = sorted((state, position) for position, (other, state) in enumerate(ions) if other == symbol)
        for state in range(-_LARGEST_STATE, _LARGEST_STATE + 1):
            _, position = min(own, key=lambda ion: abs(ion[0] - state))
            nearest[ATOMIC_NUMBERS[symbol] - 1, state + _LARGEST_STATE] = position
    return SpeciesVectors(ions, vectors, nearest)


def _parse_ion(text: str) -> tuple[str, int]:
    """``"Fe3+"`` -> ("Fe", 3); no digit means one charge."""
    match = _ION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ion such as Fe3+")
    return match["symbol"], int(match["sign"] + (match["charge"] or "1"))


class SpeciesRepresentation(PooledRepresentation):
    """Pools ion vectors; a concrete one names its ``title`` and :meth:`source`."""

    @staticmethod
    @abstractmethod
    def source() -> SpeciesVectors:
        """The ions and their vectors."""

    @property
    def components(self) -> tuple[str, ...]:
        """Numbered from 0."""
        return tuple(str(component) for component in range(self.vectors().shape[1]))

    def vectors(self) -> FloatArray:
        """The vectors of all ions."""
        return self.source().vectors

    def represent(self, materials: Materials) -> Embedding:
        """Guess the oxidation states (:mod:`matscout.crystal.oxidation`) and pool the vectors of the ions.

        A material with an element of which the source has no ion is left out; an ion in a state that the source does
        not have is replaced by that in the nearest state. Both are reported.
        """
        source = self.source()
        rows, problems = drop_unlisted(materials, source.listed, self.title)
        compositions = materials.compositions[rows]
        states = guess_oxidation_states(compositions).states
        positions = source.positions(compositions, states)
        vectors = pool(source.vectors, positions, compositions, self.checked_poolings())
        problems += self._remark_replaced(materials[rows], rows, states, positions)
        return Embedding(vectors, rows, self.columns, in_row_order(problems))

    def _remark_replaced(
        self, materials: Materials, rows: NDArray[np.int64], states: FloatArray, positions: NDArray[np.intp]
    ) -> list[RowProblem]:
        """One remark per row with a replaced ion; ``rows`` are the positions of ``materials`` in the input."""
        ions = self.source().ions
        used = np.array([state for _, state in ions])[positions]
        replaced: dict[int, list[str]] = {}
        for entry in np.flatnonzero(used != states):
            symbol = SYMBOLS[materials.compositions.elements[entry] - 1]
            text = f"{symbol}({states[entry]:+.0f}) by {symbol}({used[entry]:+d})"
            replaced.setdefault(int(materials.compositions.rows[entry]), []).append(text)
        return [
            RowProblem(
                int(rows[row]) + 1,
                str(materials.formulas[row]),
                f"{self.title} does not have every ion; replaced {', '.join(texts)}",
                "check that these oxidation states are close enough, or choose a representation of elements",
                dropped=False,
            )
            for row, texts in replaced.items()
        ]

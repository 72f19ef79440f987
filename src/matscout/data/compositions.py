"""Many compositions as one sparse column store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.contents import Contents
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS, SYMBOLS
from matscout.data.ragged import Rows, chosen
from matscout.data.read_only import lock
from matscout.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Compositions(Contents, Shown):
    """n compositions in compressed sparse rows.

    Parameters
    ----------
    offsets
        int64 [n + 1], starting at 0: composition i owns the entries ``offsets[i]:offsets[i + 1]``.
    elements
        uint8 [entries], atomic numbers, ascending and unique within one composition.
    amounts
        float64 [entries], positive amounts as written (not normalised).
    """

    offsets: NDArray[np.int64]
    elements: NDArray[np.uint8]
    amounts: NDArray[np.float64]

    def __post_init__(self) -> None:
        lock(self)

    @classmethod
    def from_dicts(cls, compositions: Iterable[Mapping[str, float]]) -> Compositions:
        """From mappings of element symbol to amount, e.g. ``[{"Fe": 2, "O": 3}]``."""
        rows = [sorted((ATOMIC_NUMBERS[symbol], amount) for symbol, amount in row.items()) for row in compositions]
        offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        flat = [entry for row in rows for entry in row]
        elements = np.array([number for number, _ in flat], dtype=np.uint8)
        return cls(offsets, elements, np.array([amount for _, amount in flat], dtype=np.float64))

    @classmethod
    def concatenate(cls, parts: Sequence[Compositions]) -> Compositions:
        """One store holding all rows of ``parts`` in order."""
        lengths = np.concatenate([[0], *[part.lengths for part in parts]])
        return cls(
            np.cumsum(lengths, dtype=np.int64),
            np.concatenate([np.zeros(0, dtype=np.uint8), *[part.elements for part in parts]]),
            np.concatenate([np.zeros(0), *[part.amounts for part in parts]]),
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: Rows) -> Compositions:
        """The chosen rows; a slice with step 1 shares the memory of the whole."""
        offsets, entries = chosen(self.offsets, index)
        return Compositions(offsets, self.elements[entries], self.amounts[entries])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of distinct elements of each composition, [n]."""
        return np.diff(self.offsets)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The composition that each entry belongs to, [entries]."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def fractions(self) -> NDArray[np.float64]:
        """Amounts divided by their sum within each composition, [entries]."""
        totals = np.add.reduceat(self.amounts, self.offsets[:-1]) if len(self) else np.zeros(0)
        return np.asarray(self.amounts / np.repeat(totals, self.lengths), dtype=np.float64)

    def dense(self) -> NDArray[np.float64]:
        """Atomic fractions by element, [n, 118]; column z - 1 is the element with atomic number z."""
        matrix = np.zeros((len(self), N_ELEMENTS))
        matrix[self.rows, self.elements.astype(np.int64) - 1] = self.fractions
        return matrix

    def to_dict(self, row: int) -> dict[str, float]:
        """Element symbol -> amount of one composition, in order of atomic number."""
        entries = slice(self.offsets[row], self.offsets[row + 1])
        pairs = zip(self.elements[entries], self.amounts[entries], strict=True)
        return {SYMBOLS[number - 1]: float(amount) for number, amount in pairs}

    def keys(self) -> NDArray[np.str_]:
        """One text per composition, equal exactly where the normalised fractions agree to 1e-5, [n]."""
        rounded = np.round(self.fractions, 5)
        tokens = [f"{SYMBOLS[z - 1]}{x:g}" for z, x in zip(self.elements, rounded, strict=True)]
        return self._join(tokens)

    @property
    def made_of(self) -> str:
        """How many elements occur: ``"17 elements"``."""
        return f"{len(np.unique(self.elements))} elements"

    def chemical_systems(self) -> NDArray[np.str_]:
        """The distinct elements of each composition, alphabetical, e.g. ``"Fe-O"``, [n]."""
        symbols = [SYMBOLS[z - 1] for z in self.elements]
        systems = ["-".join(sorted(symbols[start:stop])) for start, stop in pairwise(self.offsets)]
        return np.array(systems, dtype=np.str_)

    def _join(self, tokens: list[str]) -> NDArray[np.str_]:
        joined = [" ".join(tokens[start:stop]) for start, stop in pairwise(self.offsets)]
        return np.array(joined, dtype=np.str_)

    def in_a_line(self) -> str:
        """How many, of how many elements."""
        return f"{counted(len(self), 'row')}, {counted(len(np.unique(self.elements)), 'element')}"

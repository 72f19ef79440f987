"""Parts of a source of materials: what one process reads and represents at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import RowProblem

SIZE = 250
"""Materials in a part: few enough to be done within seconds, many enough to be worth a file."""

QUICK_SIZE = 10_000
"""The same for formulas whose vectors cost microseconds."""


@dataclass(frozen=True, eq=False)
class PartMaterials:
    """The m usable materials of a part, the number of each in the source [m], and the problems of the others."""

    materials: Materials
    numbers: NDArray[np.int64]
    problems: tuple[RowProblem, ...]


class SourcePart(ABC):
    """Some of the materials of a source, perhaps still to be read; travels to another process."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def read(self) -> PartMaterials:
        """The materials."""

    @abstractmethod
    def single(self) -> Sequence[SourcePart]:
        """Each material as a part of its own, to find the one that a part was lost for."""

    @abstractmethod
    def named(self) -> RowProblem:
        """A problem that names the first material of the part, its reason still to be said."""


@dataclass(frozen=True, eq=False)
class MaterialPart(SourcePart):
    """Materials that have been read, with their row numbers [n]."""

    materials: Materials
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.materials)

    def read(self) -> PartMaterials:
        """They are."""
        return PartMaterials(self.materials, self.numbers, ())

    def single(self) -> Sequence[SourcePart]:
        """One material each."""
        rows = [slice(row, row + 1) for row in range(len(self))]
        return [MaterialPart(self.materials[row], self.numbers[row]) for row in rows]

    def named(self) -> RowProblem:
        """Named by its formula."""
        return RowProblem(int(self.numbers[0]), str(self.materials.formulas[0]), "", "")


@dataclass(frozen=True, eq=False)
class Parts:
    """All parts of a source, in order.

    Parameters
    ----------
    parts
        A list, or read on the way.
    total
        How many materials they hold; None if that is known only at the end.
    are_quick
        Whether most of the time goes into handing them over: a list of formulas in memory.
    """

    parts: Iterable[SourcePart]
    total: int | None
    are_quick: bool = False


def parts_of_dataset(dataset: Dataset, size: int = SIZE) -> Parts:
    """Materials that are in memory, ``size`` in a part."""
    numbers = np.arange(1, len(dataset) + 1) if dataset.row_numbers is None else dataset.row_numbers
    places = [slice(start, start + size) for start in range(0, len(dataset), size)]
    parts = [MaterialPart(dataset.materials[place], numbers[place]) for place in places]
    return Parts(parts, len(dataset), are_quick=size == QUICK_SIZE)

"""What defects cost alone and in pairs: the energies of which those of arrangements are sums."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import type_name
from matscout.errors import UsageError
from matscout.predict.pair_law import PairLaw

Floats = NDArray[np.float64]


class PairEnergies(ABC):
    """Energies of single defects and of pairs of them, by distance.

    A kind of defect is ``(was, now)``: the atomic numbers before and after, 0 for a vacancy.
    """

    cutoff: float = np.inf
    """Å; pairs farther apart have no energy."""

    unit: str = "eV"
    """Of the energies."""

    @abstractmethod
    def alone(self, kind: tuple[int, int]) -> float:
        """The energy of one defect.

        Raises
        ------
        UsageError
            If it is not known.
        """

    @abstractmethod
    def between(self, one: tuple[int, int], other: tuple[int, int], distances: Floats, heights: Floats) -> Floats:
        """What pairs of two kinds gain (below 0) or cost, [p].

        Parameters
        ----------
        one, other
            The kinds.
        distances
            float64 [p], Å, all within the cutoff.
        heights
            float64 [p], Å, how far apart along the normal of a layer; 0 where the host is none.

        Raises
        ------
        UsageError
            If they are not known.
        """


class LearnedPairs(PairEnergies):
    """The energies that the model ``defect-pairs`` learned from labels: posterior means.

    Parameters
    ----------
    law
        The fitted pair law.
    host
        Formula of the host.
    unit
        Of its totals.
    """

    def __init__(self, law: PairLaw, host: str, unit: str) -> None:
        self._law, self._host, self.unit = law, host, unit
        self._alone = law.alone()[0]

    def alone(self, kind: tuple[int, int]) -> float:
        """The mean of the law for an arrangement of this defect only."""
        return float(self._alone[self._place(kind)])

    def between(self, one: tuple[int, int], other: tuple[int, int], distances: Floats, heights: Floats) -> Floats:
        """The mean of its v(d)."""
        return np.asarray(self._law.interaction(self._place(one), self._place(other), distances, heights)[0])

    def _place(self, kind: tuple[int, int]) -> int:
        names = self._law.table.types
        name = f"{type_name(*kind)} in {self._host}"
        if name not in names:
            raise UsageError(f"the model has not learned from {name}; it knows {', '.join(names)}")
        return names.index(name)

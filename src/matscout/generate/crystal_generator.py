"""Generators of crystals: a family of plug-ins, and what they draw."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.data.compositions import Compositions
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.data.ragged import Rows
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.shown import Shown, named_few

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Drawn(Shown):
    """n crystals that a generator drew.

    Parameters
    ----------
    materials
        Their formulas, compositions and structures.
    log_likelihoods
        float64 [n], nats, of what the generator chose; NaN where it has none.
    origins
        text [n], where each comes from, in words a chemist reads: ``"template mp-22862, K for Na"``.
    crystals
        Their orbits as they were drawn, n rows; None if the generator draws no orbits.
    conditioned
        Names of the wishes that each crystal meets by the way in which it was made.
    rejected_for
        text [n], the name of a wish that each does not meet; "" where it meets all. All are "" until
        :mod:`matscout.generate.crystal_rejection` has compared them with the wishes.

    Raises
    ------
    ValueError
        If lengths do not fit, or there are no structures.
    """

    materials: Materials
    log_likelihoods: Floats
    origins: NDArray[np.str_]
    crystals: SymmetricCrystals | None = None
    conditioned: frozenset[str] = frozenset()
    rejected_for: NDArray[np.str_] = field(default_factory=lambda: np.zeros(0, dtype="<U1"))

    def __post_init__(self) -> None:
        n = len(self.materials)
        if not len(self.rejected_for):
            object.__setattr__(self, "rejected_for", np.zeros(n, dtype="<U1"))
        lengths = [len(self.log_likelihoods), len(self.origins), len(self.rejected_for)]
        lengths += [] if self.crystals is None else [len(self.crystals)]
        if {*lengths} != {n} or self.materials.structures is None:
            raise ValueError(f"expected structures, likelihoods, origins and orbits of {n} crystals; got {lengths}")
        lock(self)

    @classmethod
    def of_orbits(
        cls,
        crystals: SymmetricCrystals,
        origins: Sequence[str] | NDArray[np.str_],
        log_likelihoods: Floats | None = None,
        conditioned: frozenset[str] = frozenset(),
    ) -> Drawn:
        """From n crystals with orbits; their structures are primitive cells.

        Parameters
        ----------
        crystals, conditioned
            As the fields.
        origins
            n texts.
        log_likelihoods
            float64 [n]; None if there are none.
        """
        n = len(crystals)
        scores = np.full(n, np.nan) if log_likelihoods is None else log_likelihoods
        materials = materials_with(crystals.structures(primitive=True), crystals.compositions)
        return cls(materials, scores, np.asarray(origins, dtype=np.str_).reshape(n), crystals, conditioned)

    @classmethod
    def joined(cls, parts: Sequence[Drawn]) -> Drawn:
        """The crystals of all parts (one or more), numbered in their order."""
        orbits = [part.crystals for part in parts if part.crystals is not None]
        materials = Materials(
            np.arange(1, 1 + sum(map(len, parts))).astype(np.str_),
            np.concatenate([part.materials.formulas for part in parts]),
            Compositions.concatenate([part.materials.compositions for part in parts]),
            Structures.joined([part.structures for part in parts]),
        )
        return cls(
            materials,
            np.concatenate([part.log_likelihoods for part in parts]),
            np.concatenate([part.origins for part in parts]),
            SymmetricCrystals.joined(orbits) if len(orbits) == len(parts) else None,
            frozenset.intersection(*(part.conditioned for part in parts)),
            np.concatenate([part.rejected_for for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.materials)

    def __getitem__(self, rows: Rows) -> Drawn:
        """The chosen crystals."""
        return replace(
            self,
            materials=self.materials[rows],
            log_likelihoods=self.log_likelihoods[rows],
            origins=self.origins[rows],
            crystals=None if self.crystals is None else self.crystals[rows],
            rejected_for=self.rejected_for[rows],
        )

    @property
    def structures(self) -> Structures:
        """Those of the materials, n rows."""
        structures = self.materials.structures
        if structures is None:
            raise ValueError("drawn crystals have structures")
        return structures

    def in_a_line(self) -> str:
        """How many, and the first formulas."""
        return f"{counted(len(self), 'crystal')}: {named_few(self.materials.formulas[:6])}"


def materials_with(structures: Structures, compositions: Compositions) -> Materials:
    """Materials with these structures and compositions, n rows each; formulas in lowest terms, named by their place."""
    formulas = [format_formula(compositions.to_dict(row)) for row in range(len(compositions))]
    ids = [str(row) for row in range(1, len(formulas) + 1)]
    return Materials(np.array(ids, dtype=np.str_), np.array(formulas, dtype=np.str_), compositions, structures)


class CrystalGenerator(ABC):
    """Draws crystals; one file in ``generate/crystal_generators`` each, whose constructor takes its settings.

    A generator draws batch after batch. What a batch holds depends on the wishes, the seed and the number of the batch
    only, so that batches may be drawn in any process and a stopped run goes on with the next one.
    """

    conditions: ClassVar[frozenset[str]] = frozenset()
    """Names of the wishes (fields of :class:`CrystalWishes`) that it meets by construction; the others are met by
    rejection, outside of it."""

    batch_size: ClassVar[int] = 256
    """Crystals of a batch at most."""

    def check(self, wishes: CrystalWishes) -> None:  # noqa: B027 - most have nothing to refuse
        """Raise before any other work what :meth:`draw` would raise."""

    @abstractmethod
    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn | None:
        """The crystals of one batch, those drawn first or likeliest first; None behind the last batch.

        Parameters
        ----------
        wishes
            What is wanted; those named in :attr:`conditions` are met exactly.
        batch
            Number of the batch, from 0.
        seed
            Of random choices; a generator without any ignores it.

        Raises
        ------
        UsageError
            If no crystal of the generator can meet the wishes; the message names what would do.
        """

    def sample(self, wishes: CrystalWishes, n: int, seed: int = 0, first: int = 0) -> Iterator[Drawn]:
        """About n crystals, batch after batch; fewer if there are no more.

        Parameters
        ----------
        wishes, seed
            As for :meth:`draw`.
        n
            How many are drawn at most. The first of them are the same whatever n is.
        first
            The batch to begin with: a run that was stopped goes on with the batch it was at.
        """
        left = n
        for batch in count(first):
            if left <= 0 or (drawn := self.draw(wishes, batch, seed)) is None:
                return
            yield drawn[:left] if len(drawn) > left else drawn
            left -= len(drawn)

    def wishes_met(self, wishes: CrystalWishes) -> frozenset[str]:
        """The names of the wishes that are asked for and met by construction."""
        return self.conditions & wishes.asked

"""Crystal structures with their compositions: the known polymorphs of each formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from matscout.crystal.environments import Surroundings
from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.represent.composition_batches import CompositionStore
from matscout.represent.corpora.crystal_structures import CrystalStructures
from matscout.represent.polymorph_batches import PolymorphBatch
from matscout.represent.trainable import BatchKind


class Polymorphs(CrystalStructures):
    """Ordered crystals, each with its composition; crystals of one composition are its polymorphs.

    Compositions are one if their atomic fractions agree to 1e-5. Parameters and errors are those of
    :class:`~matscout.represent.corpora.crystal_structures.CrystalStructures`, without labels. A batch counts crystals,
    not sites.

    Parameters
    ----------
    compositions
        So many at most, drawn at random, with all of their crystals; those of a smaller number are among those of a
        larger one. None for all.
    """

    needs: ClassVar[BatchKind] = "polymorphs"

    def __init__(
        self,
        structures: str,
        *,
        surroundings: Surroundings = "nearest",
        number: int = 12,
        merged: bool = True,
        most_sites: int = 200,
        compositions: int | None = None,
    ) -> None:
        if compositions is not None and compositions < 1:
            raise UsageError(f"data.compositions is at least 1, or null for all; got {compositions}")
        self._most = compositions
        super().__init__(
            structures,
            surroundings=surroundings,
            number=number,
            merged=merged,
            most_sites=most_sites,
        )
        known = self._materials.compositions
        _, first, self._formulas = np.unique(known.keys(), return_index=True, return_inverse=True)
        if len(first) < 2:
            raise InputError(
                f"all crystals that can be used of {structures} are {self._materials.formulas[0]}: pairs that do not "
                "match need crystals of at least two compositions"
            )
        self._compositions = CompositionStore(known[first])

    def __getitem__(self, rows: NDArray[np.int64]) -> PolymorphBatch:  # type: ignore[override]
        """The batch of ``rows``: crystals in their order, compositions by their number of elements."""
        chosen_formulas = np.unique(self._formulas[rows])
        chosen_formulas = chosen_formulas[np.argsort(self._compositions.lengths[chosen_formulas], kind="stable")]
        places = np.empty(len(self._compositions.lengths), dtype=np.int64)
        places[chosen_formulas] = np.arange(len(chosen_formulas))
        own = torch.from_numpy(places[self._formulas[rows]])
        return PolymorphBatch(
            self._compositions.batch(chosen_formulas), replace(self._store.batch(rows), compositions=own)
        )

    @property
    def families(self) -> NDArray[np.int64]:
        """Number of the composition of each crystal."""
        return self._formulas

    @property
    def compositions(self) -> Compositions:
        """The composition of each crystal."""
        return self._materials.compositions

    def _usable(self, materials: Materials, most_sites: int) -> Materials:
        """Crystals of the compositions that are drawn."""
        usable = super()._usable(materials, most_sites)
        if self._most is None:
            return usable
        compositions, owner = np.unique(usable.compositions.keys(), return_inverse=True)
        drawn = np.random.default_rng(0).permutation(len(compositions))[: self._most]
        return usable[np.flatnonzero(np.isin(owner, drawn))]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """1 for each crystal."""
        return np.ones(len(self), dtype=np.int64)

    @property
    def summary(self) -> Sequence[str]:
        """How many crystals and compositions, and what was left out."""
        counts = np.bincount(self._formulas)
        several = f"{len(counts)} compositions, {(counts > 1).sum()} of them with several structures"
        first, *rest = super().summary
        return (first, several, *rest)

"""Crystal structures, with or without labels, as distinct sites with their surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.environments import Surroundings
from matscout.crystal.graphs import FARTHEST, lonely
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.errors import InputError, UsageError
from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.label_tables import LabelTable, digest_of
from matscout.represent.prepared_crystals import Preparation, prepared
from matscout.represent.seen import marks
from matscout.represent.site_properties import described_elements
from matscout.represent.trainable import BatchKind, Corpus
from matscout.store import Store

MATERIAL = "material"
"""Name of the column of a table of labels that says which structure a row is of."""


class CrystalStructures(Corpus):
    """Ordered crystals of at most ``most_sites`` sites; what cannot be used is counted with its reason.

    Parameters
    ----------
    structures
        Whatever holds structures: NumPy arrays, a folder, an archive, a table (see ``matscout.read_materials``).
    labels
        A Parquet file with a column ``material``, the ids of the structures, and columns of numbers whose header names
        the unit; None to learn from structures only.
    targets
        Which columns to learn from; None for all columns of numbers.
    surroundings, number, merged
        What a site sees, see :func:`~matscout.crystal.environments.environments`.
    most_sites
        Larger cells are left out.

    Raises
    ------
    InputError
        If a file cannot be read, or no crystal can be used.
    UsageError
        If ``structures`` holds formulas only, or one of ``targets`` is not a column of numbers.
    """

    needs: ClassVar[BatchKind] = "structure"

    def __init__(
        self,
        structures: str,
        labels: str | None = None,
        targets: Sequence[str] | None = None,
        *,
        surroundings: Surroundings = "nearest",
        number: int = 36,
        merged: bool = True,
        most_sites: int = 50,
    ) -> None:
        self._path = Path(structures)
        read = read_materials(self._path)
        unread = sum(problem.dropped for problem in read.problems)
        self._left_out = {"cannot be read": unread} if unread else {}
        self._materials = self._usable(read.materials, most_sites)
        self._names: tuple[str, ...] = ()
        self._labels: NDArray[np.float32] | None = None
        self._unused = 0
        if labels is not None:
            table = LabelTable.read(Path(labels), MATERIAL, targets)
            self._names, self._labels = table.names, table.of(self._materials.ids.tolist())
            self._unused = len({*table.keys} - {*self._materials.ids.tolist()})
        elif targets:
            raise UsageError("data.targets chooses columns of data.labels, but data.labels is not set")
        assert self._materials.structures is not None
        how = Preparation(surroundings, number, merged)
        self._store = prepared(self._materials.structures, how, Store.of_user())
        self._store.labels = self._labels

    def __len__(self) -> int:
        return len(self._store)

    def __getitem__(self, rows: NDArray[np.int64]) -> CrystalBatch:
        """The batch of ``rows``, in their order."""
        return self._store.batch(rows)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Distinct sites of each crystal."""
        return self._store.sizes

    @property
    def labels(self) -> NDArray[np.float32] | None:
        """What the table says of each crystal, [N, t], NaN where it says nothing."""
        return self._labels

    @property
    def label_names(self) -> Sequence[str]:
        """The columns that are learnt from."""
        return self._names

    @cached_property
    def digest(self) -> str:
        """SHA-256 of structures and labels, however the files are packed."""
        structures = self._materials.structures
        assert structures is not None
        return digest_of(self._names, (*structures.arrays.values(), self._labels))

    @cached_property
    def marks(self) -> NDArray[np.uint64]:
        """Marks of the compositions: polymorphs of what was seen count as seen."""
        return marks(self._materials.compositions)

    @property
    def summary(self) -> Sequence[str]:
        """How many crystals and labels, and how many were left out for which reason."""
        reasons = "; ".join(f"left out, {reason}: {count}" for reason, count in self._left_out.items())
        sizes = f"{self._store.sizes.sum()} distinct sites"
        crystals = f"{len(self)} crystals of {self._path.name}, {sizes}{'; ' if reasons else ''}{reasons}"
        if self._labels is None:
            return (crystals,)
        known = np.isfinite(self._labels).sum(axis=0)
        counts = ", ".join(f"{name}: {count}" for name, count in zip(self._names, known, strict=True))
        return (crystals, f"labels by property: {counts}; of materials that are not among the crystals: {self._unused}")

    def _usable(self, materials: Materials, most_sites: int) -> Materials:
        """The crystals that can be encoded; counts the others."""
        if materials.structures is None:
            raise UsageError(f"{self._path} contains formulas only; data.structures must name crystal structures")
        materials = materials[np.flatnonzero(materials.has_structure)]
        assert materials.structures is not None
        crystals = Crystals.from_structures(materials.structures)
        unlisted = ~described_elements()[crystals.atomic_numbers - 1]
        species_owner = crystals.owners[crystals.site_of_species]
        alone = np.bincount(crystals.owners, lonely(crystals), minlength=len(crystals)) > 0
        foreign = np.bincount(species_owner, unlisted, minlength=len(crystals)) > 0
        reasons = {
            "partly occupied sites": ~crystals.ordered,
            "not periodic along all axes": ~crystals.periodic,
            f"an atom without another within {FARTHEST:g} Å": alone,
            f"more than {most_sites} sites": np.diff(crystals.offsets) > most_sites,
            "elements without all nine features": foreign,
        }
        kept = np.ones(len(crystals), dtype=np.bool_)
        for reason, holds in reasons.items():
            if (count := int((holds & kept).sum())) > 0:
                self._left_out[reason] = count
            kept &= ~holds
        if not kept.any():
            raise InputError(f"{self._path}: none of the {len(crystals)} crystals can be used: {self._left_out}")
        return materials[np.flatnonzero(kept)]

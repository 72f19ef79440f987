"""Reactions without yields, as graphs and SMILES of their molecules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.reading import read_materials
from matscout.errors import InputError
from matscout.represent.label_tables import digest_of
from matscout.represent.reaction_batches import ReactionBatch, ReactionStore
from matscout.represent.seen import marks
from matscout.represent.trainable import BatchKind, Corpus


class ReactionsCorpus(Corpus):
    """Each different reaction once; what cannot be read is counted.

    Parameters
    ----------
    reactions
        A table of reactions (see ``matscout.read_materials``).
    columns
        Its column of reaction SMILES, or its columns of components; found if not given.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no reactions.
    UsageError
        If there is no such column.
    """

    needs: ClassVar[BatchKind] = "reaction"

    def __init__(self, reactions: str, columns: Sequence[str] = ()) -> None:
        self._path = Path(reactions)
        try:
            read = read_materials(self._path, reaction=tuple(columns), max_bad=1.0)
        except InputError as error:
            if columns:
                raise
            raise InputError(f"{error} (here: data.columns=[COL,...])") from error
        if read.materials.reactions is None:
            raise InputError(f"{self._path} contains no reactions; name their columns: data.columns=[COL,...]")
        _, first = np.unique(read.materials.keys(), return_index=True)
        self._materials = read.materials[np.sort(first)]
        assert self._materials.reactions is not None
        self._store = ReactionStore(self._materials.reactions)
        self._unread = sum(problem.dropped for problem in read.problems)
        self._repeated = len(read.materials) - len(first)

    def __len__(self) -> int:
        return len(self._store)

    def __getitem__(self, rows: NDArray[np.int64]) -> ReactionBatch:
        """The batch of ``rows``, in their order."""
        return self._store.batch(rows)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the reactions, however the file is packed."""
        return digest_of((), (self._materials.keys(),))

    @cached_property
    def marks(self) -> NDArray[np.uint64]:
        """Marks of the compositions of the products, [N]."""
        return marks(self._materials.compositions)

    @property
    def summary(self) -> Sequence[str]:
        """How many reactions and molecules, and what was left out."""
        assert self._materials.reactions is not None
        n_molecules = len(np.unique(self._materials.reactions.members))
        left_out = f"; {self._unread} unreadable rows were left out" if self._unread else ""
        return (
            f"{len(self)} reactions of {n_molecules} molecules, from {self._path.name}{left_out}",
            f"{self._repeated} rows repeat a reaction and are counted once",
        )

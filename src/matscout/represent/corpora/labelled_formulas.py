"""A table of formulas and many properties, with gaps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.formulas import parse_formulas
from matscout.errors import InputError
from matscout.represent.composition_batches import CompositionBatch, CompositionStore
from matscout.represent.label_tables import LabelTable, digest_of
from matscout.represent.seen import marks
from matscout.represent.trainable import Corpus

FORMULA = "formula"
"""Name of the column of formulas."""


class LabelledFormulas(Corpus):
    """One row for each formula; each other column of numbers is a target, blank where unknown.

    Parameters
    ----------
    labels
        A Parquet file with a column ``formula`` and columns of numbers whose header names the unit:
        ``PBE band gap (eV)``. A column of 0 and 1 only is a yes-no property.
    targets
        Which columns to learn from; None for all columns of numbers.
    origin
        A Markdown file that says where the table comes from, with licences; it becomes part of the card.

    Raises
    ------
    InputError
        If the file cannot be read, has no formulas or no column of numbers, or no formula can be read.
    UsageError
        If one of ``targets`` is not a column of numbers.
    """

    def __init__(self, labels: str, targets: Sequence[str] | None = None, origin: str | None = None) -> None:
        table = LabelTable.read(Path(labels), FORMULA, targets)
        parsed = parse_formulas(list(table.keys))
        if not len(parsed.rows):
            raise InputError(
                f"{labels}: none of the {len(table.keys)} formulas can be read; first: {parsed.problems[0]}"
            )
        self._names, self._labels = table.names, table.values[parsed.rows]
        self._compositions = parsed.compositions
        self._families = np.unique(parsed.compositions.keys(), return_inverse=True)[1]
        self._store = CompositionStore(parsed.compositions, self._labels)
        self._left_out = len(table.keys) - len(parsed.rows)
        self._path = table.path
        self._origin = "" if origin is None else _read_text(Path(origin))

    def __len__(self) -> int:
        return len(self._compositions)

    def __getitem__(self, rows: NDArray[np.int64]) -> CompositionBatch:
        """The batch of ``rows``, those with fewer elements first."""
        return self._store.batch(rows)

    @property
    def labels(self) -> NDArray[np.float32]:
        """The targets, [N, t], NaN where blank."""
        return self._labels

    @property
    def families(self) -> NDArray[np.int64]:
        """Number of the composition of each row: it may stand in several."""
        return self._families

    @property
    def compositions(self) -> Compositions:
        """The composition of each row."""
        return self._compositions

    @property
    def label_names(self) -> Sequence[str]:
        """The columns that are learnt from."""
        return self._names

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what is learnt from (columns, compositions and labels), however the file is packed."""
        compositions = self._compositions
        return digest_of(self._names, (compositions.offsets, compositions.elements, compositions.amounts, self._labels))

    @cached_property
    def marks(self) -> NDArray[np.uint64]:
        """Marks of the compositions, [N]."""
        return marks(self._compositions)

    @property
    def summary(self) -> Sequence[str]:
        """How many formulas and labels, and how many formulas could not be read."""
        known = np.isfinite(self._labels).sum(axis=0)
        left_out = f"; {self._left_out} unreadable formulas were left out" if self._left_out else ""
        counts = ", ".join(f"{name}: {count}" for name, count in zip(self._names, known, strict=True))
        return (f"{len(self)} formulas of {self._path.name}{left_out}", f"labels by property: {counts}")

    @property
    def origin(self) -> str:
        """The text of the file that says where the table comes from."""
        return self._origin


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text ({error}); data.origin names a Markdown file") from error

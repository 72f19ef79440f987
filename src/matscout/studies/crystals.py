"""What studies of crystals learn from: structures, properties with gaps, and the part that is only tested."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.data.files import atomic_write
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.structure_arrays import write_structure_arrays
from matscout.errors import InputError, UsageError
from matscout.represent.base import Representation
from matscout.represent.label_tables import LabelTable, digest_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

MATERIAL = "material"
"""Column of the table of labels with the ids of the structures."""


@dataclass(frozen=True, eq=False)
class LabelledCrystals:
    """N crystals.

    Parameters
    ----------
    materials
        With structures.
    values
        Property, with its unit -> float64 [N], NaN where unknown.
    tested
        bool [N], True for what is tested and never learned from.
    """

    materials: Materials
    values: dict[str, Floats]
    tested: NDArray[np.bool_]

    @classmethod
    def read(cls, structures: str, labels: str, targets: list[str], test: str, most_sites: int) -> LabelledCrystals:
        """From a file of structures and a Parquet table.

        Parameters
        ----------
        structures
            Whatever holds structures (see ``matscout.read_materials``).
        labels
            Parquet table with a column ``material`` (ids of the structures), the targets, and the column ``test``.
        targets
            Columns with properties; their headers name the unit.
        test
            Column that is true for what is only tested.
        most_sites
            Larger cells are left out.

        Raises
        ------
        InputError
            If a file cannot be read, or one of the two parts is empty.
        UsageError
            If a column is missing, or there are no structures.
        """
        read = read_materials(Path(structures)).materials
        if read.structures is None:
            raise UsageError(f"{structures} contains formulas only; data.structures must name crystal structures")
        table = LabelTable.read(Path(labels), MATERIAL, [*targets, test])
        columns = table.of(read.ids.tolist()).astype(np.float64)
        known = np.isfinite(columns[:, -1])
        tested = columns[:, -1] == 1
        if not (known & tested).any() or not (known & ~tested).any():
            raise InputError(
                f"{labels}: {int((known & tested).sum())} of its crystals are tested (column {test!r}) and "
                f"{int((known & ~tested).sum())} are learned from; both parts need some"
            )
        rows = np.flatnonzero(known)
        values = {name: columns[rows, place] for place, name in enumerate(targets)}
        all_of_them = cls(read[rows], values, tested[rows])
        return all_of_them.only(np.diff(read.structures.offsets)[rows] <= most_sites)

    @property
    def summary(self) -> list[str]:
        """How many crystals there are of each property."""
        return [
            f"{target}: {len(self.known(target, tested=False))} to learn from, "
            f"{len(self.known(target, tested=True))} tested"
            for target in self.values
        ]

    @property
    def digest(self) -> str:
        """SHA-256 of everything."""
        structures = self.materials.structures
        assert structures is not None
        return digest_of(tuple(self.values), (*structures.arrays.values(), *self.values.values(), self.tested))

    def known(self, target: str, *, tested: bool) -> Rows:
        """Rows of one part in which a property is known."""
        return np.flatnonzero(np.isfinite(self.values[target]) & (self.tested == tested))

    def only(self, kept: NDArray[np.bool_]) -> LabelledCrystals:
        """The rows that are kept, bool [N]."""
        values = {name: column[kept] for name, column in self.values.items()}
        return LabelledCrystals(self.materials[np.flatnonzero(kept)], values, self.tested[kept])

    def known_to(self, maker: Representation) -> tuple[LabelledCrystals, int]:
        """The crystals that a representation has a vector for, and how many there are without one."""
        kept = np.zeros(len(self.materials), dtype=np.bool_)
        kept[maker.represent(self.materials).rows] = True
        return self.only(kept), int((~kept).sum())

    def write_training(self, folder: Path) -> tuple[Path, Path]:
        """What pretraining reads: the structures that are not tested as NumPy arrays, and their labels as Parquet."""
        rows = np.flatnonzero(~self.tested)
        structures = self.materials[rows].structures
        assert structures is not None
        arrays, labels = folder / "training.npz", folder / "training.parquet"
        write_structure_arrays(arrays, self.materials.ids[rows], structures)
        columns = {name: np.where(np.isfinite(column), column, np.nan)[rows] for name, column in self.values.items()}
        table = polars.DataFrame({MATERIAL: self.materials.ids[rows].tolist(), **columns}).fill_nan(None)
        with atomic_write(labels) as unfinished:
            table.write_parquet(unfinished)
        return arrays, labels

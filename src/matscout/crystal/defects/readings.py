"""What was read of supercells: arrangements, and what is read before it is known what defects they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.defects.column_store import Defects
from matscout.data.defects.files import write_arrangements
from matscout.data.defects.pairs import SitePairs
from matscout.data.defects.tables import frame_of
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.errors import RowProblem
from matscout.shown import Shown

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, eq=False, repr=False)
class DefectReading(Shown):
    """The arrangements in m of n cells.

    Parameters
    ----------
    materials
        m arrangements, with the cells that they were read from as structures, where there are any.
    rows
        int64 [m], which of the n cells each is.
    displacements
        float64 [m], Å, how far the farthest atom is from its site; NaN where no cell was given.
    table
        The other columns of the table of the cells, m rows; None if there is none.
    problems
        Why the other cells cannot be used, and remarks; ``row`` is the position from 1, or the line of a table.
    """

    materials: Materials
    rows: NDArray[np.int64]
    displacements: NDArray[np.float64]
    table: polars.DataFrame | None = None
    problems: tuple[RowProblem, ...] = ()

    @property
    def defects(self) -> Defects:
        """The arrangements."""
        assert self.materials.defects is not None
        return self.materials.defects

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many of each of ``defects.types`` each arrangement has, [m, types]."""
        return self.defects.counts

    def pairs(self) -> SitePairs:
        """All pairs of defects within arrangements."""
        return self.defects.pairs()

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> polars.DataFrame:
        """A row for each arrangement, with the columns of the table; :func:`matscout.read` reads it again."""
        frame = frame_of(self.defects, self.materials.ids.tolist())
        if self.table is None:
            return frame
        others = [
            name for name in self.table.columns if name.casefold() not in {own.casefold() for own in frame.columns}
        ]
        return frame.hstack(self.table.select(others))

    def save(self, path: str | Path) -> Path:
        """Write :meth:`to_frame` as CSV (``sites.csv``, ``sites.csv.gz``) or another table; gives the path."""
        return write_arrangements(self.to_frame(), Path(path))

    def in_a_line(self) -> str:
        """How many arrangements, of what."""
        sizes = self.defects.sizes
        many = (
            f"{sizes.min()} to {sizes.max()}" if len(sizes) and sizes.min() < sizes.max() else str(sizes.max(initial=0))
        )
        dropped = sum(problem.dropped for problem in self.problems)
        parts = [counted(len(self), "arrangement"), f"{many} defects each", self.defects.made_of]
        return ", ".join([*parts, *([f"{counted(dropped, 'cell')} refused"] if dropped else [])])


@dataclass(frozen=True, eq=False)
class GivenCells:
    """Supercells with their names, the numbers of their rows, and the other columns of their table."""

    ids: Sequence[str]
    structures: Structures
    numbers: Sequence[int]
    table: polars.DataFrame | None
    problems: tuple[RowProblem, ...] = ()


def arrangements(ids: NDArray[np.str_], defects: Defects, structures: Structures | None = None) -> Materials:
    """Arrangements as materials, perhaps with their cells."""
    return Materials(ids, defects.texts(), defects.compositions(), structures, defects=defects)

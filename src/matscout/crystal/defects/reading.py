"""From a host and its supercells, or a table, to arrangements of point defects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, part_of
from matscout.crystal.defects.finding import DefectFinder, FoundDefects, NoArrangementError
from matscout.data.defects.column_store import Defects, SitePairs
from matscout.data.defects.hosts import HostCrystal
from matscout.data.defects.tables import frame_of
from matscout.data.given import Given
from matscout.data.materials import Materials
from matscout.data.ragged import offsets_of
from matscout.data.structures import Structures
from matscout.errors import InputError, RowProblem, UsageError
from matscout.shown import Shown

if TYPE_CHECKING:
    import polars

WHOLE = 1e-3
"""An occupancy that differs less from 1 is that of a whole atom."""


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
        from matscout.data.defects.files import write_arrangements

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


def host_crystal(host: Given) -> HostCrystal:
    """The host that is given, as a file, a structure of pymatgen or ASE, or materials with one structure.

    Raises
    ------
    UsageError
        If it is not one structure of whole atoms.
    """
    if isinstance(host, HostCrystal):
        return host
    from matscout.data.given import as_materials

    materials = as_materials(host, "host")
    if len(materials) != 1 or not materials.has_structure.all() or materials.structures is None:
        raise UsageError(f"the host is one crystal structure without defects; got {materials.in_a_line()}")
    structures = materials.structures
    if not np.allclose(structures.occupancies, 1.0, atol=WHOLE):
        raise UsageError("the host has sites that are shared or partly occupied: give one of whole atoms")
    formula = _reduced(materials)
    return HostCrystal.of_arrays(
        formula, structures.lattices[0], structures.atomic_numbers, structures.fractional_coordinates
    )


def _reduced(materials: Materials) -> str:
    from pymatgen.core import Composition

    return str(Composition(materials.compositions.to_dict(0)).reduced_formula)


def read_defects(host: Given, cells: Given, *, tolerance: float | None = None) -> DefectReading:
    """Find the point defects in supercells of a host.

    Lattices may be strained (up to 3 %), rotated or hold another vacuum across a layer; cells may be relaxed, shifted,
    wrapped, and list their atoms in any order. A cell that can be read in two ways is left out with both readings.

    Parameters
    ----------
    host
        The cell without defects: a structure file, a structure of pymatgen or ASE.
    cells
        Supercells (a folder, an archive, a table with structures, structures), a table with an arrangement in each row
        (``v(Mo)@12; Se(S)@40``, see :mod:`matscout.data.defects.texts`), or a folder in the format of 2DMD.
    tolerance
        Å, beyond which an atom is at no site of the host, so that nothing is left in doubt; by default, half of the
        distance of nearest neighbours, and what is not clear is refused.

    Raises
    ------
    InputError
        If no cell is an arrangement of defects in the host.
    UsageError
        If the host is not one crystal of whole atoms, or the tolerance is not positive.
    """
    if tolerance is not None and not tolerance > 0:
        raise UsageError(f"tolerance= is a distance in Å above 0, beyond which an atom is at no site; got {tolerance}")
    from matscout.crystal.defects.given_cells import given_cells

    given = given_cells(host_crystal(host), cells)
    return given if isinstance(given, DefectReading) else _found(host_crystal(host), given, tolerance)


@dataclass(frozen=True, eq=False)
class GivenCells:
    """Supercells with their names, the numbers of their rows, and the other columns of their table."""

    ids: Sequence[str]
    structures: Structures
    numbers: Sequence[int]
    table: polars.DataFrame | None
    problems: tuple[RowProblem, ...] = ()


def _found(host: HostCrystal, given: GivenCells, tolerance: float | None) -> DefectReading:
    finder = DefectFinder(host, tolerance)
    found: list[FoundDefects] = []
    rows, problems = [], list(given.problems)
    for row in range(len(given.structures)):
        name = str(given.ids[row])
        try:
            found.append(_of_row(finder, given.structures, row))
        except NoArrangementError as error:
            problems.append(RowProblem(given.numbers[row], name, str(error), error.advice))
            continue
        rows.append(row)
        problems += [
            RowProblem(given.numbers[row], name, words, "check that it is meant so", dropped=False)
            for _, words in found[-1].remarks
        ]
    if not rows:
        first = next(problem for problem in problems if problem.dropped)
        raise InputError(f"none of {counted(len(given.structures), 'cell')} can be used; the first: {first}")
    kept = np.array(rows, dtype=np.int64)
    defects = _joined(host, found)
    materials = arrangements(np.array(given.ids, dtype=np.str_)[kept], defects, given.structures[kept])
    table = None if given.table is None else given.table[kept.tolist()]
    return DefectReading(materials, kept, np.array([one.displacement for one in found]), table, tuple(problems))


def _of_row(finder: DefectFinder, structures: Structures, row: int) -> FoundDefects:
    entries = slice(int(structures.offsets[row]), int(structures.offsets[row + 1]))
    if entries.start == entries.stop:
        raise NoArrangementError("there is no structure", "add it, or remove the row")
    partial = np.flatnonzero(np.abs(structures.occupancies[entries] - 1.0) > WHOLE)
    if len(partial):
        raise NoArrangementError(
            f"{part_of(len(partial), entries.stop - entries.start, 'entry', 'entries')} are on shared or partly "
            "occupied sites, which is no arrangement of defects",
            "give cells of whole atoms",
        )
    return finder.find(
        structures.lattices[row],
        structures.atomic_numbers[entries].astype(np.int64),
        structures.fractional_coordinates[entries],
    )


def _joined(host: HostCrystal, found: Sequence[FoundDefects]) -> Defects:
    return Defects(
        offsets_of([len(one.was) for one in found]),
        np.concatenate([one.was for one in found]).astype(np.uint8),
        np.concatenate([one.now for one in found]).astype(np.uint8),
        np.concatenate([one.positions for one in found]),
        (host,),
        np.zeros(len(found), dtype=np.int64),
        np.array([one.matrix for one in found], dtype=np.int64).reshape(-1, 3, 3),
    )


def arrangements(ids: NDArray[np.str_], defects: Defects, structures: Structures | None = None) -> Materials:
    """Arrangements as materials, perhaps with their cells."""
    return Materials(ids, defects.texts(), defects.compositions(), structures, defects=defects)

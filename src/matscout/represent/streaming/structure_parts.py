"""Files, folders, archives and tables of structures as parts that are read where they are represented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.data.roles import Roles
from matscout.data.row_materials import read_row_materials
from matscout.data.sources import Source
from matscout.data.structure_arrays import read_structure_arrays
from matscout.data.structure_checks import check
from matscout.data.structure_collections import count_of, entries_of
from matscout.data.structure_compositions import compositions_of
from matscout.data.structure_entries import Refused, StructureEntry, parse
from matscout.data.structure_files import first_of_each
from matscout.data.structure_folders import Unread
from matscout.data.structure_tables import StructureTable
from matscout.data.structures import Structures
from matscout.data.tables import Table
from matscout.errors import NOTHING_TO_DO, RowProblem
from matscout.represent.streaming.parts import SIZE, PartMaterials, Parts, SourcePart


@dataclass(frozen=True, eq=False)
class EntryPart(SourcePart):
    """Entries of a collection of structures, the first of which is number ``first``, and remarks on the collection."""

    entries: tuple[StructureEntry, ...]
    first: int
    remarks: tuple[RowProblem, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def read(self) -> PartMaterials:
        """Parse the entries."""
        parsed = parse(self.entries)
        names = np.array([self.entries[row].name for row in parsed.rows], dtype=np.str_)
        problems = tuple(replace(problem, row=problem.row + self.first - 1) for problem in parsed.problems)
        return PartMaterials(_materials(names, parsed.structures), parsed.rows + self.first, (*problems, *self.remarks))

    def single(self) -> Sequence[SourcePart]:
        """One entry each."""
        parts = [EntryPart((entry,), self.first + place) for place, entry in enumerate(self.entries)]
        return [*parts[:-1], replace(parts[-1], remarks=self.remarks)]

    def named(self) -> RowProblem:
        """Named like the entry."""
        return RowProblem(self.first, self.entries[0].name, "", "")


@dataclass(frozen=True, eq=False)
class StructurePart(SourcePart):
    """Structures that need no parsing, with their names [n]; the first is number ``first``.

    ``taken`` has a problem for each whose name another one had before.
    """

    names: NDArray[np.str_]
    structures: Structures
    first: int
    taken: tuple[RowProblem, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def read(self) -> PartMaterials:
        """Check the structures."""
        taken = {problem.row - self.first for problem in self.taken}
        faults = [None if row in taken else fault for row, fault in enumerate(check(self.structures))]
        sound = np.array(
            [row not in taken and (fault is None or not fault.fatal) for row, fault in enumerate(faults)],
            dtype=np.bool_,
        )
        problems = tuple(
            RowProblem(self.first + row, str(self.names[row]), fault.reason, fault.advice, fault.fatal)
            for row, fault in enumerate(faults)
            if fault is not None
        )
        materials = _materials(self.names[sound], self.structures[sound])
        return PartMaterials(materials, np.flatnonzero(sound) + self.first, (*self.taken, *problems))

    def single(self) -> Sequence[SourcePart]:
        """One structure each."""
        return [self.part(slice(row, row + 1)) for row in range(len(self))]

    def part(self, place: slice) -> StructurePart:
        """Some of the structures."""
        first = self.first + place.start
        taken = tuple(problem for problem in self.taken if first <= problem.row < self.first + place.stop)
        return StructurePart(self.names[place], self.structures[place], first, taken)

    def named(self) -> RowProblem:
        """Named like the structure."""
        return RowProblem(self.first, str(self.names[0]), "", "")


@dataclass(frozen=True, eq=False)
class TablePart(SourcePart):
    """Rows of a table with a structure in each, still to be read, and the problems of rows that are none."""

    table: Table
    roles: Roles

    def __len__(self) -> int:
        return self.table.n_rows

    def read(self) -> PartMaterials:
        """Parse the structures."""
        made = read_row_materials(Source(self.table), self.roles, here=True)
        problems = (*self.table.problems, *made.problems)
        return PartMaterials(made.materials, self.table.row_numbers[made.rows], problems)

    def single(self) -> Sequence[SourcePart]:
        """One row each, and the problems together."""
        rows = [self.part(slice(row, row + 1), ()) for row in range(len(self.table))]
        return [*rows, *([self.part(slice(0), self.table.problems)] if self.table.problems else [])]

    def part(self, place: slice, problems: tuple[RowProblem, ...]) -> TablePart:
        """Some of the rows."""
        numbers = self.table.row_numbers[place]
        table = replace(
            self.table,
            cells=self.table.cells[place],
            row_numbers=numbers,
            problems=problems,
            n_rows=len(numbers) + len(problems),
        )
        return TablePart(table, self.roles)

    def named(self) -> RowProblem:
        """Named by the first line of the structure."""
        column = self.roles.structure
        cell = (self.table.column(column)[0] if column else None) or ""
        return RowProblem(int(self.table.row_numbers[0]), cell.strip().partition("\n")[0], "", "")


def parts_of_structures(path: Path, size: int = SIZE) -> Parts:
    """A folder, archive or file of structures, ``size`` in a part (it is read as
    :func:`~matscout.data.structure_files.read_structure_source` does).

    Raises
    ------
    InputError
        If the source itself cannot be read.
    """
    if path.suffix.lower() == ".npz":
        names, structures = read_structure_arrays(path)
        return Parts(_of_arrays(np.array(names, dtype=np.str_), structures, size), len(names))
    unread = Unread()
    return Parts(_of_entries(entries_of(path, unread), unread, path.name, size), count_of(path))


def parts_of_table(table: StructureTable, size: int = SIZE) -> Parts:
    """A table with a structure in each row, ``size`` in a part."""
    return Parts(_of_pieces(table, size), table.n_rows)


def _of_pieces(table: StructureTable, size: int) -> Iterator[SourcePart]:
    for piece in table.read():
        whole = TablePart(piece, table.roles)
        # A problem goes to the part of the row before it.
        owners = np.searchsorted(piece.row_numbers[size::size], [problem.row for problem in piece.problems])
        for number, start in enumerate(range(0, max(1, len(piece)), size)):
            problems = tuple(problem for problem, owner in zip(piece.problems, owners, strict=True) if owner == number)
            if len(part := whole.part(slice(start, start + size), problems)):
                yield part


def _of_arrays(names: NDArray[np.str_], structures: Structures, size: int) -> Iterator[SourcePart]:
    _, taken = first_of_each(names.tolist(), np.arange(len(names)))
    whole = StructurePart(names, structures, 1, tuple(taken))
    for start in range(0, len(names), size):
        yield whole.part(slice(start, start + size))


def _of_entries(entries: Iterator[StructureEntry], unread: Unread, name: str, size: int) -> Iterator[SourcePart]:
    """The parts; what was not read is known behind the last entry, and is a remark of the last part."""
    first, named = 1, _named_once(entries)
    coming = next(named, None)
    while coming is not None:
        part = (coming, *islice(named, size - 1))
        coming = next(named, None)
        remark = " ".join(unread.remarks()) if coming is None else ""
        remarks = (RowProblem(first + len(part) - 1, name, remark, NOTHING_TO_DO, dropped=False),) * bool(remark)
        yield EntryPart(part, first, remarks)
        first += len(part)


def _named_once(entries: Iterator[StructureEntry]) -> Iterator[StructureEntry]:
    """The entries, refused where another one with the same name came before."""
    seen: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        if entry.name in seen:
            reason = f"the name {entry.name!r} is taken by entry {seen[entry.name]}"
            yield replace(entry, content=Refused(reason, "give each structure its own name"))
            continue
        seen[entry.name] = number
        yield entry


def _materials(names: NDArray[np.str_], structures: Structures) -> Materials:
    compositions = compositions_of(structures)
    formulas = [format_formula(compositions.to_dict(row)) for row in range(len(structures))]
    return Materials(names, np.array(formulas, dtype=np.str_), compositions, structures)

"""From a host and its supercells, or a table, to arrangements of point defects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from matscout.counting import counted, part_of
from matscout.crystal.defects.finding import DefectFinder, FoundDefects, NoArrangementError
from matscout.crystal.defects.given_cells import given_cells
from matscout.crystal.defects.readings import DefectReading, GivenCells, arrangements
from matscout.data.defects.column_store import Defects
from matscout.data.defects.hosts import HostCrystal
from matscout.data.given import Given
from matscout.data.materials import Materials
from matscout.data.ragged import offsets_of
from matscout.data.structures import Structures
from matscout.errors import InputError, RowProblem, UsageError

if TYPE_CHECKING:
    pass

WHOLE = 1e-3
"""An occupancy that differs less from 1 is that of a whole atom."""


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
    given = given_cells(host_crystal(host), cells)
    return given if isinstance(given, DefectReading) else _found(host_crystal(host), given, tolerance)


def _found(host: HostCrystal, given: GivenCells, tolerance: float | None) -> DefectReading:
    finder = DefectFinder(host, tolerance)
    outcome: list[FoundDefects] = []
    rows, problems = [], list(given.problems)
    for row in range(len(given.structures)):
        name = str(given.ids[row])
        try:
            outcome.append(_of_row(finder, given.structures, row))
        except NoArrangementError as error:
            problems.append(RowProblem(given.numbers[row], name, str(error), error.advice))
            continue
        rows.append(row)
        problems += [
            RowProblem(given.numbers[row], name, words, "check that it is meant so", dropped=False)
            for _, words in outcome[-1].remarks
        ]
    if not rows:
        first = next(problem for problem in problems if problem.dropped)
        raise InputError(f"none of {counted(len(given.structures), 'cell')} can be used; the first: {first}")
    kept = np.array(rows, dtype=np.int64)
    defects = _joined(host, outcome)
    materials = arrangements(np.array(given.ids, dtype=np.str_)[kept], defects, given.structures[kept])
    table = None if given.table is None else given.table[kept.tolist()]
    return DefectReading(materials, kept, np.array([one.displacement for one in outcome]), table, tuple(problems))


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


def _joined(host: HostCrystal, outcome: Sequence[FoundDefects]) -> Defects:
    return Defects(
        offsets_of([len(one.was) for one in outcome]),
        np.concatenate([one.was for one in outcome]).astype(np.uint8),
        np.concatenate([one.now for one in outcome]).astype(np.uint8),
        np.concatenate([one.positions for one in outcome]),
        (host,),
        np.zeros(len(outcome), dtype=np.int64),
        np.array([one.matrix for one in outcome], dtype=np.int64).reshape(-1, 3, 3),
    )

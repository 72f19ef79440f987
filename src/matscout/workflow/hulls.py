"""Energies above the hull for a table of materials with energies, beside the input's own columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from matscout.counting import counted, part_of
from matscout.data.dataset import Dataset
from matscout.data.given import Given, as_materials, is_table
from matscout.data.table_writing import write_table
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, in_notebooks, silent
from matscout.simulate.element_energies import ElementEnergies, mp_elements
from matscout.simulate.energy_schemes import MP2020, UNCORRECTED, UNKNOWN, check_scheme
from matscout.simulate.formation_energies import atoms_of
from matscout.simulate.hull import ON_HULL, Hull, hull_columns, hull_of
from matscout.simulate.references import References
from matscout.workflow.beside_input import all_rows, beside_input
from matscout.workflow.energy_columns import EnergyColumns
from matscout.workflow.given_energies import EnergyKind, GivenEnergies, read_energies
from matscout.workflow.hull_references import read_references
from matscout.workflow.label_settings import MaterialSettings


@dataclass(frozen=True, eq=False)
class HullTable:
    """Energies above the hull beside the input.

    Parameters
    ----------
    table
        One row for each row of the input: its columns, then those of the hull.
    hull
        The hull at the rows that could be used.
    n_input
        Number of columns of the input; those after them were added.
    problems
        Rows without an energy above the hull, and remarks on rows.
    """

    table: pl.DataFrame
    hull: Hull
    n_input: int
    problems: tuple[RowProblem, ...]

    @property
    def counts(self) -> str:
        """``"12 of 14 rows placed, 5 on the hull (within 1 meV/atom: 6)"``."""
        above = self.hull.above
        near = int(np.sum(above <= 1e-3))
        placed = part_of(int(np.sum(~np.isnan(above))), len(self.table), "row")
        return f"{placed} placed, {int(np.sum(above <= ON_HULL)):,} on the hull (within 1 meV/atom: {near:,})"

    def write(self, path: Path) -> Path:
        """Write CSV, Parquet, Excel or JSON, as the ending says, whole or not at all; errors as :func:`write_table`."""
        return write_table(self.table, path)


def hull_table(
    source: Path | Any,
    references: References,
    reading: MaterialSettings,
    asked: EnergyColumns,
    *,
    without_itself: bool = False,
    progress: Progress = silent,
) -> HullTable:
    """Energies above the hull of a file or frame.

    Parameters
    ----------
    source
        Where the materials and their energies are.
    references
        The phases of the hull.
    reading
        How the file is read.
    asked
        Where the energies stand in it.
    without_itself
        Leave out the references of the same composition.
    progress
        Told how far the work is.

    Raises
    ------
    InputError, UsageError
        If the file cannot be read, holds no energies, or energies of another scheme.
    """
    given = read_energies(source, reading, asked, progress)
    hull = _hull(given, references, without_itself, progress)
    dataset = replace(given.dataset, problems=(*given.dataset.problems, *hull.problems))
    added = pl.DataFrame(hull_columns(hull))
    table = beside_input(dataset, all_rows(dataset, source, reading), added)
    return HullTable(table, hull, table.columns.index(added.columns[0]), dataset.problems)


def _hull(given: GivenEnergies, references: References, without_itself: bool, progress: Progress) -> Hull:
    elements = None if given.kind == "formation" else elements_for(given.scheme, references)
    formation = given.formation_energies(elements)
    hull = hull_of(
        given.dataset.materials,
        formation.values,
        formation.scheme,
        references,
        without_itself=without_itself,
        numbers=given.dataset.numbering.tolist(),
        progress=progress,
    )
    return replace(hull, problems=(*formation.problems, *hull.problems))


def elements_for(scheme: str, references: References) -> ElementEnergies:
    """The energies of the elements for total energies of a scheme: those of the references, else the MP's.

    Raises
    ------
    UsageError
        If the references hold formation energies only, and the scheme is none of the Materials Project.
    InputError
        If the energies of the Materials Project are not at hand.
    """
    if references.elements is not None:
        return references.elements
    if scheme in (MP2020, UNCORRECTED):
        return mp_elements()
    raise UsageError(
        f"total energies of the scheme {scheme} need those of the elements: state another scheme (--scheme), give "
        "references with total energies and the elements among them, or give formation energies"
    )


def hull(
    materials: Given,
    references: Any,
    *,
    formation_energies: Sequence[float] | str | None = None,
    energies: Sequence[float] | str | None = None,
    scheme: str | None = None,
    references_scheme: str | None = None,
    without_itself: bool = False,
    progress: Progress = in_notebooks,
) -> Hull:
    """Energy above the convex hull, with decomposition and coverage.

    Parameters
    ----------
    materials
        n materials: a table with a column of energies (a path or a frame), or formulas, structures or what matscout
        has read, with ``formation_energies`` or ``energies``.
    references
        The phases of the hull: :class:`~matscout.simulate.references.References`, a table (a path or a frame), the
        folder of an index, or the name of a public data set (``"mp_structures"``).
    formation_energies
        float [n], eV/atom; or the column of the table.
    energies
        Total energies, float [n], eV per cell (without a structure: per formula as it is written); or the column of
        the table. Those of the scheme ``"uncorrected-pbe"`` are corrected by MP2020.
    scheme
        Which calculation the energies come from (:data:`~matscout.simulate.energy_schemes.SCHEMES`); None: as a
        column ``scheme`` of the table says, else ``"unknown"``.
    references_scheme
        The same of the references.
    without_itself
        Leave out the references of the same composition: a stable material is then as far below the others as the
        negative energy says.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If energies are missing, or the schemes differ.
    InputError
        If something cannot be read, or the energies of elements are not at hand.
    """
    known = read_references(references, references_scheme, progress)
    if formation_energies is not None and energies is not None:
        raise UsageError("formation_energies= and energies= are both given; give one")
    values = formation_energies if formation_energies is not None else energies
    if values is None or isinstance(values, str):
        return _of_table(
            materials,
            known,
            EnergyColumns(_text(formation_energies), _text(energies), scheme),
            without_itself,
            progress,
        )
    given = _of_arrays(as_materials(materials), values, scheme or UNKNOWN, total=energies is not None)
    return _hull(given, known, without_itself, progress)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _of_table(materials: Given, known: References, asked: EnergyColumns, without: bool, progress: Progress) -> Hull:
    if not is_table(materials) and not isinstance(materials, str | Path):
        raise UsageError(
            "the materials have no energies: give formation_energies= (eV/atom) or energies= (eV per cell)"
        )
    given = read_energies(materials, MaterialSettings(max_bad=1.0), asked, progress)
    placed = _hull(given, known, without, progress)
    return replace(placed, problems=(*given.dataset.problems, *placed.problems))


def _of_arrays(materials: Any, values: Sequence[float], scheme: str, *, total: bool) -> GivenEnergies:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (len(materials),):
        raise UsageError(
            f"there are {counted(len(materials), 'material')}, and energies of the shape {numbers.shape}: give one each"
        )
    per_atom = numbers / atoms_of(materials) if total else numbers
    kind: EnergyKind = "per-atom" if total else "formation"
    return GivenEnergies(Dataset(materials), kind, per_atom, check_scheme(scheme), "")

"""Energies above the hull for a table of materials with energies, beside the input's own columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from matscout.counting import counted, listed, part_of, was
from matscout.data.dataset import Dataset, only_compounds
from matscout.data.given import Given, as_dataset, as_materials, is_table
from matscout.data.sources import load_source
from matscout.data.table_writing import write_table
from matscout.discover.hull_belief import HullByForceField
from matscout.discover.hull_references import read_references
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, in_notebooks, silent
from matscout.remarks import Remark
from matscout.simulate.energy_columns import EnergyColumns
from matscout.simulate.energy_schemes import UNKNOWN, check_scheme
from matscout.simulate.formation_energies import atoms_of
from matscout.simulate.given_energies import (
    EnergyKind,
    GivenEnergies,
    given_energies,
    is_of_energies,
)
from matscout.simulate.given_hull import hull_of_given
from matscout.simulate.hull import Hull, hull_columns
from matscout.simulate.own_hull import require_structures
from matscout.simulate.references import References
from matscout.simulate.relaxed import Relaxed
from matscout.workflow.beside_input import InputRows, all_rows, beside_input
from matscout.workflow.hull_settings import require_field_of
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
        """``"12 of 14 rows placed, 6 of them on the hull (within 1 meV/atom)"``."""
        above = self.hull.above
        near = int(np.sum(above <= 1e-3))
        placed = part_of(int(np.sum(~np.isnan(above))), len(self.table), "row")
        return f"{placed} placed, {near:,} of them on the hull (within 1 meV/atom)"

    def write(self, path: Path) -> Path:
        """Write CSV, Parquet, Excel or JSON, as the ending says, whole or not at all; errors as :func:`write_table`."""
        return write_table(self.table, path)


def hull_table(
    source: Path | Any,
    references: References,
    reading: MaterialSettings,
    asked: EnergyColumns,
    *,
    force_field: str | None = None,
    own_hull: bool = False,
    second_opinion: str | None = None,
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
    force_field
        Compute them with this force field instead; ``asked`` then states its scheme, if it declares none.
    own_hull
        Also compare with the references as the force field sees them.
    second_opinion
        Another force field.
    without_itself
        Leave out the references of the same composition.
    progress
        Told how far the work is.

    Raises
    ------
    InputError, UsageError
        If the file cannot be read, holds no energies (or structures), or energies of another scheme.
    MissingExtraError
        If the package of the force field is not installed.
    """
    require_field_of(force_field, own_hull=own_hull, second=second_opinion)
    if own_hull:
        require_structures(references)
    if force_field is None:
        given = read_energies(source, reading, asked, progress)
        hull = hull_of_given(given, references, without_itself=without_itself, progress=progress)
    else:
        asker = HullByForceField.named(force_field, asked.scheme, second_opinion, own_hull, without_itself)
        given = asker.energies(only_compounds(reading.read_materials(source, progress=progress)), progress)
        hull = asker.hull(given, references, progress)
    dataset = replace(given.dataset, problems=(*given.dataset.problems, *hull.problems))
    rows = all_rows(dataset, source, reading)
    if force_field is not None:
        hull, rows = _without_other_energies(hull, rows)
    columns = hull_columns(hull)
    if dataset.materials.structures is not None and "formula" not in rows.cells.columns:
        columns = {"formula": pl.Series(dataset.materials.formulas.astype(str)), **columns}
    added = pl.DataFrame(columns)
    table = beside_input(dataset, rows, added)
    return HullTable(table, hull, table.columns.index(added.columns[0]), dataset.problems)


def _without_other_energies(hull: Hull, rows: InputRows) -> tuple[Hull, InputRows]:
    """The input without energies of another calculation: beside those of the force field they would mislead."""
    names = [name for name in rows.cells.columns if is_of_energies(name)]
    if not names:
        return hull, rows
    text = f"{listed(names)} of the input {was(len(names))} left out: {hull.force_field} computed the energies."
    remark = Remark("input-energies-left-out", text)
    return replace(hull, remarks=(*hull.remarks, remark)), replace(rows, cells=rows.cells.drop(names))


def hull(
    materials: Given | Relaxed,
    references: Any,
    *,
    formation_energies: Sequence[float] | str | None = None,
    energies: Sequence[float] | str | None = None,
    force_field: Any = None,
    own_hull: bool = False,
    second_opinion: Any = None,
    scheme: str | None = None,
    references_scheme: str | None = None,
    without_itself: bool = False,
    progress: Progress = in_notebooks,
) -> Hull:
    """Energy above the convex hull, with decomposition and coverage.

    Parameters
    ----------
    materials
        n materials: what :func:`matscout.relax` gives, with the energies that it ended with; a table with a column of
        energies (a path or a frame); or formulas, structures or what matscout has read, with ``formation_energies``,
        ``energies`` or ``force_field``.
    references
        The phases of the hull: :class:`~matscout.simulate.references.References`, a table (a path or a frame), the
        folder of an index, or the name of a public data set (``"mp_structures"``).
    formation_energies
        float [n], eV/atom; or the column of the table.
    energies
        Total energies, float [n], eV per cell (without a structure: per formula as it is written); or the column of
        the table. Those of the scheme ``"uncorrected-pbe"`` are corrected by MP2020.
    force_field
        Compute the total energies of the structures as they are with this force field, as for :func:`matscout.relax`.
    own_hull
        Also compare with the references as the force field sees them, whose errors partly cancel; they need structures.
    second_opinion
        Another force field, best one of another family: where the two disagree, neither is to be believed.
    scheme
        Which calculation the energies come from (:data:`~matscout.simulate.energy_schemes.SCHEMES`); None: as the
        force field or a column ``scheme`` of the table says, else ``"unknown"``.
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
        If energies (or structures for the force field) are missing, or the schemes differ.
    InputError
        If something cannot be read, or the energies of elements are not at hand.
    MissingExtraError
        If the package of the force field is not installed.
    """
    named = {"formation_energies=": formation_energies, "energies=": energies, "force_field=": force_field}
    if len(several := [name for name, value in named.items() if value is not None]) > 1:
        raise UsageError(f"{listed(several[:2])} are both given; give one")
    require_field_of(force_field, own_hull=own_hull, second=second_opinion)
    known = read_references(references, references_scheme, progress)
    if own_hull:
        require_structures(known)
    if isinstance(materials, Relaxed):
        if not any(value is not None for value in named.values()):
            return _of_relaxed(materials, known, without_itself, progress)
        materials = materials.materials
    if force_field is not None:
        dataset = only_compounds(as_dataset(materials, "materials", wants_target=False))
        asker = HullByForceField.named(force_field, scheme, second_opinion, own_hull, without_itself)
        computed = asker.energies(dataset, progress)
        placed = asker.hull(computed, known, progress)
        return replace(placed, problems=(*computed.dataset.problems, *placed.problems))
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
    return hull_of_given(given, known, without_itself=without_itself, progress=progress)


def read_energies(
    source: Any, reading: MaterialSettings, asked: EnergyColumns, progress: Progress = silent
) -> GivenEnergies:
    """Materials and their energies out of a table, or out of structures whose files state an energy.

    Parameters
    ----------
    source
        A path, a frame, or what was loaded.
    reading
        How it is read.
    asked
        Where the energies stand.
    progress
        Told how many structures are read.

    Raises
    ------
    InputError
        If it cannot be read.
    UsageError
        If no column holds energies, their unit is none of energy, or the rows are reactions.
    """
    loaded = load_source(source, sheet=reading.sheet, formula=reading.formula, progress=progress)
    return given_energies(loaded, reading.read_materials(loaded, progress=progress), asked, reading.unit)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _of_table(materials: Given, known: References, asked: EnergyColumns, without: bool, progress: Progress) -> Hull:
    if not is_table(materials) and not isinstance(materials, str | Path):
        raise UsageError(
            "the materials have no energies: give formation_energies= (eV/atom), energies= (eV per cell), or, for "
            "structures, force_field="
        )
    return _with_rows(
        read_energies(materials, MaterialSettings(max_bad=1.0), asked, progress), known, without, progress
    )


def _with_rows(given: GivenEnergies, known: References, without: bool, progress: Progress) -> Hull:
    """The hull, with the problems of rows that were not read or not computed."""
    placed = hull_of_given(given, known, without_itself=without, progress=progress)
    return replace(placed, problems=(*given.dataset.problems, *placed.problems))


def _of_relaxed(relaxed: Relaxed, known: References, without: bool, progress: Progress) -> Hull:
    """Of the energies that a relaxation ended with."""
    dataset = Dataset(relaxed.materials, problems=relaxed.problems)
    given = GivenEnergies(dataset, "per-atom", relaxed.energies, relaxed.scheme, relaxed.force_field)
    return _with_rows(given, known, without, progress).warned(relaxed.warnings)


def _of_arrays(materials: Any, values: Sequence[float], scheme: str, *, total: bool) -> GivenEnergies:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (len(materials),):
        raise UsageError(
            f"there are {counted(len(materials), 'material')}, and energies of the shape {numbers.shape}: give one each"
        )
    per_atom = numbers / atoms_of(materials) if total else numbers
    kind: EnergyKind = "per-atom" if total else "formation"
    return GivenEnergies(Dataset(materials), kind, per_atom, check_scheme(scheme))

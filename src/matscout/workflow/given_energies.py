"""Energies of materials out of a table: which column holds them, what they are per, and which scheme they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matscout.data.column_names import find_column, plain
from matscout.data.dataset import Dataset, Target
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.sources import Source, load_source
from matscout.data.units import convert, parse_unit
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.simulate.element_energies import ElementEnergies
from matscout.simulate.energy_schemes import UNKNOWN, check_scheme
from matscout.simulate.formation_energies import FormationEnergies, atoms_of, formation_energies
from matscout.workflow.energy_columns import EnergyColumns
from matscout.workflow.label_settings import MaterialSettings, only_compounds

Floats = NDArray[np.float64]
EnergyKind = Literal["formation", "per-atom", "per-cell"]
"""Formation energies per atom, total energies per atom, or total energies per cell (or formula as it is written)."""

NAMES: dict[str, EnergyKind] = {
    "formation_energy_per_atom": "formation",
    "formation_energy_ev_per_atom": "formation",
    "formation_energy": "formation",
    "e_form_per_atom": "formation",
    "e_form": "formation",
    "form_energy": "formation",
    "energy_per_atom": "per-atom",
    "total_energy_per_atom": "per-atom",
    "energy_ev_per_atom": "per-atom",
    "energy": "per-cell",
    "total_energy": "per-cell",
    "energy_ev": "per-cell",
}
"""How columns of energies are called, in the order in which they are taken."""

SCHEME_NAMES = ("scheme", "energy_scheme")
"""How a column is called that states the scheme."""


@dataclass(frozen=True, eq=False)
class GivenEnergies:
    """Materials with energies.

    Parameters
    ----------
    dataset
        n materials; rows that cannot be used are among its problems.
    kind
        What the energies are.
    values
        float64 [n], eV/atom (also of energies per cell); NaN where there is none.
    scheme
        Which calculation they come from.
    column
        Where they stood.
    """

    dataset: Dataset
    kind: EnergyKind
    values: Floats
    scheme: str
    column: str

    def formation_energies(self, elements: ElementEnergies | None) -> FormationEnergies:
        """Formation energies, eV/atom.

        Parameters
        ----------
        elements
            Total energies of the elements; not needed for what are formation energies already.
        """
        if self.kind == "formation":
            return FormationEnergies(self.values, self.scheme)
        assert elements is not None, "total energies need them"
        numbers = self.dataset.numbering.tolist()
        return formation_energies(self.dataset.materials, self.values, self.scheme, elements, numbers)


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
    column, kind = _column(loaded, asked)
    dataset = only_compounds(reading.read_materials(loaded, progress=progress))
    target = _target(loaded, dataset, column, reading)
    values = _per_atom(dataset.materials, target, kind)
    missing = tuple(_missing(dataset, values, column))
    dataset = replace(dataset, problems=(*dataset.problems, *missing))
    return GivenEnergies(dataset, kind, values, _scheme(loaded, asked), column)


def _column(source: Source, asked: EnergyColumns) -> tuple[str, EnergyKind]:
    """The column of energies, and what they are."""
    columns = source.table.columns
    if asked.formation is not None:
        return find_column(asked.formation, columns, "formation energy"), "formation"
    if asked.total is not None:
        column = find_column(asked.total, columns, "total energy")
        return column, "per-atom" if NAMES.get(_name(column)) == "per-atom" else "per-cell"
    by_name = {_name(column): column for column in reversed(columns)}
    for name, kind in NAMES.items():
        if name in by_name:
            return by_name[name], kind
    raise UsageError(
        f"no column of {source.table.name} is called like one of energies; name it: --formation-energy=COL (eV/atom) "
        f"or --total-energy=COL (eV); the columns are {', '.join(columns)}"
    )


def _name(column: str) -> str:
    return plain(split_heading(column).name)


def _target(source: Source, dataset: Dataset, column: str, reading: MaterialSettings) -> Target:
    """The energies of the usable rows, with their unit."""
    parsed = source.table.values(column)
    rows = np.searchsorted(source.table.row_numbers, dataset.numbering)
    units = {find_column(name, source.table.columns, "unit"): unit for name, unit in reading.unit.items()}
    unit = units.get(column) or split_heading(column).unit or source.table.units.get(column)
    return Target(split_heading(column).name, parsed.values[rows], unit)


def _per_atom(materials: Materials, target: Target, kind: EnergyKind) -> Floats:
    """Energies in eV/atom."""
    unit = target.unit
    if unit is None:
        return target.values / (atoms_of(materials) if kind == "per-cell" else 1.0)
    parsed = parse_unit(unit)
    for wanted, per_cell in (("eV/atom", False), ("eV", kind == "per-cell"), ("eV/cell", True), ("eV/f.u.", True)):
        known = parse_unit(wanted)
        if parsed is not None and known is not None and parsed.converts_to(known):
            return convert(target.values, parsed, known) / (atoms_of(materials) if per_cell else 1.0)
    raise UsageError(
        f"the unit of {target.name!r} is {unit!r}, which is none of energies; state another one: "
        f"--unit={target.name}=eV/atom"
    )


def _missing(dataset: Dataset, values: Floats, column: str) -> list[RowProblem]:
    return [
        RowProblem(
            int(dataset.numbering[row]),
            str(dataset.materials.formulas[row]),
            f"has no energy in {column!r}",
            "give one, or leave the row out",
        )
        for row in np.flatnonzero(~np.isfinite(values)).tolist()
    ]


def _scheme(source: Source, asked: EnergyColumns) -> str:
    """What the user says, else what the table says.

    Raises
    ------
    UsageError
        If they contradict each other, or the table states several.
    """
    columns = [column for column in source.table.columns if _name(column) in SCHEME_NAMES]
    stated: Sequence[str] = sorted({cell for column in columns for cell in source.table.column(column) if cell})
    if asked.scheme is not None and any(one != asked.scheme for one in stated if one != UNKNOWN):
        raise UsageError(
            f"{source.table.name} states the scheme {' and '.join(stated)} in its column {columns[0]!r}, and "
            f"{asked.option}={asked.scheme} another one: leave the option out"
        )
    if len(stated) > 1:
        raise UsageError(
            f"{source.table.name} holds energies of several schemes, {' and '.join(stated)}, which have no common "
            "hull: keep the rows of one"
        )
    return asked.scheme or (check_scheme(stated[0]) if stated else UNKNOWN)


def named_source(source: Any) -> str:
    """What a source is called in words."""
    return Path(source).name if isinstance(source, str | Path) else "in memory"

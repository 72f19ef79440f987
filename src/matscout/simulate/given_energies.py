"""Energies of materials out of a table: which column holds them, what they are per, and which scheme they are of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matscout.data.column_names import find_column, plain
from matscout.data.dataset import Dataset, Target, only_compounds
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.sources import Source
from matscout.data.units import convert, parse_unit
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.simulate.element_energies import ElementEnergies
from matscout.simulate.energy_columns import EnergyColumns
from matscout.simulate.energy_schemes import UNKNOWN, check_scheme
from matscout.simulate.force_field import ForceField
from matscout.simulate.force_field_energies import force_field_energies
from matscout.simulate.formation_energies import FormationEnergies, atoms_of, formation_energies

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

NO_UNITS: Mapping[str, str] = MappingProxyType({})
"""Of columns whose units stand in the table."""

SCHEME_NAMES = ("scheme", "energy_scheme")
"""How a column is called that states the scheme."""

FORCE_FIELD = "force_field"
"""How a column is called that names the force field of the energies."""


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
    force_field
        Name, version and digest of the force field that computed them; "" for energies that were read.
    """

    dataset: Dataset
    kind: EnergyKind
    values: Floats
    scheme: str
    force_field: str = ""

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


def given_energies(
    loaded: Source, read: Dataset, asked: EnergyColumns, units: Mapping[str, str] = NO_UNITS
) -> GivenEnergies:
    """Materials and their energies out of a table, or out of structures whose files state an energy.

    Parameters
    ----------
    loaded
        The table.
    read
        The materials that were read of it.
    asked
        Where the energies stand.
    units
        Column -> unit, where it is another one than the table says.

    Raises
    ------
    UsageError
        If no column holds energies, their unit is none of energy, or the rows are reactions.
    """
    dataset = only_compounds(read)
    column, kind = _column(loaded, asked)
    target = _target(loaded, dataset, column, units)
    values = _per_atom(dataset.materials, target, kind)
    missing = tuple(_missing(dataset, values, column))
    dataset = replace(dataset, problems=(*dataset.problems, *missing))
    return GivenEnergies(dataset, kind, values, _scheme(loaded, asked), _force_field(loaded))


def computed_energies(
    dataset: Dataset, field: ForceField, scheme: str | None = None, progress: Progress = silent
) -> GivenEnergies:
    """Energies of structures as they are, by a force field; rows without one are among the problems.

    Parameters
    ----------
    dataset
        Materials with structures.
    field, scheme, progress
        As for :func:`~matscout.simulate.force_field_energies.force_field_energies`, errors too.
    """
    by_field = force_field_energies(dataset.materials, field, scheme, dataset.numbering.tolist(), progress)
    known = replace(dataset, problems=(*dataset.problems, *by_field.problems))
    return GivenEnergies(known, "per-atom", by_field.values, by_field.scheme, by_field.force_field)


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
        f"no column of {source.table.name} is called like one of energies; "
        + ("have a force field compute them (chgnet, ...), or " if source.structures is not None else "")
        + f"name it: --formation-energy=COL (eV/atom) "
        f"or --total-energy=COL (eV); the columns are {', '.join(columns)}"
    )


def is_of_energies(column: str) -> bool:
    """Whether a column is called like one of energies, or of their scheme."""
    return _name(column) in NAMES or _name(column) in SCHEME_NAMES


def _name(column: str) -> str:
    return plain(split_heading(column).name)


def _target(source: Source, dataset: Dataset, column: str, asked: Mapping[str, str]) -> Target:
    """The energies of the usable rows, with their unit."""
    parsed = source.table.values(column)
    rows = np.searchsorted(source.table.row_numbers, dataset.numbering)
    units = {find_column(name, source.table.columns, "unit"): unit for name, unit in asked.items()}
    unit = units.get(column) or split_heading(column).unit or source.table.units.get(column)
    return Target(split_heading(column).name, parsed.values[rows], unit)


def _per_atom(materials: Materials, target: Target, kind: EnergyKind) -> Floats:
    """Energies in eV/atom."""
    unit = target.unit
    if unit is None:
        return target.values / (atoms_of(materials) if kind == "per-cell" else 1.0)
    if kind != "per-cell" and re.search(r"mol(?!.*atom)", unit):
        raise UsageError(
            f"the unit of {target.name!r} is {unit!r}: per mole of atoms or of formula units? Convert the column to "
            "eV/atom (1 eV/atom is 96.485 kJ for each mole of atoms)"
        )
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


def _force_field(source: Source) -> str:
    """The force field that a file of structures names, as ``matscout relax`` does; "" if it names none, or several."""
    columns = [column for column in source.table.columns if _name(column) == FORCE_FIELD]
    named = {cell for column in columns for cell in source.table.column(column) if cell}
    return named.pop() if len(named) == 1 else ""


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

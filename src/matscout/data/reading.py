"""From a file, folder, frame or list to a :class:`Dataset`: what was found, what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, part_of, was
from matscout.data import column_names
from matscout.data.cell_readings import CellReading
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Provenance
from matscout.data.decimal_signs import NumberNotation
from matscout.data.formula_alloys import Shares
from matscout.data.grouping import group_labels
from matscout.data.headings import split_heading
from matscout.data.known_columns import read_known
from matscout.data.measurements import Condition, Measured, read_condition, read_target
from matscout.data.positive_unlabelled import UnlabelledCells, perhaps_unlabelled, settled
from matscout.data.roles import Request, Roles, choose_roles
from matscout.data.row_materials import RowMaterials, read_row_materials
from matscout.data.score_columns import score_remarks
from matscout.data.sources import Source, is_written_out, load_source
from matscout.data.table_rows import QUOTED
from matscout.data.tables import Table
from matscout.data.unit_columns import refuse_long
from matscout.data.yields import with_yields
from matscout.errors import InputError, RowProblem
from matscout.progress import Progress, silent
from matscout.remarks import Remark


def read(
    source: Any,
    *,
    formula: str | None = None,
    structure: str | None = None,
    reaction: str | Sequence[str] = (),
    target: str | Sequence[str] = (),
    context: str | Sequence[str] = (),
    groups: str | None = None,
    error: str | None = None,
    sheet: str | None = None,
    units: Mapping[str, str] | None = None,
    alloys: Shares | None = None,
    decimal: str | None = None,
    thousands: bool = False,
    unlabelled: object = None,
    positive: object = None,
    class_prior: float | None = None,
    max_bad: float = 0.2,
    progress: Progress = silent,
) -> Dataset:
    """Read labelled materials.

    Columns may be named with or without their unit, in upper or lower case; columns that are not named are detected.
    Rows that cannot be used are left out and listed in ``problems`` with their number, the value and what to do.

    Parameters
    ----------
    source
        Path of a file (CSV, TSV, Excel, Parquet, JSON lines, ASE database, pymatgen JSON) or of a folder of structure
        files; a polars or pandas frame; or a list of formulas, of structures or compositions of pymatgen, or of atoms
        of ASE.
    formula
        Formula column.
    structure
        Column with structures as text or paths; or a folder or an archive of structure files, or a file of many
        structures, whose entries a column names (with or without their extension).
    reaction
        Column of reaction SMILES, or a column of SMILES for each component (ligand, base, ..., product); the rows are
        then reactions. Where the name of a component does not show its role:  ``"vinyl source=agent"``.
    target
        Target columns; by default, the only column that can be one.
    context
        Columns with conditions of the measurement (temperature, route); they become ``materials.context`` under their
        names without unit. Temperatures in degrees Celsius or Fahrenheit become kelvin.
    groups
        "formula", "chemical-system" or a column: rows of one group are never divided between training and test.
    error
        Column with one standard deviation of the target; by default, a column with such a name (``gap error``) is used.
    sheet
        Sheet of a spreadsheet; by default, the only one with a formula column.
    units
        Column -> unit of its numbers; overrides the unit of the header.
    alloys
        Meaning of the numbers in the names of alloys (``CuZn37``, ``Ti-6Al-4V``), "wt%" or "at%", where the header does
        not state it.
    decimal
        The decimal sign of all numbers that are text, "." or ","; by default, each column or the rest of the table
        decides.
    thousands
        Whether three digits after a point or comma are thousands where a column is ambiguous (1.234 is then 1234).
    unlabelled
        What stands in the target column where nothing is known, "blank" for blank cells: the target is then
        positive-unlabelled, see :mod:`matscout.data.positive_unlabelled`. None if all values are labels.
    positive
        What stands there where the class is known; without it the only other value.
    class_prior
        The share of the unlabelled rows that are of the known class in truth, if you want to assume one.
    max_bad
        Largest share of rows that cannot be used.
    progress
        Called with the number of structures read, where there are many.

    Raises
    ------
    InputError
        If the input cannot be read, has no target or formula column, or too many rows cannot be used.
    UsageError
        If a named column does not exist or several columns are equally likely.
    """
    request = Request(
        formula, structure, _names(target), _names(context), groups, error, reaction=_names(reaction), alloys=alloys
    )
    cells = UnlabelledCells.asked(unlabelled, positive, class_prior)
    loaded = _as_asked(load_source(source, sheet=sheet, formula=formula, progress=progress), decimal, thousands)
    return _assemble(_read_parts(loaded, request, progress, units or {}, cells=cells), groups, max_bad)


def read_materials(
    source: Any,
    *,
    formula: str | None = None,
    structure: str | None = None,
    reaction: str | Sequence[str] = (),
    context: str | Sequence[str] = (),
    sheet: str | None = None,
    units: Mapping[str, str] | None = None,
    alloys: Shares | None = None,
    context_units: Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: bool = False,
    max_bad: float = 0.2,
    progress: Progress = silent,
) -> Dataset:
    """Read materials without targets, such as candidates to predict; parameters as in :func:`read`.

    Parameters
    ----------
    source
        As there, or a single formula, structure or composition.
    context_units
        Context column -> unit to convert its numbers to: that of the labels (see :class:`Dataset`).

    Raises
    ------
    InputError
        As for :func:`read`, or if a context column has a unit that does not convert to the one wanted.
    UsageError
        As for :func:`read`.
    """
    if isinstance(source, str) and is_written_out(source):
        source = [source]
    request = Request(
        formula, structure, context=_names(context), wants_target=False, reaction=_names(reaction), alloys=alloys
    )
    loaded = _as_asked(load_source(source, sheet=sheet, formula=formula, progress=progress), decimal, thousands)
    return _assemble(
        _read_parts(loaded, request, progress, units or {}, context_units=context_units or {}), None, max_bad
    )


def _as_asked(source: Source, decimal: str | None, thousands: bool) -> Source:
    return replace(source, table=replace(source.table, asked=NumberNotation.of(decimal, thousands)))


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True, eq=False)
class _Parts:
    """What was read from a table of n rows, before the unusable rows are left out."""

    source: Source
    roles: Roles
    made: RowMaterials
    conditions: Sequence[Condition]
    measured: Sequence[Measured]

    @property
    def unusable(self) -> NDArray[np.bool_]:
        """Rows without a material or a condition, or with an unusable target value and no usable one, bool [n]."""
        n = len(self.source.table)
        known = _any([item.target.known for item in self.measured], n)
        unlabelled = _any([item.unusable for item in self.measured], n) & ~known
        return self.made.unusable | _any([condition.unusable for condition in self.conditions], n) | unlabelled


def _read_parts(
    source: Source,
    request: Request,
    progress: Progress,
    units: Mapping[str, str],
    *,
    context_units: Mapping[str, str] | None = None,
    cells: UnlabelledCells | None = None,
) -> _Parts:
    table = source.table
    if not len(table):
        _refuse_too_many(table, table.problems, 0, 0.0)
    roles = choose_roles(source, request)
    by_column = {column_names.find_column(name, table.columns, "unit"): unit for name, unit in units.items()}
    made = read_row_materials(source, roles, alloys=request.alloys, progress=progress)
    wanted = context_units or {}
    conditions = [
        read_condition(table, column, unit=by_column.get(column), wanted=wanted.get(split_heading(column).name))
        for column in roles.context
    ]
    for column in roles.targets:
        refuse_long(table, column, roles.context)
    measured = [
        read_target(table, column, error=roles.errors.get(column), unit=by_column.get(column), name=name)
        if cells is None
        else read_known(table, column, cells, name)
        for column, name in _target_names(roles.targets).items()
    ]
    return _Parts(source, roles, made, conditions, measured)


def _assemble(parts: _Parts, groups: str | None, max_bad: float) -> Dataset:
    table, bad = parts.source.table, parts.unusable
    problems = _collect(parts, bad)
    _refuse_too_many(table, problems, int((~bad).sum()), max_bad)
    kept = np.flatnonzero(~bad)
    materials = replace(
        parts.made.materials[np.searchsorted(parts.made.rows, kept)],
        context={condition.name: condition.values[kept] for condition in parts.conditions},
    )
    dataset = Dataset(
        materials,
        {item.target.name: item.target[kept] for item in parts.measured},
        table=table.cells[kept.tolist()],
        row_numbers=table.row_numbers[kept],
        problems=problems,
        provenance=_provenance(parts, len(kept)),
        context_units={condition.name: condition.unit for condition in parts.conditions if condition.unit},
        columns=(
            *(column for condition in parts.conditions for column in condition.columns),
            *(column for item in parts.measured for column in item.columns),
        ),
        readings=_readings(parts),
    )
    dataset = with_yields(dataset, [item.target for item in parts.measured])
    for item in parts.measured:
        if item.target.task == POSITIVE_UNLABELLED:
            dataset = settled(dataset, item.target.name)
        elif remarks := perhaps_unlabelled(dataset, item.target.name):
            provenance = dataset.provenance
            dataset = replace(dataset, provenance=replace(provenance, remarks=(*provenance.remarks, *remarks)))
    return dataset if groups is None else replace(dataset, groups=group_labels(dataset, groups))


def _readings(parts: _Parts) -> tuple[CellReading, ...]:
    """How cells were understood, those of the columns that name the rows and their materials first."""
    named = {parts.roles.formula, parts.roles.id, parts.roles.structure, *(part.name for part in parts.roles.reaction)}
    before = [reading for reading in parts.source.table.readings if reading.column in named]
    return (
        *before,
        *parts.made.readings,
        *(reading for condition in parts.conditions for reading in condition.readings),
        *(reading for item in parts.measured for reading in item.readings),
    )


def _any(masks: Sequence[NDArray[np.bool_]], n: int) -> NDArray[np.bool_]:
    result = np.zeros(n, dtype=np.bool_)
    for mask in masks:
        result |= mask
    return result


def _target_names(targets: Sequence[str]) -> dict[str, str]:
    """Column -> target name: the header without its unit, with it where two would be called the same."""
    short = [split_heading(column).name for column in targets]
    return {column: name if short.count(name) == 1 else column for column, name in zip(targets, short, strict=True)}


def _collect(parts: _Parts, bad: NDArray[np.bool_]) -> tuple[RowProblem, ...]:
    """All problems by row; one of a target is only a remark where another target of its row is known."""
    table = parts.source.table
    dropped = {int(number) for number in table.row_numbers[bad]}
    in_targets = [problem for item in parts.measured for problem in item.problems]
    listed = [
        *table.problems,
        *parts.made.problems,
        *(problem for condition in parts.conditions for problem in condition.problems),
        *(replace(problem, dropped=problem.dropped and problem.row in dropped) for problem in in_targets),
    ]
    return tuple(sorted(listed, key=lambda problem: problem.row))


def _refuse_too_many(table: Table, problems: Sequence[RowProblem], n_kept: int, max_bad: float) -> None:
    n_bad = table.n_rows - n_kept
    if n_kept and n_bad <= max_bad * table.n_rows:
        return
    if not table.n_rows:
        raise InputError(f"{table.name} contains no data rows; add some")
    first = [str(problem) for problem in problems if problem.dropped][:5]
    limit = f"more than the {max_bad:.0%} allowed (--max-bad)" if n_kept else "so none is left"
    opening = f"{part_of(n_bad, table.n_rows, 'row')} of {table.name} cannot be used, {limit}. The first:"
    raise InputError("\n  ".join([opening, *first]))


def _provenance(parts: _Parts, n_kept: int) -> Provenance:
    table, roles = parts.source.table, parts.roles
    n_bad = table.n_rows - n_kept
    remarks: list[str] = [
        *table.remarks,
        *_quotation_remarks(table),
        *roles.remarks,
        *parts.made.remarks,
        *([Remark("rows-named-by", f"Rows are identified by column {roles.id!r}.")] if roles.id else []),
        *(remark for condition in parts.conditions for remark in condition.remarks),
        *(remark for item in parts.measured for remark in item.remarks),
        *(remark for item in parts.measured for remark in score_remarks(item.target)),
        Remark("rows-used", f"{part_of(n_kept, table.n_rows, 'row')} can be used, {n_bad:,} {was(n_bad)} left out."),
    ]
    return Provenance(table.name, table.digest, table.n_rows, remarks=tuple(remarks))


def _quotation_remarks(table: Table) -> list[Remark]:
    counts = Counter(reading.column for reading in table.readings if reading.rule == QUOTED)
    texts = [
        f"Column {name!r}: quotation marks around {counted(count, 'cell')} are ignored."
        for name, count in counts.items()
    ]
    return [Remark("quotation-marks", text) for text in texts]

"""What the user named and what was recognised, as one choice of columns by role."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matscout.data import column_names, columns
from matscout.data.defects.tables import columns_of_defects, defect_column_of
from matscout.data.formula_alloys import Shares
from matscout.data.formula_columns import FormulaColumn, find_formula, likely_formulas, refuse_names, refuse_transposed
from matscout.data.reactions.column_store import SIDES, Part, column_of, side_of
from matscout.data.reactions.texts import (
    columns_of_reactions,
    is_called_component,
    is_organic,
    likely_components,
    part_of,
)
from matscout.data.sources import NAMES, Source
from matscout.data.tables import Table
from matscout.data.yields import is_called_yield
from matscout.errors import UsageError

GROUPINGS = ("formula", "chemical-system")
"""Groupings that are no columns (see :mod:`matscout.data.grouping`)."""


@dataclass(frozen=True)
class Request:
    """What the user named; parameters as in :func:`matscout.data.reading.read`.

    ``wants_target`` is False for files of candidates, which need no measured property.
    """

    formula: str | None = None
    structure: str | None = None
    targets: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    groups: str | None = None
    error: str | None = None
    wants_target: bool = True
    reaction: tuple[str, ...] = ()
    alloys: Shares | None = None


@dataclass(frozen=True)
class Roles:
    """The columns of a table by role, None where there is none.

    Parameters
    ----------
    formula, structure, id, targets, context, reaction
        Columns; ``reaction`` is one with reaction SMILES, or one for each component, with what it is there for.
    defects
        The column of arrangements of point defects, "" if there is none.
    folder
        Folder or archive of structure files, or a file of many structures, instead of ``structure``.
    errors
        Target column -> column with its errors.
    remarks
        What to know of the choice, a sentence each.
    """

    formula: str | None
    structure: str | None
    folder: Path | None
    id: str | None
    targets: tuple[str, ...]
    context: tuple[str, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
    reaction: tuple[Part, ...] = ()
    remarks: tuple[str, ...] = ()
    defects: str = ""


def choose_roles(source: Source, request: Request) -> Roles:
    """Find the columns that were named and recognise the others.

    Raises
    ------
    InputError
        If there is no column that can be a target, or what should be formulas are names.
    UsageError
        If a named column does not exist or is named twice, several columns are equally likely, or nobody named the
        components of what look like reactions.
    """
    table = source.table
    folder = _structure_folder(request.structure, source)
    targets = tuple(column_names.find_column(name, table.columns, "target") for name in request.targets)
    context = tuple(column_names.find_column(name, table.columns, "context") for name in request.context)
    error = () if request.error is None else (column_names.find_column(request.error, table.columns, "error"),)
    _refuse_doubles(targets, context, error)
    taken = {*targets, *context, *error}
    reaction = _reaction_columns(source, request, taken)
    if request.groups is not None and request.groups not in GROUPINGS:
        taken.add(column_names.find_column(request.groups, table.columns, "groups"))
    defects = _defect_column(source, request, {*taken, *(part.name for part in reaction)})
    other = bool(reaction or defects)
    structure = _structure_column(source, request.structure, taken) if folder is None and not other else None
    chosen = _formula_column(source, request.formula, {*taken, structure or ""}) if not other else None
    formula = chosen.name if chosen else None
    if not (other or formula or structure or folder) and source.structures is None:
        _refuse_unnamed(table)
        refuse_names(table, taken)
        refuse_transposed(table)
    components = [*(part.name for part in reaction), *(columns_of_defects(table.columns, defects) if defects else ())]
    identity = columns.find_id(table, {*taken, *components, formula or "", structure or ""})
    taken |= {name for name in (formula, structure, identity, *components) if name}
    if request.wants_target and not targets:
        targets = (_target(table, taken, of_reactions=bool(reaction)),)
    errors = _pair_errors(targets, table.columns, error)
    return Roles(
        formula,
        structure,
        folder,
        identity,
        targets,
        context,
        errors,
        reaction,
        chosen.remarks if chosen else (),
        defects,
    )


def _target(table: Table, taken: set[str], *, of_reactions: bool) -> str:
    """The only column that can be one; of reactions the only one that is called a yield, whatever else is measured."""
    yields = [name for name in table.columns if of_reactions and name not in taken and is_called_yield(name)]
    return yields[0] if len(yields) == 1 else columns.find_target(table, taken)


def _refuse_doubles(*roles: tuple[str, ...]) -> None:
    flat = [name for names in roles for name in names]
    double = sorted({name for name in flat if flat.count(name) > 1})
    if double:
        raise UsageError(
            f"the column {double[0]!r} is named twice; a column has one role: reaction, target, context or error"
        )


def _reaction_columns(source: Source, request: Request, taken: set[str]) -> tuple[Part, ...]:
    """The column of reaction SMILES or those of components (which groups may be, too); none for materials."""
    if request.formula is not None or request.structure is not None:
        if request.reaction:
            raise UsageError("rows are either reactions or materials: omit --reaction, or --formula and --structure")
        return ()
    if request.reaction:
        parts = tuple(_component(asked, source.table.columns) for asked in request.reaction)
        _refuse_doubles(tuple(part.name for part in parts), tuple(taken))
        return parts
    names = columns_of_reactions(source.table, taken) if source.structures is None else []
    if len(names) > 1:
        raise UsageError(
            f"the columns {', '.join(names)} contain reaction SMILES: name the one to read (--reaction "
            f"{shlex.quote(names[0])})"
        )
    return tuple(map(part_of, names))


def _defect_column(source: Source, request: Request, taken: set[str]) -> str:
    """The column of arrangements of point defects, where nobody named what else the rows are."""
    if request.formula or request.structure or request.reaction or source.structures is not None:
        return ""
    return defect_column_of(source.table, taken)


def _refuse_components(table: Table, taken: Collection[str]) -> None:
    """What looks like formulas is called like a component, beside a yield: most likely rows are reactions.

    A lone catalyst may be a material whose yield was measured; one that is written as organic molecules are is none.
    """
    components = [
        name for name in table.columns if is_called_component(name) and not columns.is_numeric(table.column(name))
    ]
    formulas = [name for name in likely_formulas(table, taken) if name in components]
    alone = len(components) == 1 and not all(map(is_organic, filter(None, table.column(components[0]))))
    if formulas and not alone and any(map(is_called_yield, table.columns)):
        raise UsageError(
            f"{_unnamed(components)}; if {formulas[0]!r} is what was measured, use --formula={shlex.quote(formulas[0])}"
        )


def _refuse_unnamed(table: Table) -> None:
    """Nothing tells what the rows are, but for columns of molecules that are called like components."""
    if components := likely_components(table.cells):
        raise UsageError(_unnamed(components))


def _unnamed(components: Sequence[str]) -> str:
    return (
        "the rows seem to be reactions without named components: use "
        f"{column_names.as_options('--reaction', components)} (those that differ, as SMILES)"
    )


def _component(asked: str, names: Sequence[str]) -> Part:
    """``"base"``, or ``"vinyl source=agent"``, unless a column is called so."""
    if asked in names:
        return part_of(asked)
    column, _, side = asked.rpartition("=")
    if column in names and side not in SIDES:
        raise UsageError(
            f"{side!r} is not a side of a reaction: write {column}=reactant, {column}=agent or {column}=product"
        )
    return part_of(column_names.find_column(column_of(asked), names, "reaction"), side_of(asked))


def _structure_folder(structure: str | None, source: Source) -> Path | None:
    if structure is None or structure in source.table.columns:
        return None
    places = [Path(structure)] + ([source.table.folder / structure] if source.table.folder else [])
    return next((place for place in places if place.is_dir() or place.is_file()), None)


def _structure_column(source: Source, named: str | None, taken: set[str]) -> str | None:
    if named is not None:
        return column_names.find_column(named, source.table.columns, "structure")
    return columns.find_structure(source.table, taken) if source.structures is None else None


def _formula_column(source: Source, named: str | None, taken: set[str]) -> FormulaColumn | None:
    if named is not None:
        return FormulaColumn(column_names.find_column(named, source.table.columns, "formula"))
    if source.structures is not None:
        # Structures have formulas. Names of files (Zn for a cell of ZnO) and flags (T for true) only look like some.
        return find_formula(source.table, {*taken, NAMES}, by_name=True)
    _refuse_components(source.table, taken)
    return find_formula(source.table, taken)


def _pair_errors(targets: tuple[str, ...], names: Sequence[str], given: tuple[str, ...]) -> Mapping[str, str]:
    """Target -> its error column: the one given for a single target, else those named after their target."""
    if given and len(targets) == 1:
        return {targets[0]: given[0]}
    pairs = columns.find_errors(targets, names)
    matched = {name: error for name, error in pairs.items() if error not in targets}
    if given and given[0] not in matched.values():
        raise UsageError(f"with several targets an error column must be named after its target; {given[0]!r} is not")
    return matched

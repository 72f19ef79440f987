"""The materials of a table's rows: from formulas, structures or both, checked against each other; or reactions."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.cell_readings import CellReading
from matscout.data.columns import as_options, structure_path
from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.reaction_texts import is_reaction, parse_components, parse_reactions
from matscout.data.reactions import Part
from matscout.data.roles import Roles
from matscout.data.sources import Source
from matscout.data.structures import Structures
from matscout.data.tables import Table
from matscout.errors import InputError, RowProblem, UsageError
from matscout.progress import Progress, silent

if TYPE_CHECKING:
    from matscout.data.structure_files import ParsedStructures

_TOLERANCE = 0.01


@dataclass(frozen=True, eq=False)
class RowMaterials:
    """The materials of m of a table's n rows.

    Parameters
    ----------
    materials
        m materials.
    rows
        int64 [m], ascending: the position of each in the table.
    unusable
        bool [n], True for the other rows.
    problems
        Why, and remarks on rows used.
    remarks
        What was recognised, a sentence each.
    readings
        How formulas were understood that are not in plain form.
    """

    materials: Materials
    rows: NDArray[np.int64]
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]
    readings: tuple[CellReading, ...] = ()


@dataclass(frozen=True, eq=False)
class _FoundStructures:
    """m structures and the table rows they belong to, int64 [m]; problems and remark as in :class:`RowMaterials`."""

    structures: Structures
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]
    remark: str


def read_row_materials(
    source: Source, roles: Roles, *, here: bool = False, progress: Progress = silent
) -> RowMaterials:
    """Read the materials of a table.

    With structures, the composition is that of the structure; a formula beside it is kept as the row's formula, and
    a remark tells where the two disagree by more than 0.01 in an atomic fraction.

    Parameters
    ----------
    source
        The table, perhaps with its own structures.
    roles
        Which columns hold ids, formulas and structures, and where else structures lie.
    here
        Whether this process alone reads the structures, however many they are.
    progress
        Told how many structures are read, where they are many.

    Raises
    ------
    InputError
        If there is neither formula nor structure.
    """
    table = source.table
    ids = table.column(roles.id) if roles.id else [str(number) for number in table.row_numbers]
    if roles.reaction:
        return _from_reactions(table, roles.reaction, np.array(ids, dtype=np.str_))
    texts = [cell or "" for cell in table.column(roles.formula)] if roles.formula else [""] * len(table)
    if source.structures is not None:
        found = _FoundStructures(source.structures, np.arange(len(table)), (), f"{len(table)} structures were read.")
        return _with_structures(table, found, np.array(ids, dtype=np.str_), texts)
    if roles.structure or roles.folder:
        from matscout.data.structure_files import read_structures, read_structures_here

        reader = read_structures_here if here else partial(read_structures, progress=progress)
        return _with_structures(table, _read_structures(table, roles, reader), np.array(ids, dtype=np.str_), texts)
    if roles.formula is None:
        raise InputError(
            f"no column of {table.name} holds formulas, structures or reactions (columns: {', '.join(table.columns)}); "
            "name one (--formula, --structure or --reaction)"
        )
    return _from_formulas(table, roles.formula, np.array(ids, dtype=np.str_), texts)


def _renumbered(table: Table, problems: Sequence[RowProblem], rows: Sequence[int]) -> tuple[RowProblem, ...]:
    """Problems numbered by position from 1 within ``rows``, with the table's own row numbers."""
    return tuple(replace(problem, row=int(table.row_numbers[rows[problem.row - 1]])) for problem in problems)


def _from_formulas(table: Table, column: str, ids: NDArray[np.str_], texts: list[str]) -> RowMaterials:
    from matscout.data.formulas import parse_formulas

    parsed = parse_formulas(texts)
    unusable = np.ones(len(table), dtype=np.bool_)
    unusable[parsed.rows] = False
    formulas = np.array(texts, dtype=np.str_)[parsed.rows]
    materials = Materials(ids[parsed.rows], formulas, parsed.compositions)
    problems = _renumbered(table, parsed.problems, range(len(table)))
    return RowMaterials(materials, parsed.rows, unusable, problems, (f"Formulas stand in column {column!r}.",))


def _from_reactions(table: Table, parts: Sequence[Part], ids: NDArray[np.str_]) -> RowMaterials:
    """Reactions of one column of reaction SMILES, or of a column for each component."""
    cells = [table.column(part.name) for part in parts]
    holding = [part.name for part, own in zip(parts, cells, strict=True) if any(map(is_reaction, filter(None, own)))]
    if holding and len(parts) > 1:
        others = [part.name for part in parts if part.name not in holding]
        beside = as_options("--context", others)
        raise UsageError(
            f"{holding[0]!r} holds whole reactions: name it alone (--reaction {shlex.quote(holding[0])})"
            + f", and what is not in it as a condition ({beside})" * bool(others)
        )
    whole = bool(holding)
    parsed = parse_reactions(cells[0]) if whole else parse_components(cells, parts)
    reactions = replace(parsed.reactions, column=parts[0].name) if whole else parsed.reactions
    rows, unusable = parsed.rows, np.ones(len(table), dtype=np.bool_)
    unusable[rows] = False
    texts = np.array([cells[0][row] or "" for row in rows], dtype=np.str_) if whole else parsed.reactions.texts()
    stand = "Reactions stand in column" if whole else "Reactions are put together from"
    told = repr(parts[0].name) if whole else ", ".join(f"{part.name} ({part.side})" for part in parts)
    numbered = [f"The atoms of {parsed.n_mapped} reactions are numbered, which is not needed."] * bool(parsed.n_mapped)
    return RowMaterials(
        Materials(ids[rows], texts, parsed.compositions, reactions=reactions),
        rows,
        unusable,
        _renumbered(table, parsed.problems, range(len(table))),
        (f"{stand} {told}.", *numbered),
    )


def _read_structures(
    table: Table, roles: Roles, reader: Callable[[Sequence[str | Path]], ParsedStructures]
) -> _FoundStructures:
    if roles.structure is not None:
        cells = table.column(roles.structure)
        sources = [structure_path(cell, table.folder) or cell if cell else None for cell in cells]
        remark = f"Structures stand in column {roles.structure!r}."
    else:
        assert roles.folder is not None
        sources, remark = _files_by_name(table, roles.folder)
    present = [row for row, item in enumerate(sources) if item is not None]
    parsed = reader([item for item in sources if item is not None])
    absent = [
        RowProblem(int(table.row_numbers[row]), "", "there is no structure", "add it, or leave the structures out")
        for row, item in enumerate(sources)
        if item is None
    ]
    problems = (*absent, *_renumbered(table, parsed.problems, present))
    return _FoundStructures(parsed.structures, np.array(present, dtype=np.int64)[parsed.rows], problems, remark)


def _files_by_name(table: Table, folder: Path) -> tuple[list[Path | str | None], str]:
    """The file of each row, found by the column whose cells are most often the name of a file, or that up to its end.

    Raises
    ------
    InputError
        If no column names files, or an entry could mean two of them.
    """
    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    files = {path.stem: path for path in paths} | {path.name: path for path in paths}
    hits = {column: sum(cell in files for cell in table.column(column)) for column in table.columns}
    best = max(hits, key=lambda column: hits[column])
    if not hits[best]:
        raise InputError(
            f"no file in {folder} is called like an entry of a column of {table.name}; "
            "the file names, with or without ending, must be the ids of the rows"
        )
    asked = set(table.column(best)) - {path.name for path in paths}
    twice = sorted({path.stem for path in paths if path.stem in asked and files[path.stem] != path})
    if twice:
        meant = " or ".join(path.name for path in paths if path.stem == twice[0])
        raise InputError(f"{twice[0]} in column {best!r} of {table.name} could be {meant}: write the ending")
    found: list[Path | str | None] = [files.get(cell or "") for cell in table.column(best)]
    return found, f"Structures were taken from {folder.name}, matched by column {best!r}."


def compositions_of(structures: Structures) -> Compositions:
    """What the structures are made of: occupancies summed per element, amounts per unit cell."""
    owners = np.repeat(np.arange(len(structures)), np.diff(structures.offsets))
    keys, entry = np.unique(owners * 256 + structures.atomic_numbers, return_inverse=True)
    amounts = np.bincount(entry, weights=structures.occupancies, minlength=len(keys))
    lengths = np.bincount(keys // 256, minlength=len(structures))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Compositions(offsets, (keys % 256).astype(np.uint8), amounts.astype(np.float64))


def _with_structures(table: Table, found: _FoundStructures, ids: NDArray[np.str_], texts: list[str]) -> RowMaterials:
    from matscout.data.formulas import format_formula

    rows, compositions = found.rows, compositions_of(found.structures)
    formulas = [texts[row] or format_formula(compositions.to_dict(i)) for i, row in enumerate(rows)]
    unusable = np.ones(len(table), dtype=np.bool_)
    unusable[rows] = False
    materials = Materials(ids[rows], np.array(formulas, dtype=np.str_), compositions, found.structures)
    problems = (*found.problems, *_disagreements(table, compositions, rows, texts))
    return RowMaterials(materials, rows, unusable, problems, (found.remark,))


def _disagreements(
    table: Table, compositions: Compositions, rows: NDArray[np.int64], texts: list[str]
) -> list[RowProblem]:
    """A remark for each row whose formula is not the composition of its structure."""
    from matscout.data.formulas import format_formula, parse_formulas

    written = [(i, texts[row]) for i, row in enumerate(rows) if texts[row]]
    parsed = parse_formulas([text for _, text in written])
    mine = np.array([i for i, _ in written], dtype=np.int64)[parsed.rows]
    difference = np.abs(parsed.compositions.dense() - compositions[mine].dense()).max(axis=1, initial=0.0)
    return [
        RowProblem(
            int(table.row_numbers[rows[i]]),
            texts[rows[i]],
            f"the structure is {format_formula(compositions.to_dict(int(i)))}",
            "the structure's composition is used; mend the formula or the structure",
            dropped=False,
        )
        for i in mine[difference > _TOLERANCE]
    ]

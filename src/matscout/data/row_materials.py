"""The materials of a table's rows: from formulas, structures or both, checked against each other; or reactions."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, part_of, was
from matscout.data.cell_readings import CellReading
from matscout.data.column_names import as_options
from matscout.data.columns import structure_path
from matscout.data.compositions import Compositions
from matscout.data.defects.tables import defects_of_table
from matscout.data.formula_alloys import Shares, split_unit
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Part
from matscout.data.reactions.texts import is_reaction, parse_components, parse_reactions
from matscout.data.roles import Roles
from matscout.data.sources import Source
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.data.tables import Table
from matscout.errors import InputError, RowProblem, UsageError
from matscout.progress import Progress, silent
from matscout.remarks import Remark

if TYPE_CHECKING:
    from matscout.data.structure_files import ParsedStructures

_TOLERANCE = 0.01
_FEWEST_BLANK = 2
_FILL_DOWN = "if it is that of the rows above, write it in each row (fill down); otherwise, remove the row"
ABSENT = "there is no structure"
_COUNTS = "the composition of the structure is used; correct the formula or the structure"


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
        Formulas that were read, but not letter by letter.
    """

    materials: Materials
    rows: NDArray[np.int64]
    unusable: NDArray[np.bool_]
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]
    readings: tuple[CellReading, ...] = ()


@dataclass(frozen=True, eq=False)
class _RowStructures:
    """m structures and the table rows they belong to, int64 [m]; problems and remark as in :class:`RowMaterials`."""

    structures: Structures
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]
    remark: str


def read_row_materials(
    source: Source, roles: Roles, *, alloys: Shares | None = None, here: bool = False, progress: Progress = silent
) -> RowMaterials:
    """Read the materials of a table.

    With structures, the composition is that of the structure; a formula beside it is kept as the row's formula, and
    a remark tells where the two disagree by more than 0.01 in an atomic fraction. Rows of a table without a structure
    that can be read are read by their formulas, and so are those whose structure is of other elements.

    Parameters
    ----------
    source
        The table, perhaps with its own structures.
    roles
        Which columns hold ids, formulas and structures, and where else structures lie.
    alloys
        What the numbers in the names of alloys are, where neither the header nor the cell says it.
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
    named = np.array(ids, dtype=np.str_)
    if roles.defects:
        return _from_defects(table, roles.defects, named)
    by_structure = _structures_of_rows(source, roles, here=here, progress=progress)
    if roles.formula is None and by_structure is None:
        raise InputError(
            f"no column of {table.name} contains formulas, structures or reactions (columns: "
            f"{', '.join(table.columns)}); name one (--formula, --structure or --reaction)"
        )
    if roles.formula is None:
        assert by_structure is not None
        return _with_structures(table, by_structure, named, [""] * len(table))
    texts = [cell or "" for cell in table.column(roles.formula)]
    by_formula = _from_formulas(table, roles.formula, named, texts, alloys)
    if by_structure is None:
        return by_formula
    checked, differing = _checked_by_formulas(table, by_structure, by_formula)
    return _joined(table, _with_structures(table, checked, named, texts), by_formula, differing)


def _structures_of_rows(source: Source, roles: Roles, *, here: bool, progress: Progress) -> _RowStructures | None:
    """The structures of a table; None where nothing says that it has any."""
    table = source.table
    if source.structures is not None:
        return _RowStructures(
            source.structures,
            np.arange(len(table)),
            (),
            Remark("structures-read", f"{counted(len(table), 'structure')} {was(len(table))} read."),
        )
    if not roles.structure and not roles.folder:
        return None
    if roles.folder is not None and roles.folder.is_file():
        return _from_collection(table, roles.folder, progress)
    from matscout.data.structure_files import read_structures, read_structures_here

    return _read_structures(table, roles, read_structures_here if here else partial(read_structures, progress=progress))


def _renumbered(
    table: Table, problems: Sequence[RowProblem], rows: Sequence[int] | NDArray[np.int64]
) -> tuple[RowProblem, ...]:
    """Problems numbered by position from 1 within ``rows``, with the table's own row numbers."""
    return tuple(replace(problem, row=int(table.row_numbers[rows[problem.row - 1]])) for problem in problems)


def _blank_below(texts: Sequence[str]) -> set[int]:
    """The positions of blank formulas below filled ones, where blocks of rows seem to share a formula; else none."""
    blank = [place for place, text in enumerate(texts) if not text.strip()]
    if len(blank) < _FEWEST_BLANK or 0 in blank or 4 * len(blank) < len(texts):
        return set()
    return set(blank)


def _from_formulas(
    table: Table, column: str, ids: NDArray[np.str_], texts: list[str], alloys: Shares | None
) -> RowMaterials:
    from matscout.data.formulas import parse_formulas

    parsed = parse_formulas(texts, alloys=split_unit(column)[1] or alloys)
    unusable = np.ones(len(table), dtype=np.bool_)
    unusable[parsed.rows] = False
    plainly = {reading.row - 1: reading.read_as for reading in parsed.readings if reading.rule.startswith("alloy")}
    formulas = np.array([plainly.get(row, text) for row, text in enumerate(texts)], dtype=np.str_)[parsed.rows]
    materials = Materials(ids[parsed.rows], formulas, parsed.compositions)
    below = _blank_below(texts)
    listed = [replace(one, advice=_FILL_DOWN) if one.row - 1 in below else one for one in parsed.problems]
    problems = _renumbered(table, listed, range(len(table)))
    readings = tuple(
        replace(reading, row=int(table.row_numbers[reading.row - 1]), column=column) for reading in parsed.readings
    )
    remark = Remark("formulas-in-column", f"Formulas are in column {column!r}.")
    return RowMaterials(materials, parsed.rows, unusable, problems, (remark,), readings)


def _from_reactions(table: Table, parts: Sequence[Part], ids: NDArray[np.str_]) -> RowMaterials:
    """Reactions of one column of reaction SMILES, or of a column for each component."""
    cells = [table.column(part.name) for part in parts]
    holding = [part.name for part, own in zip(parts, cells, strict=True) if any(map(is_reaction, filter(None, own)))]
    if holding and len(parts) > 1:
        others = [part.name for part in parts if part.name not in holding]
        beside = as_options("--context", others)
        raise UsageError(
            f"{holding[0]!r} contains whole reactions: name it alone (--reaction={shlex.quote(holding[0])})"
            + f", and what it lacks as a condition ({beside})" * bool(others)
        )
    whole = bool(holding)
    parsed = parse_reactions(cells[0]) if whole else parse_components(cells, parts)
    reactions = replace(parsed.reactions, column=parts[0].name) if whole else parsed.reactions
    rows, unusable = parsed.rows, np.ones(len(table), dtype=np.bool_)
    unusable[rows] = False
    texts = np.array([cells[0][row] or "" for row in rows], dtype=np.str_) if whole else parsed.reactions.texts()
    stand = "Reactions are in column" if whole else "Reactions are combined from"
    places = repr(parts[0].name) if whole else ", ".join(f"{part.name} ({part.side})" for part in parts)
    text = f"The atoms of {counted(parsed.n_mapped, 'reaction')} are numbered; the numbers are not used."
    numbered = [Remark("atoms-are-numbered", text)] if parsed.n_mapped else []
    return RowMaterials(
        Materials(ids[rows], texts, parsed.compositions, reactions=reactions),
        rows,
        unusable,
        _renumbered(table, parsed.problems, range(len(table))),
        (Remark("reactions-in-columns", f"{stand} {places}."), *numbered),
    )


def _from_defects(table: Table, column: str, ids: NDArray[np.str_]) -> RowMaterials:
    """Arrangements of point defects, one in a row."""
    parsed = defects_of_table(table, column)
    rows, unusable = parsed.rows, np.ones(len(table), dtype=np.bool_)
    unusable[rows] = False
    defects = parsed.defects
    remarks = [Remark("defects-in-column", f"Point defects are in column {column!r}: {defects.made_of}.")]
    if len(rows) and not defects.placed.all():
        without = part_of(int((~defects.placed).sum()), len(defects), "arrangement")
        text = f"{without} without positions: only the numbers of defects are used."
        remarks.append(Remark("defects-without-positions", text))
    materials = Materials(ids[rows], defects.texts(), defects.compositions(), defects=defects)
    return RowMaterials(
        materials, rows, unusable, _renumbered(table, parsed.problems, range(len(table))), tuple(remarks)
    )


def _read_structures(
    table: Table, roles: Roles, reader: Callable[[Sequence[str | Path]], ParsedStructures]
) -> _RowStructures:
    if roles.structure is not None:
        cells = table.column(roles.structure)
        sources = [structure_path(cell, table.folder) or cell if cell else None for cell in cells]
        remark = Remark("structures-in-column", f"Structures are in column {roles.structure!r}.")
    else:
        assert roles.folder is not None
        sources, remark = _files_by_name(table, roles.folder)
    present = [row for row, item in enumerate(sources) if item is not None]
    parsed = reader([item for item in sources if item is not None])
    absent = [
        RowProblem(int(table.row_numbers[row]), "", ABSENT, "add it, or omit the structures")
        for row, item in enumerate(sources)
        if item is None
    ]
    problems = (*absent, *_renumbered(table, parsed.problems, present))
    return _RowStructures(parsed.structures, np.array(present, dtype=np.int64)[parsed.rows], problems, remark)


def _from_collection(table: Table, path: Path, progress: Progress) -> _RowStructures:
    """The structure of each row out of an archive, or a file of many structures, by its name in one of the columns."""
    from matscout.data.structure_files import read_structure_source

    held = read_structure_source(path, progress)
    places = {name: place for place, name in enumerate(held.ids)}
    faults = {problem.value: problem for problem in held.problems}
    best = _naming_column(table, path, {*places, *faults})
    names = [_name_among({*places, *faults}, cell) for cell in table.column(best)]
    rows = np.array([row for row, name in enumerate(names) if name in places], dtype=np.int64)
    problems = [
        replace(faults[name], row=int(table.row_numbers[row])) for row, name in enumerate(names) if name in faults
    ]
    problems += [
        RowProblem(int(table.row_numbers[row]), "", ABSENT, "add it, or omit the structures")
        for row, name in enumerate(names)
        if not name
    ]
    structures = held.structures[np.array([places[names[row]] for row in rows], dtype=np.int64)]
    return _RowStructures(structures, rows, tuple(problems), _matched(path, best))


def _name_among(names: Container[str], cell: str | None) -> str:
    """What a cell calls one of the names, with or without an ending; "" if none."""
    written = cell or ""
    return next((one for one in (written, Path(written).stem) if one and one in names), "")


def _naming_column(table: Table, place: Path, names: Container[str]) -> str:
    """The column whose cells are most often among the names.

    Raises
    ------
    InputError
        If no cell is.
    """
    hits = {column: sum(bool(_name_among(names, cell)) for cell in table.column(column)) for column in table.columns}
    best = max(hits, key=lambda column: hits[column])
    if not hits[best]:
        raise InputError(
            f"no file in {place} has the name of an entry of a column of {table.name}; the file names, with or "
            "without extension, must be the ids of the rows"
        )
    return best


def _files_by_name(table: Table, folder: Path) -> tuple[list[Path | str | None], Remark]:
    """The file of each row, found by the column whose cells are most often the name of a file, or that up to its end.

    Raises
    ------
    InputError
        If no column names files, or an entry could mean two of them.
    """
    from matscout.data.structure_folders import deeper_files

    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    files = deeper_files(folder) | {path.stem: path for path in paths} | {path.name: path for path in paths}
    best = _naming_column(table, folder, files)
    asked = set(table.column(best)) - {path.name for path in paths}
    twice = sorted({path.stem for path in paths if path.stem in asked and files[path.stem] != path})
    if twice:
        meant = " or ".join(path.name for path in paths if path.stem == twice[0])
        raise InputError(f"{twice[0]} in column {best!r} of {table.name} could be {meant}: add the extension")
    row_files: list[Path | str | None] = [files.get(cell or "") for cell in table.column(best)]
    return row_files, _matched(folder, best)


def _matched(path: Path, column: str) -> Remark:
    return Remark("structures-matched", f"Structures were read from {path.name}, matched by column {column!r}.")


def _with_structures(
    table: Table, by_structure: _RowStructures, ids: NDArray[np.str_], texts: list[str]
) -> RowMaterials:
    from matscout.data.formulas import format_formula

    rows, compositions = by_structure.rows, compositions_of(by_structure.structures)
    formulas = [texts[row] or format_formula(compositions.to_dict(i)) for i, row in enumerate(rows)]
    unusable = np.ones(len(table), dtype=np.bool_)
    unusable[rows] = False
    materials = Materials(ids[rows], np.array(formulas, dtype=np.str_), compositions, by_structure.structures)
    return RowMaterials(materials, rows, unusable, by_structure.problems, (by_structure.remark,))


def _joined(
    table: Table, by_structure: RowMaterials, by_formula: RowMaterials, differing: NDArray[np.int64]
) -> RowMaterials:
    """The rows with a structure that can be used, and of the others those whose formulas can be read.

    Where no structure can be used, only the rows of ``differing``, whose structures are not theirs, are taken: a table
    without any of the structures asked for is more likely given the wrong ones.
    """
    usable = len(by_structure.rows) > 0
    others = by_formula.rows[by_structure.unusable[by_formula.rows]] if usable else differing
    problems = _problems_of_both(table, by_structure, by_formula, others)
    structures = by_structure.materials.structures
    if not len(others) or structures is None:
        return replace(by_structure, problems=problems)
    rows = np.sort(np.concatenate([by_structure.rows, others]))
    places = [np.searchsorted(rows, by_structure.rows), np.searchsorted(rows, others)]
    order = np.argsort(np.concatenate(places))
    kept = by_formula.materials[np.searchsorted(by_formula.rows, others)]
    parts = (by_structure.materials, kept) if usable else (kept,)
    materials = Materials(
        np.concatenate([part.ids for part in parts])[order],
        np.concatenate([part.formulas for part in parts])[order],
        Compositions.concatenate([part.compositions for part in parts])[order],
        structures.spread(places[0], len(rows)) if usable else None,
    )
    unusable = np.ones(len(table), dtype=np.bool_)
    unusable[rows] = False
    numbers = set(table.row_numbers[others].tolist())
    readings = tuple(reading for reading in by_formula.readings if reading.row in numbers)
    having = counted(len(by_structure.rows), "row has", "rows have")
    without = counted(len(others), "other is read by its formula", "others are read by their formulas")
    remark = Remark("rows-with-structure", f"{having} a structure; {without}.")
    return RowMaterials(materials, rows, unusable, problems, (*by_structure.remarks, remark), readings)


def _problems_of_both(
    table: Table, by_structure: RowMaterials, by_formula: RowMaterials, others: NDArray[np.int64]
) -> tuple[RowProblem, ...]:
    """Why rows cannot be used, each once, and remarks; ``others`` are read by their formulas."""
    numbers = set(table.row_numbers[others].tolist())
    lacking = set(table.row_numbers[by_structure.unusable].tolist())
    of_formulas = [problem for problem in by_formula.problems if problem.row in lacking and problem.value]
    bad_twice = {problem.row for problem in of_formulas if problem.dropped}
    of_structures = [_by_formula(problem) if problem.row in numbers else problem for problem in by_structure.problems]
    reasons = {problem.row: problem.reason for problem in by_structure.problems if problem.dropped}
    return (
        *(problem for problem in of_structures if problem is not None and problem.row not in bad_twice),
        *(
            replace(problem, reason=f"{problem.reason}, and of its structure: {reasons[problem.row]}")
            if problem.dropped and reasons.get(problem.row, ABSENT) != ABSENT
            else problem
            for problem in of_formulas
        ),
    )


def _by_formula(problem: RowProblem) -> RowProblem | None:
    """What is told of the structure of a row that is read by its formula, None where it has none."""
    if problem.reason == ABSENT:
        return None
    reason = f"{problem.reason}; the formula of the row is used"
    return replace(problem, reason=reason, dropped=False)


def _checked_by_formulas(
    table: Table, by_structure: _RowStructures, by_formula: RowMaterials
) -> tuple[_RowStructures, NDArray[np.int64]]:
    """The structures without those of other elements than the formula of their row, and the rows of these.

    Where only the amounts differ by more than 0.01 in an atomic fraction, the structure counts, with a remark.
    """
    from matscout.data.formulas import format_formula

    compositions = compositions_of(by_structure.structures)
    compared = np.flatnonzero(~by_formula.unusable[by_structure.rows])
    rows = by_structure.rows[compared]
    written = by_formula.materials.compositions[np.searchsorted(by_formula.rows, rows)].dense()
    held = compositions[compared].dense()
    far = np.abs(written - held).max(axis=1, initial=0.0) > _TOLERANCE
    others = far & ((written > 0) != (held > 0)).any(axis=1)
    texts = by_formula.materials.formulas[np.searchsorted(by_formula.rows, rows)]
    problems = [
        RowProblem(
            int(table.row_numbers[rows[place]]),
            str(texts[place]),
            f"the structure is {format_formula(compositions.to_dict(int(compared[place])))}",
            "correct the formula or the structure" if others[place] else _COUNTS,
            dropped=bool(others[place]),
        )
        for place in np.flatnonzero(far)
    ]
    kept = np.setdiff1d(np.arange(len(by_structure.rows)), compared[others])
    checked = replace(
        by_structure,
        structures=by_structure.structures[kept],
        rows=by_structure.rows[kept],
        problems=(*by_structure.problems, *problems),
    )
    return checked, rows[others]

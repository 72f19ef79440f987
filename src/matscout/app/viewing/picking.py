"""One structure out of whatever matscout reads as structures, by its id, without reading the others where it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.app.reading import read_materials

if TYPE_CHECKING:
    from matscout.workflow.label_settings import MaterialSettings

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from matscout.data.materials import Materials
from matscout.data.sources import holds_structures
from matscout.data.structure_arrays import read_structure_arrays
from matscout.data.structure_checks import check
from matscout.data.structure_collections import entries_of
from matscout.data.structure_compositions import compositions_of
from matscout.data.structure_entries import StructureEntry, parse
from matscout.data.structures import Structures
from matscout.errors import NOTHING_TO_DO, InputError, RowProblem, UsageError
from matscout.workflow.parsing import existing

NAMED = 5
"""Ids that a message lists."""


@dataclass(frozen=True, eq=False)
class Picked:
    """One structure.

    Parameters
    ----------
    id
        What it is called where it was found.
    structure
        A single one.
    problems
        Remarks on it.
    """

    id: str
    structure: Structures
    problems: tuple[RowProblem, ...] = ()

    def material(self, formula: str) -> Materials:
        """The structure as a material with this formula."""
        name, written = (np.array([text], dtype=np.str_) for text in (self.id, formula))
        return Materials(name, written, compositions_of(self.structure), self.structure)


def pick(what: str, collection: Path | None, reading: MaterialSettings) -> Picked:
    """The structure that a command line asks for.

    Parameters
    ----------
    what
        A path; with ``collection`` the id of a structure in it.
    collection
        Folder, archive, file of structures, or table with a column of them.
    reading
        How to read a table.

    Raises
    ------
    UsageError
        If ``what`` is no path and there is no collection, or it holds several structures and no id says which.
    InputError
        If there is no structure with this id, or it cannot be read.
    """
    if collection is None:
        return _pick(_as_path(what), None, reading)
    return _pick(existing(collection), what, reading)


def _as_path(what: str) -> Path:
    try:
        return existing(Path(what))
    except InputError as error:
        raise UsageError(f"{error}; if it is the id of a structure, add its collection: --in COLLECTION") from None


def _pick(source: Path, wanted: str | None, reading: MaterialSettings) -> Picked:
    if not holds_structures(source):
        return _from_table(source, wanted, reading)
    if source.suffix.lower() == ".npz":
        return _from_arrays(source, wanted)
    return _from_entries(source, wanted)


def _from_entries(source: Path, wanted: str | None) -> Picked:
    """Out of a folder, an archive or a file: all names are looked at, one structure is read."""
    if wanted is None:
        first = list(islice(entries_of(source), NAMED + 1))
        return _read(first[_place([entry.name for entry in first], None, source)])
    names = []
    for entry in entries_of(source):
        if entry.name == wanted:
            return _read(entry)
        names.append(entry.name)
    raise _not_there(source, wanted, names)


def _read(entry: StructureEntry) -> Picked:
    parsed = parse([entry])
    if not len(parsed.structures):
        problem = parsed.problems[0]
        raise InputError(f"{entry.name} cannot be used: {problem.reason}; {problem.advice}")
    return Picked(entry.name, parsed.structures, parsed.problems)


def _from_arrays(source: Path, wanted: str | None) -> Picked:
    names, structures = read_structure_arrays(source)
    place = _place(names, wanted, source)
    fault = check(structures[[place]])[0]
    if fault is not None and fault.fatal:
        raise InputError(f"{names[place]} cannot be used: {fault.reason}; {fault.advice}")
    remarks = (
        () if fault is None else (RowProblem(place + 1, names[place], fault.reason, NOTHING_TO_DO, dropped=False),)
    )
    return Picked(names[place], structures[[place]], remarks)


def _from_table(source: Path, wanted: str | None, reading: MaterialSettings) -> Picked:
    dataset = read_materials(replace(reading, max_bad=1.0), source)
    if dataset.materials.structures is None:
        raise InputError(
            f"{source} contains formulas but no structures; name the column or the folder of structures (--structure)"
        )
    names = dataset.materials.ids.tolist()
    place = _place(names, wanted, source)
    if not dataset.materials.has_structure[place]:
        raise InputError(f"{names[place]} of {source} has no structure; choose another row (--id)")
    own = tuple(problem for problem in dataset.problems if problem.row == dataset.numbering[place])
    return Picked(names[place], dataset.materials.structures[[place]], own)


def _place(names: Sequence[str], wanted: str | None, source: Path) -> int:
    """Where the wanted one stands, or the only one if none is named."""
    if wanted is not None:
        if wanted not in names:
            raise _not_there(source, wanted, names)
        return list(names).index(wanted)
    if len(names) == 1:
        return 0
    if not names:
        raise InputError(f"there are no structures in {source}; expected structure files, such as CIF or POSCAR")
    raise UsageError(
        f"{source} contains several structures ({_some(names)}); choose one by its id: matscout view {names[0]} --in "
        f"{source}"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:NAMED], *(["..."] if len(names) > NAMED else [])])


def _not_there(source: Path, wanted: str, names: Sequence[str]) -> InputError:
    near = difflib.get_close_matches(wanted, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it contains {_some(names) or 'none'}"
    return InputError(f"{source} has no structure with the id {wanted!r}; {hint}")

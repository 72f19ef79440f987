"""Crystal structures from texts, files, folders, archives, databases and arrays; a bad one never costs the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.structure_arrays import read_structure_arrays
from matscout.data.structure_checks import check
from matscout.data.structure_collections import entries_of
from matscout.data.structure_entries import ParsedEntries, StructureEntry, parse
from matscout.data.structure_folders import Unread
from matscout.data.structure_parsing import joined, parse_all
from matscout.data.structures import Structures
from matscout.errors import RowProblem
from matscout.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class ParsedStructures:
    """What n structure texts or paths hold.

    Parameters
    ----------
    structures
        The m that could be read.
    rows
        int64 [m], ascending: which of the n inputs each structure belongs to.
    problems
        One per input that could not be read (``dropped``) or was read with a remark; ``row`` is the position from 1.
    """

    structures: Structures
    rows: NDArray[np.int64]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, eq=False)
class StructureSource:
    """What a folder or collection of structures holds.

    Parameters
    ----------
    ids
        m unique names: file stem, key, or position from 1.
    structures
        m structures.
    rows
        int64 [m], ascending: the position of each in the source, from 0.
    properties
        Column name -> m values as they stood in the source, None where one is missing.
    problems
        Entries left out, and remarks; ``row`` is the position from 1.
    remarks
        What else it holds and was not read, a sentence each.
    """

    ids: tuple[str, ...]
    structures: Structures
    rows: NDArray[np.int64]
    properties: Mapping[str, list[object]] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    remarks: tuple[str, ...] = ()


def read_structures(texts_or_paths: Sequence[str | Path], progress: Progress = silent) -> ParsedStructures:
    """Read structures given as text or as path, each of any format of :mod:`matscout.data.structure_texts`.

    The format is told by content. Partial occupancies are kept, oxidation states are left out.

    Parameters
    ----------
    texts_or_paths
        n texts (several lines), or paths (one line) to files, also ``.gz``; relative paths start at the current folder.
    progress
        Told how many are read, where they are many.
    """
    _, parsed = _parsed(_entries(texts_or_paths), progress, len(texts_or_paths))
    return ParsedStructures(parsed.structures, parsed.rows, parsed.problems)


def read_structures_here(texts_or_paths: Sequence[str | Path]) -> ParsedStructures:
    """The same by this process alone, which may be one of several that each read a part."""
    parsed = parse(_entries(texts_or_paths))
    return ParsedStructures(parsed.structures, parsed.rows, parsed.problems)


def _entries(texts_or_paths: Sequence[str | Path]) -> list[StructureEntry]:
    return [StructureEntry(_first_line(given), given) for given in texts_or_paths]


def _first_line(given: str | Path) -> str:
    text = str(given).strip()
    return text.splitlines()[0] if text else ""


def read_structure_source(path: Path, progress: Progress = silent) -> StructureSource:
    """Read a folder or an archive of structure files, or a file that holds many structures.

    Parameters
    ----------
    path
        Folder, ``.zip`` or ``.tar`` (also compressed), whose file stems become the ids, whole file names where stems
        repeat; ``.db`` (ASE); ``.json`` or ``.json.gz`` (a structure, a list, a mapping id -> structure, entries with a
        ``structure`` key, the split table of matbench, or a database of ASE); ``.xyz`` or ``.extxyz``; a trajectory of
        ASE; ``.npz`` (:func:`~matscout.data.structure_arrays.read_structure_arrays`); or a single structure of any
        name.
    progress
        Told how many are read, where they are many.

    Raises
    ------
    InputError
        If the source itself cannot be read; single bad structures in it become problems.
    MissingExtraError
        If an ASE database is given and ASE is not installed.
    """
    if path.suffix.lower() == ".npz":
        return _checked(*read_structure_arrays(path))
    unread = Unread()
    names, parsed = _parsed(entries_of(path, unread), progress)
    kept, taken = first_of_each([names[row] for row in parsed.rows], parsed.rows)
    properties = [
        {_printable(name): _printable(value) if isinstance(value, str) else value for name, value in of_one.items()}
        for of_one in (parsed.properties[place] for place in kept)
    ]
    columns = dict.fromkeys(name for of_one in properties for name in of_one)
    return StructureSource(
        tuple(names[row] for row in parsed.rows[kept]),
        parsed.structures[np.array(kept, dtype=np.int64)],
        parsed.rows[kept],
        {name: [of_one.get(name) for of_one in properties] for name in columns},
        tuple(sorted([*parsed.problems, *taken], key=_row)),
        unread.remarks(),
    )


def _checked(names: tuple[str, ...], structures: Structures) -> StructureSource:
    """A source of structures that need no parsing."""
    faults = check(structures)
    problems = [
        RowProblem(row + 1, names[row], fault.reason, fault.advice, fault.fatal)
        for row, fault in enumerate(faults)
        if fault is not None
    ]
    sound = np.flatnonzero([fault is None or not fault.fatal for fault in faults])
    kept, taken = first_of_each([names[row] for row in sound], sound)
    rows = sound[kept]
    return StructureSource(
        tuple(names[row] for row in rows), structures[rows], rows, {}, tuple(sorted([*problems, *taken], key=_row))
    )


def _row(problem: RowProblem) -> int:
    return problem.row


def first_of_each(names: Sequence[str], rows: NDArray[np.int64]) -> tuple[list[int], list[RowProblem]]:
    """Which of the m names come for the first time, and a problem for each of the others."""
    seen: dict[str, int] = {}
    kept, problems = [], []
    for place, (name, row) in enumerate(zip(names, rows.tolist(), strict=True)):
        if name in seen:
            reason = f"the name {name!r} is taken by entry {seen[name]}"
            problems.append(RowProblem(row + 1, name, reason, "give each structure its own name"))
        else:
            seen[name] = row + 1
            kept.append(place)
    return kept, problems


def _printable(text: str) -> str:
    """Without the halves of characters that file names and JSON may hold, and no file of text can."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _parsed(entries: Iterable[StructureEntry], progress: Progress, total: int = 0) -> tuple[list[str], ParsedEntries]:
    """The names of all entries, and what they hold."""
    names: list[str] = []
    parts, sizes = [], []
    for part, parsed in parse_all(entries, progress=progress, total=total):
        names += [_printable(entry.name) for entry in part]
        parts.append(parsed)
        sizes.append(len(part))
    return names, joined(parts, sizes)

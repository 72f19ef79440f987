"""One structure of a collection: what it is called, what is read, and the many of them that one process reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.encodings import decoded
from matscout.data.neighbour_search import load_neighbour_search
from matscout.data.structure_bytes import content_of_file, content_of_member
from matscout.data.structure_calculations import TRAJECTORY_BEGINS, read_trajectory
from matscout.data.structure_checks import check
from matscout.data.structure_json import structure_from_dict
from matscout.data.structure_readings import (
    NO_EXTRAS,
    StructureError,
    StructureExtras,
    StructureReading,
    run_reader,
    structure_of_atoms,
)
from matscout.data.structure_texts import read_structure_text, recognised_format
from matscout.data.structure_xyz import extended_xyz_structure
from matscout.data.structures import Structures
from matscout.errors import NOTHING_TO_DO, RowProblem


@dataclass(frozen=True)
class Packed:
    """The bytes of a file in an archive, perhaps compressed once more."""

    content: bytes


@dataclass(frozen=True)
class Refused:
    """What is known to hold no usable structure before it is read: why, and what to do."""

    reason: str
    advice: str


@dataclass(frozen=True)
class Frame:
    """The lines of one frame of an extended XYZ file: the comment line, then one for each atom."""

    lines: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Document:
    """What should be the JSON form of a pymatgen structure."""

    content: object


@dataclass(frozen=True, eq=False)
class AtomArrays:
    """Cell (rows are vectors, Å), atomic numbers, Cartesian positions (Å), and what else is known of the atoms."""

    cell: NDArray[np.float64]
    numbers: NDArray[np.int64]
    positions: NDArray[np.float64]
    extras: StructureExtras = NO_EXTRAS


Content = str | Path | Packed | Frame | Document | AtomArrays | StructureReading | Refused
"""What a structure is read from; a ``str`` is a text or a path."""


@dataclass(frozen=True, eq=False)
class StructureEntry:
    """One structure to read; travels to another process.

    Parameters
    ----------
    name
        What it is called.
    content
        What it is read from.
    properties
        What else is known about it.
    """

    name: str
    content: Content
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ParsedEntries:
    """What n entries hold.

    Parameters
    ----------
    structures
        The m that could be read.
    rows
        int64 [m], ascending: which of the n entries each belongs to, from 0.
    properties
        Of each of the m, those of the entry and those that were read.
    problems
        Entries that could not be read, and remarks; ``row`` is the position from 1.
    """

    structures: Structures
    rows: NDArray[np.int64]
    properties: tuple[Mapping[str, object], ...] = ()
    problems: tuple[RowProblem, ...] = ()


def parse(entries: Sequence[StructureEntry]) -> ParsedEntries:
    """Read entries one after the other; a bad one becomes a problem."""
    rows: list[int] = []
    readings: list[StructureReading] = []
    problems: list[RowProblem] = []
    for row, entry in enumerate(entries):
        try:
            readings.append(read_content(entry.content))
            rows.append(row)
        except StructureError as error:
            problems.append(RowProblem(row + 1, entry.name, error.reason, error.advice))
            continue
        if remarks := "; ".join(readings[-1].remarks):
            problems.append(RowProblem(row + 1, entry.name, remarks, NOTHING_TO_DO, dropped=False))
    structures = Structures.from_pymatgen([reading.structure for reading in readings])
    faults = check(structures)
    sound = np.array([not fault.fatal if fault else True for fault in faults], dtype=np.bool_)
    problems += [
        RowProblem(rows[place] + 1, entries[rows[place]].name, fault.reason, fault.advice, fault.fatal)
        for place, fault in enumerate(faults)
        if fault is not None
    ]
    kept = np.flatnonzero(sound)
    return ParsedEntries(
        structures[kept],
        np.array(rows, dtype=np.int64)[kept],
        tuple({**entries[rows[place]].properties, **(readings[place].properties or {})} for place in kept),
        tuple(sorted(problems, key=lambda problem: problem.row)),
    )


def weight(entry: StructureEntry) -> int:
    """About how many bytes an entry holds in memory."""
    match entry.content:
        case Packed():
            return len(entry.content.content)
        case str():
            return len(entry.content)
        case Frame():
            return sum(map(len, entry.content.lines))
        case _:
            return 0


def stored_bytes(entry: StructureEntry) -> int:
    """About how many bytes an entry is read from, in memory or in its file."""
    content = entry.content
    if isinstance(content, str) and "\n" not in content.strip():
        content = Path(content.strip())
    if not isinstance(content, Path):
        return weight(entry)
    try:
        return content.stat().st_size
    except (OSError, ValueError):
        return 0


def load_readers() -> None:
    """Load what reading needs: a second, that should not count as time for a structure."""
    load_neighbour_search()


def read_content(content: Content) -> StructureReading:
    """The structure that something holds.

    Raises
    ------
    StructureError
        If it holds none.
    """
    match content:
        case Frame():
            return run_reader(extended_xyz_structure, content.lines)
        case Document():
            return run_reader(structure_from_dict, content.content)
        case AtomArrays():
            return run_reader(_from_atoms, content)
        case StructureReading():
            return run_reader(replace, content)
        case Refused():
            raise StructureError(content.reason, content.advice)
        case _:
            return _read_bytes_or_text(content)


def _read_bytes_or_text(content: str | Path | Packed) -> StructureReading:
    """The structure of a text, or of a file; a ``str`` of one line is the path of one."""
    if isinstance(content, str):
        if not content.strip():
            raise StructureError("it is empty", "give a structure as text or path, or remove the row")
        if len(content.strip().splitlines()) > 1 or recognised_format(content) == "json":
            return read_structure_text(content)
        content = Path(content.strip())
    stored = content_of_member(content.content) if isinstance(content, Packed) else content_of_file(content)
    if stored.startswith(TRAJECTORY_BEGINS):
        return run_reader(_last_frame, stored)
    return read_structure_text(decoded(stored))


def _last_frame(trajectory: bytes) -> StructureReading:
    frames = read_trajectory(trajectory)
    if not frames:
        raise StructureError("it has no frames", "leave it out")
    several = (f"the last of its {len(frames)} frames is used",) * (len(frames) > 1)
    return replace(frames[-1], remarks=several)


def _from_atoms(atoms: AtomArrays) -> StructureReading:
    return StructureReading(structure_of_atoms(atoms.cell, atoms.numbers.tolist(), atoms.positions, atoms.extras))

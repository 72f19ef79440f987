"""One structure of a collection: what it is called, what is read, and the many of them that one process reads."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.budgets import BUDGET
from matscout.data.structure_checks import check
from matscout.data.structure_errors import StructureError, StructureReading, guarded, unit_cell
from matscout.data.structure_json import structure_from_dict
from matscout.data.structure_texts import read_structure_text, recognised_format
from matscout.data.structure_xyz import extended_xyz_structure
from matscout.data.structures import Structures
from matscout.errors import RowProblem

_HALF = 16
"""Zeros among 32 bytes that are more than chance in a text."""

NOT_WRONG = "nothing to do if that is right"


@dataclass(frozen=True)
class Packed:
    """The bytes of a file in an archive."""

    content: bytes
    compressed: bool = False


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
class Atoms:
    """Cell (rows are vectors, Å), atomic numbers, and Cartesian positions (Å)."""

    cell: NDArray[np.float64]
    numbers: NDArray[np.int64]
    positions: NDArray[np.float64]


Content = str | Path | Packed | Frame | Document | Atoms | Refused
"""What a structure is read from; a ``str`` is a text or a path."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One structure to read; travels to another process.

    Parameters
    ----------
    name
        What it is called.
    content
        What it is read from.
    properties
        What else is known about it.
    expected
        Whether it is a mistake if it is no structure.
    """

    name: str
    content: Content
    properties: Mapping[str, object] = field(default_factory=dict)
    expected: bool = True


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


def parse(entries: Sequence[Entry]) -> ParsedEntries:
    """Read entries one after the other; a bad one becomes a problem."""
    rows: list[int] = []
    readings: list[StructureReading] = []
    problems: list[RowProblem] = []
    for row, entry in enumerate(entries):
        try:
            readings.append(read_content(entry.content))
            rows.append(row)
        except StructureError as error:
            problems.append(_refusal(row, entry, error))
            continue
        if remarks := "; ".join(readings[-1].remarks):
            problems.append(RowProblem(row + 1, entry.name, remarks, NOT_WRONG, dropped=False))
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


def load_readers() -> None:
    """Load what reading needs: a second, that should not count as time for a structure."""
    import vesin  # noqa: F401


def _refusal(row: int, entry: Entry, error: StructureError) -> RowProblem:
    if entry.expected:
        return RowProblem(row + 1, entry.name, error.reason, error.advice)
    return RowProblem(row + 1, entry.name, "this file is no structure", NOT_WRONG, dropped=False)


def read_content(content: Content) -> StructureReading:
    """The structure that something holds.

    Raises
    ------
    StructureError
        If it holds none.
    """
    match content:
        case Frame():
            return guarded(extended_xyz_structure, content.lines)
        case Document():
            return guarded(structure_from_dict, content.content)
        case Atoms():
            return guarded(_from_atoms, content)
        case Refused():
            raise StructureError(content.reason, content.advice)
        case _:
            return read_structure_text(_text_of(content))


def _text_of(content: str | Path | Packed) -> str:
    """The text of a structure; a ``str`` of one line is the path of one."""
    if isinstance(content, Path):
        return text_of_file(content)
    if isinstance(content, Packed):
        return _text_of_bytes(content)
    if not content.strip():
        raise StructureError("it is empty", "give a structure as text or path, or leave the row out")
    several_lines = len(content.strip().splitlines()) > 1
    return content if several_lines or recognised_format(content) == "json" else text_of_file(Path(content.strip()))


def _from_atoms(atoms: Atoms) -> StructureReading:
    from pymatgen.core import Structure

    return StructureReading(
        Structure(unit_cell(atoms.cell), list(atoms.numbers), atoms.positions, coords_are_cartesian=True)
    )


def text_of_file(path: Path) -> str:
    """The text of a file, also compressed, up to the size that is still read.

    Raises
    ------
    StructureError
        If there is no such file, it cannot be opened, or it is too large.
    """
    try:
        with path.open("rb") as file:
            return _decoded(file, path.suffix.lower() == ".gz")
    except FileNotFoundError as error:
        raise StructureError("there is no such file", "give a path that exists, or the text itself") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StructureError(f"it cannot be opened ({reason})", "check the file and its permissions") from error


def _text_of_bytes(packed: Packed) -> str:
    try:
        return _decoded(io.BytesIO(packed.content), packed.compressed)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise StructureError(f"it cannot be unpacked ({error})", "pack the archive again") from error


def _decoded(file: Any, compressed: bool) -> str:
    limit = BUDGET.bytes_per_structure
    with gzip.open(file, "rb") if compressed else file as opened:
        content: bytes = opened.read(limit + 1)
    if len(content) > limit:
        raise StructureError(f"it has more than {limit // 1_000_000} MB", "leave it out or reduce it to one cell")
    return decoded(content)


def decoded(content: bytes) -> str:
    """The text that bytes hold: UTF-8, or UTF-16 where a byte order mark or every second byte says so."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content[:64:2].count(0) > _HALF or content[1:64:2].count(0) > _HALF:
        return content.decode("utf-16-be" if content[0] == 0 else "utf-16-le", errors="replace")
    return content.decode("utf-8-sig", errors="replace")

"""Structures from extended XYZ files: frames of a comment line with the lattice and a line for each atom."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from matscout.data.structure_readings import (
    StructureError,
    StructureExtras,
    StructureReading,
    refuse_many,
    structure_of_species,
)

_TRUTH = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}

_LONGEST_COUNT = 9
"""Digits; longer numbers of atoms are not turned into one."""

_ID = re.compile(r"""(?<!\S)id=(?:"([^"]+)"|([^\s"]+))""")


def is_extended_xyz(lines: Sequence[str]) -> bool:
    """Whether the first line is a number of atoms and others follow."""
    return len(lines) > 2 and lines[0].strip().isdecimal()


def read_extended_xyz(text: str) -> StructureReading:
    """The structure of the first frame.

    Raises
    ------
    StructureError
        If the frames are not complete, or the first one has no lattice.
    """
    frames = extended_xyz_frames(text)
    several = (
        (f"the first of its {len(frames)} frames is used (name the file itself to use all)",) if len(frames) > 1 else ()
    )
    reading = extended_xyz_structure(frames[0])
    return replace(reading, remarks=several + reading.remarks)


def extended_xyz_frames(text: str) -> list[list[str]]:
    """The lines of each frame: comment line first, then one line for each atom.

    Raises
    ------
    StructureError
        If a count of atoms is missing or the file ends too early.
    """
    lines = text.split("\n")
    frames = []
    at = 0
    while at < len(lines) and (count := lines[at].strip()):
        if not count.isdecimal():
            raise StructureError(f"line {at + 1} should hold the number of atoms", "check the frame before it")
        atoms = int(count) if len(count) <= _LONGEST_COUNT else len(lines)
        frame = lines[at + 1 : at + 2 + atoms]
        if len(frame) < atoms + 1 or (atoms and not frame[-1].strip()):
            reason = f"it ends before the {count[:12]} atoms announced in line {at + 1}"
            raise StructureError(reason, "complete the file")
        frames.append(frame)
        at += atoms + 2
    return frames


def frame_names(frames: Sequence[Sequence[str]]) -> list[str]:
    """The ``id`` that each frame has in its line of comments; none where one lacks it, or two have the same."""
    names = [match[1] or match[2] if (match := _ID.search(frame[0])) else "" for frame in frames]
    return names if all(names) and len(set(names)) == len(names) else []


def extended_xyz_structure(frame: Sequence[str]) -> StructureReading:
    """The structure of one frame; the other ``key=value`` pairs of its comment line become properties.

    Raises
    ------
    StructureError
        If the frame has no lattice or the columns for species and positions (Å) are missing.
    """
    refuse_many(len(frame) - 1)
    header = _header(frame[0])
    pbc = _pbc(header.pop("pbc", "T T T"))
    lattice = header.pop("lattice", "").split()
    if len(lattice) != 9:
        raise StructureError(
            "its second line has no Lattice with nine numbers", 'add Lattice="ax ay az bx by bz cx cy cz" (Å)'
        )
    columns = _columns(header.pop("properties", "species:S:1:pos:R:3"))
    if not {"species", "pos"} <= set(columns):
        raise StructureError("its Properties lack species or pos", "write Properties=species:S:1:pos:R:3")
    rows = [line.split() or [""] for line in frame[1:]]
    place, first = columns["species"].first, columns["pos"].first
    species = [row[place] if len(row) > place else "" for row in rows]
    if short := next((row for row in rows if len(row) <= max(first + 2, place)), None):
        raise StructureError(f"the atom line {' '.join(short)!r} is too short", "give a symbol and three coordinates")
    positions = np.array([row[first : first + 3] for row in rows], dtype=np.float64)
    cell = np.array(lattice, dtype=np.float64).reshape(3, 3)
    properties = {key: _value(text) for key, text in header.items()}
    charge = properties.get("charge")
    read = {name: _read_column(column, rows) for name, column in columns.items() if name not in ("species", "pos")}
    extras = StructureExtras(
        pbc,
        charge if isinstance(charge, float) else 0.0,
        {name: values for name, values in read.items() if values is not None},
        {key: values for key, text in header.items() if (values := _numbers(text)) is not None},
    )
    structure = structure_of_species(cell, species, positions, extras)
    return StructureReading(structure, _left_out(read), properties)


def _left_out(read: Mapping[str, NDArray[Any] | None]) -> tuple[str, ...]:
    names = ", ".join(name for name, values in read.items() if values is None)
    return (f"its columns {names} are left out: their type is not that of the header",) * bool(names)


def _pbc(text: str) -> tuple[bool, bool, bool]:
    """Along which vectors it is periodic.

    Raises
    ------
    StructureError
        If that is not three truth values.
    """
    values = [_TRUTH.get(word.lower()) for word in text.split()]
    if len(values) != 3 or None in values:
        raise StructureError(f"its pbc is {text[:20]!r}", 'write pbc="T T F" for what is periodic along a and b only')
    return bool(values[0]), bool(values[1]), bool(values[2])


def _read_column(column: _AtomColumn, rows: Sequence[Sequence[str]]) -> NDArray[Any] | None:
    """The values of a column [atoms], or [atoms, width]; None if they are not of its type."""
    words = [row[column.first : column.first + column.width] for row in rows]
    if column.width < 1 or any(len(own) < column.width for own in words):
        return None
    if column.kind == "S":
        return np.array([" ".join(own) for own in words], dtype=np.str_)
    try:
        read = (lambda word: _TRUTH[word.lower()]) if column.kind == "L" else float
        values = np.array([[read(word) for word in own] for own in words])
    except (KeyError, ValueError):
        return None
    return values[:, 0] if column.width == 1 else values


def _numbers(text: str) -> NDArray[np.float64] | None:
    """Several numbers in a text; None if it holds something else."""
    try:
        values = np.array(text.replace(",", " ").replace("[", " ").replace("]", " ").split(), dtype=np.float64)
    except ValueError:
        return None
    return values if len(values) > 1 else None


def _header(line: str) -> dict[str, str]:
    """``key=value`` pairs, values may be quoted; the names that carry structure in lower case."""
    pairs = {}
    without_blanks = "=".join(part.strip() for part in line.split("="))
    for word in shlex.split(without_blanks.replace("{", '"').replace("}", '"')):
        key, sign, value = word.partition("=")
        if sign:
            pairs[key.lower() if key.lower() in ("lattice", "properties", "pbc") else key] = value
    return pairs


class _AtomColumn(NamedTuple):
    """Where a property stands in the lines of atoms: type (S, R, I or L), first place and how many."""

    kind: str
    first: int
    width: int


def _columns(properties: str) -> dict[str, _AtomColumn]:
    """The place of each property, from ``name:type:width:...``."""
    words = properties.split(":")
    columns = {}
    start = 0
    for name, kind, width in zip(words[::3], words[1::3], words[2::3], strict=False):
        columns["species" if name == "element" else name] = _AtomColumn(kind, start, int(width))
        start += int(width)
    return columns


def _value(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text

"""Structures from extended XYZ files: frames of a comment line with the lattice and a line for each atom."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np

from matscout.data.structure_readings import StructureError, StructureReading, refuse_many, unit_cell

_LONGEST_COUNT = 9
"""Digits; longer numbers of atoms are not turned into one."""


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
    several = (f"the first of its {len(frames)} frames is used",) if len(frames) > 1 else ()
    reading = extended_xyz_structure(frames[0])
    return StructureReading(reading.structure, several, reading.properties)


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
            told = f"it ends before the {count[:12]} atoms announced in line {at + 1}"
            raise StructureError(told, "complete the file")
        frames.append(frame)
        at += atoms + 2
    return frames


def extended_xyz_structure(frame: Sequence[str]) -> StructureReading:
    """The structure of one frame; the other ``key=value`` pairs of its comment line become properties.

    Raises
    ------
    StructureError
        If the frame has no lattice or the columns for species and positions (Å) are missing.
    """
    from pymatgen.core import Structure

    refuse_many(len(frame) - 1)
    header = _header(frame[0])
    lattice = header.pop("lattice", "").split()
    if len(lattice) != 9:
        raise StructureError(
            "its second line has no Lattice with nine numbers", 'add Lattice="ax ay az bx by bz cx cy cz" (Å)'
        )
    columns = _columns(header.pop("properties", "species:S:1:pos:R:3"))
    header.pop("pbc", None)
    if not {"species", "pos"} <= set(columns):
        raise StructureError("its Properties lack species or pos", "write Properties=species:S:1:pos:R:3")
    rows = [line.split() or [""] for line in frame[1:]]
    species = [row[columns["species"]] for row in rows]
    first = columns["pos"]
    if short := next((row for row in rows if len(row) <= max(first + 2, columns["species"])), None):
        raise StructureError(f"the atom line {' '.join(short)!r} is too short", "give a symbol and three coordinates")
    positions = np.array([row[first : first + 3] for row in rows], dtype=np.float64)
    cell = unit_cell(np.array(lattice, dtype=np.float64).reshape(3, 3))
    structure = Structure(cell, species, positions, coords_are_cartesian=True)
    return StructureReading(structure, properties={key: _value(text) for key, text in header.items()})


def _header(line: str) -> dict[str, str]:
    """``key=value`` pairs, values may be quoted; the names that carry structure in lower case."""
    pairs = {}
    without_blanks = "=".join(part.strip() for part in line.split("="))
    for word in shlex.split(without_blanks.replace("{", '"').replace("}", '"')):
        key, sign, value = word.partition("=")
        if sign:
            pairs[key.lower() if key.lower() in ("lattice", "properties", "pbc") else key] = value
    return pairs


def _columns(properties: str) -> dict[str, int]:
    """First column of each property, from ``name:type:width:...``."""
    words = properties.split(":")
    columns = {}
    start = 0
    for name, width in zip(words[::3], words[2::3], strict=False):
        columns["species" if name == "element" else name] = start
        start += int(width)
    return columns


def _value(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text

"""One structure from a SHELX file (.res, .ins): cell, lattice type, symmetry operations, atoms (Sheldrick, SHELXL)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from matscout.data.cif_sites import ListedSite, placed_sites
from matscout.data.cif_species import occupants
from matscout.data.space_group_settings import SpaceGroupOperations, is_closed, operations_of_texts
from matscout.data.structure_readings import StructureError, StructureReading, refuse_many, unit_cell
from matscout.data.structures import FULLEST

_CENTRINGS = {
    1: (),
    2: ((1 / 2, 1 / 2, 1 / 2),),
    3: ((2 / 3, 1 / 3, 1 / 3), (1 / 3, 2 / 3, 2 / 3)),
    4: ((0, 1 / 2, 1 / 2), (1 / 2, 0, 1 / 2), (1 / 2, 1 / 2, 0)),
    5: ((0, 1 / 2, 1 / 2),),
    6: ((1 / 2, 0, 1 / 2),),
    7: ((1 / 2, 1 / 2, 0),),
}
"""Translations of LATT 1 to 7: P, I, R (obverse), F, A, B, C."""

_FIXED = 5.0
"""Coordinates of more are held at their value less ten."""


@dataclass
class _File:
    cell: list[float] = field(default_factory=list)
    lattice_type: int = 1
    operations: list[str] = field(default_factory=lambda: ["x,y,z"])
    elements: list[str] = field(default_factory=list)
    variables: list[float] = field(default_factory=list)
    atoms: list[list[str]] = field(default_factory=list)


def is_shelx(lines: Sequence[str]) -> bool:
    """Whether instructions of SHELX stand among these lines: CELL with seven numbers, and LATT or SFAC."""
    words = [line.split() for line in lines]
    cells = [len(word) for word in words if word and word[0].upper() == "CELL"]
    named = {word[0].upper() for word in words if word}
    return bool(cells) and cells[0] >= 8 and not named.isdisjoint({"SFAC", "LATT", "ZERR"})


def read_shelx(text: str) -> StructureReading:
    """The structure of a SHELX file.

    Raises
    ------
    StructureError
        If there is no cell, an atom is of no element, or the operations are incomplete.
    """
    from pymatgen.core import Lattice, Structure

    file = _instructions(text)
    if len(file.cell) != 6:
        raise StructureError("it gives no cell", "add CELL with the wavelength and six numbers")
    lattice = unit_cell(Lattice.from_parameters(*file.cell).matrix)
    operations = _operations(file)
    refuse_many(len(file.atoms) * len(operations))
    listed = [_site(words, file) for words in file.atoms]
    species, positions = [], []
    for site in placed_sites(listed, operations, lattice.matrix):
        # The occupancy of SHELX counts an atom on a special position once for all the operations that leave it there.
        times = len(operations) / len(site.images)
        shares = {symbol: amount * times for symbol, amount in site.shares.items()}
        total = sum(shares.values())
        if not 0 < total <= FULLEST:
            raise StructureError(f"the occupancy of {site.label} is {total:.4g}", "occupancies lie between 0 and 1")
        species += [{symbol: amount / max(1.0, total) for symbol, amount in shares.items()}] * len(site.images)
        positions += list(site.images)
    return StructureReading(Structure(lattice, species, positions))


def _instructions(text: str) -> _File:
    file = _File()
    for line in text.replace("=\n", " ").split("\n"):
        words = line.partition("!")[0].split()
        name = words[0].upper() if words else ""
        match name:
            case "END" | "HKLF":
                break
            case "CELL":
                file.cell = [float(word) for word in words[2:8]]
            case "LATT":
                file.lattice_type = int(words[1])
            case "SYMM":
                file.operations.append("".join(words[1:]).lower())
            case "SFAC":
                file.elements += [word for word in words[1:] if word[0].isalpha()]
            case "FVAR":
                file.variables += [float(word) for word in words[1:]]
            case _ if _is_atom(words, len(file.elements)):
                file.atoms.append(words)
    return file


def _is_atom(words: Sequence[str], elements: int) -> bool:
    """Name, number of its element, and three coordinates; peaks of the electron density (Q1) are none."""
    if len(words) < 5 or not words[0][0].isalpha() or (words[0][0].upper() == "Q" and words[0][1:].isdecimal()):
        return False
    try:
        [float(word) for word in words[2:5]]
    except ValueError:
        return False
    return words[1].isdecimal() and len(words[1]) < 4 and 1 <= int(words[1]) <= elements


def _operations(file: _File) -> SpaceGroupOperations:
    listed = operations_of_texts(file.operations)
    rotations, translations = listed.rotations, listed.translations
    if file.lattice_type > 0:
        rotations, translations = np.concatenate([rotations, -rotations]), np.concatenate([translations, -translations])
    shifts = np.array([(0.0, 0.0, 0.0), *_CENTRINGS.get(abs(file.lattice_type), ())])
    operations = SpaceGroupOperations(
        np.tile(rotations, (len(shifts), 1, 1)), (translations[None] + shifts[:, None]).reshape(-1, 3) % 1.0
    )
    if abs(file.lattice_type) not in _CENTRINGS or not is_closed(operations):
        raise StructureError("its symmetry operations are incomplete", "list all with LATT and SYMM")
    return operations


def _site(words: Sequence[str], file: _File) -> ListedSite:
    held = occupants(file.elements[int(words[1]) - 1], words[0], ())
    x, y, z = (float(word) - 10 if abs(float(word)) > _FIXED else float(word) for word in words[2:5])
    share = _share(float(words[5]) if len(words) > 5 else 11.0, file.variables)
    digits = max(len(word.partition(".")[2]) for word in words[2:5])
    return ListedSite(words[0], {symbol: amount * share for symbol, amount in held.shares.items()}, (x, y, z), digits)


def _share(written: float, variables: Sequence[float]) -> float:
    """The occupancy: 10 + p is p held, 10 m + p is p times variable m, -(10 m + p) is p times (1 - variable m)."""
    if abs(written) < _FIXED:
        return written
    number = int((abs(written) + _FIXED) // 10)
    amount = abs(written) - 10 * number
    if number == 1:
        return amount
    if number > len(variables):
        raise StructureError(f"free variable {number} is not given", "add it to FVAR")
    return amount * (variables[number - 1] if written > 0 else 1 - variables[number - 1])

"""One structure from a POSCAR or CONTCAR, as VASP reads it (VASP wiki, "POSCAR")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import is_element
from matscout.data.structure_readings import StructureError, StructureReading, refuse_many, unit_cell
from matscout.data.unit_cells import NO_VOLUME, volumes_of

_COMMENT = re.compile(r"[!#].*")
_SYMBOL = re.compile(r"[A-Z][a-z]?")
_FRAME = "direct configuration"
"""Begins the positions of each frame of an XDATCAR."""

_HEADER = 7
"""Lines before the positions: title, scale, vectors, symbols and counts."""

_LONGEST_COUNT = 9
"""Digits; longer numbers of atoms are not turned into one."""


def is_poscar(lines: Sequence[str]) -> bool:
    """Whether lines 2 to 5 hold a scale (or three) and three vectors, and line 6 symbols, or counts before a word."""
    numbers = [_numbers(line) for line in lines[1:5]]
    if len(numbers) != 4 or len(numbers[0]) not in (1, 3) or any(len(vector) != 3 for vector in numbers[1:]):
        return False
    sixth, seventh = ([*_words(line), ""] for line in [*lines[5:7], "", ""][:2])
    if all(word[:1].isalpha() for word in sixth[:-1]):
        return len(sixth) > 1
    return all(word.isdecimal() for word in sixth[:-1]) and seventh[0][:1].isalpha()


def _words(line: str) -> list[str]:
    return _COMMENT.sub("", line).split()


def _numbers(line: str) -> list[float]:
    """The numbers that a line begins with, three at most, also with Fortran's exponents (``4.2D0``)."""
    numbers: list[float] = []
    for word in _words(line)[:3]:
        try:
            numbers.append(float(word.lower().replace("d", "e")))
        except ValueError:
            break
    return numbers


def read_poscar(text: str) -> StructureReading:
    """The structure of a POSCAR.

    Raises
    ------
    StructureError
        If a line is missing or holds something else than it should; the reason names it.
    """
    lines, frames = _last_frame(text.split("\n"))
    if len(lines) < 8:
        raise StructureError("it ends before its first atom", "complete the file")
    vectors = np.array([_three(lines, at) for at in (2, 3, 4)])
    scales = _scales(lines[1], vectors)
    named = not _is_counts(lines[5])
    counts_at = 6 if named else 5
    counts = _counts(lines, counts_at)
    at = counts_at + 1
    if lines[at : at + 1] and lines[at].strip()[:1] in ("S", "s"):
        at += 1
    if len(lines) <= at:
        raise StructureError("it ends before its first atom", "complete the file")
    cartesian = lines[at].strip()[:1] in ("C", "c", "K", "k")
    atoms = _atom_lines(lines[at + 1 :], sum(counts))
    symbols, remarks = _symbols(lines, counts, atoms, named=named)
    cell = unit_cell(vectors * scales)
    positions = np.array([_three(lines, at + 1 + place) for place in range(len(atoms))])
    fractional = cell.get_fractional_coords(positions * scales) if cartesian else positions
    from pymatgen.core import Structure

    return StructureReading(Structure(cell, symbols, fractional), (*frames, *remarks))


def _last_frame(lines: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The lines of a POSCAR; of an XDATCAR those of its last frame, with a remark on how many there are."""
    begins = [place for place, line in enumerate(lines) if line[:40].lower().lstrip().startswith(_FRAME)]
    if len(begins) < 2:
        return lines, ()
    last = begins[-1]
    own_cell = is_poscar(lines[max(0, last - _HEADER) : last])
    head = lines[last - _HEADER : last] if own_cell else lines[:_HEADER]
    return [*head, *lines[last:]], (f"the last of its {len(begins)} frames is used",)


def _three(lines: Sequence[str], at: int) -> list[float]:
    if len(numbers := _numbers(lines[at])) != 3:
        raise StructureError(
            f"Cannot parse coordinates: line {at + 1} is {lines[at].strip()[:60]!r}", "write three numbers"
        )
    return numbers


def _scales(line: str, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factors of x, y and z; a negative number is the volume of the cell, Å³."""
    given = np.array(_numbers(line))
    if len(given) == 1 and given[0] < 0:
        volume = float(volumes_of(vectors))
        if volume == 0:
            raise StructureError(*NO_VOLUME)
        return np.full(3, (-given[0] / volume) ** (1 / 3))
    if len(given) not in (1, 3) or not (given > 0).all():
        raise StructureError(f"line 2 is {line.strip()[:60]!r}", "write one scale, three positive ones, or -volume")
    return np.broadcast_to(given, 3)


def _is_counts(line: str) -> bool:
    words = _words(line)
    return bool(words) and words[0].isdecimal()


def _counts(lines: Sequence[str], at: int) -> list[int]:
    words = _words(lines[at])
    whole = [word for word in words if word.isascii() and word.isdecimal()]
    if not words or whole != words:
        raise StructureError(
            f"line {at + 1} is {lines[at].strip()[:60]!r}", "write the number of atoms of each element"
        )
    if longest := next((word for word in words if len(word) > _LONGEST_COUNT), None):
        raise StructureError(f"it announces {longest[:20]}... atoms", "reduce it to one cell")
    counts = [int(word) for word in words]
    refuse_many(sum(counts))
    return counts


def _atom_lines(lines: Sequence[str], announced: int) -> list[list[str]]:
    rows = [line.split() for line in lines[:announced]]
    listed = next((place for place, words in enumerate(rows) if not words), len(rows))
    if listed == announced:
        # Velocities and grids of densities stand behind an empty line or a word.
        listed += sum(1 for _ in takewhile(lambda line: len(_numbers(line)) == 3, lines[announced:]))
    if listed != announced:
        raise StructureError(f"{announced} atoms are announced, {listed} are listed", "correct the counts or the list")
    return rows


def _symbols(
    lines: Sequence[str], counts: Sequence[int], atoms: Sequence[Sequence[str]], *, named: bool
) -> tuple[list[str], tuple[str, ...]]:
    """The element of each atom, and a remark where it does not stand where it should."""
    if named:
        kinds = [re.split(r"[_/]", word)[0] for word in _words(lines[5])]
        if len(kinds) != len(counts):
            reason = f"line 6 names {len(kinds)} elements, line 7 counts {len(counts)}"
            raise StructureError(reason, "write one number for each element")
        return _repeated(kinds, counts), ()
    behind = [words[3] if len(words) > 3 else "" for words in atoms]
    if behind and all(map(is_element, behind)):
        return behind, ("its elements were read from the text after the positions",)
    comment = _SYMBOL.findall(lines[0])
    if len(comment) == len(counts) and "".join(comment) == "".join(lines[0].split()) and all(map(is_element, comment)):
        return _repeated(comment, counts), ("its elements were read from the first line",)
    raise StructureError("its elements are not named", "add the line of element symbols before the counts")


def _repeated(kinds: Sequence[str], counts: Sequence[int]) -> list[str]:
    if unknown := next((kind for kind in kinds if not is_element(kind)), None):
        raise StructureError(f"{unknown[:20]} is not an element", "name the atoms by element symbols")
    return [kind for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]

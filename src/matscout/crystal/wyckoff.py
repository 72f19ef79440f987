"""Wyckoff positions of the 230 space groups in their standard settings.

Unique axis b and cell choice 1, origin choice 2, hexagonal axes of rhombohedral groups: as the International Tables
for Crystallography A print them. The table in ``symmetry_tables/`` holds the first position of each; its images follow
from spglib's operations.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.read_only import lock
from matscout.data.space_group_settings import SpaceGroupOperations, settings
from matscout.errors import UsageError

Floats = NDArray[np.float64]

GROUPS = 230
"""Space groups."""

LETTERS = "abcdefghijklmnopqrstuvwxyzA"
"""Letters of Wyckoff positions in their order; the 27th, alpha of ``Pmmm``, is written A as spglib does."""

PRIMITIVE_VECTORS = {
    "P": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "A": ((1, 0, 0), (0, 1 / 2, -1 / 2), (0, 1 / 2, 1 / 2)),
    "C": ((1 / 2, 1 / 2, 0), (-1 / 2, 1 / 2, 0), (0, 0, 1)),
    "I": ((-1 / 2, 1 / 2, 1 / 2), (1 / 2, -1 / 2, 1 / 2), (1 / 2, 1 / 2, -1 / 2)),
    "F": ((0, 1 / 2, 1 / 2), (1 / 2, 0, 1 / 2), (1 / 2, 1 / 2, 0)),
    "R": ((2 / 3, 1 / 3, 1 / 3), (-1 / 3, 1 / 3, 1 / 3), (-1 / 3, -2 / 3, 1 / 3)),
}
"""Centring -> vectors of a primitive cell, as parts of those of the conventional one."""

_TABLE = Path(__file__).parent / "symmetry_tables" / "wyckoff.csv"
_TERM = re.compile(r"([+-]?)(\d+/\d+|\d+)?([xyz]?)")
_PART = re.compile(r"[+-]?(\d+/\d+|\d*[xyz]|\d+)([+-](\d+/\d+|\d*[xyz]|\d+))*")
_GRID = 24
"""Shifts of operations and positions are multiples of 1/24."""


@dataclass(frozen=True, eq=False)
class WyckoffPosition:
    """One Wyckoff position of a space group.

    Parameters
    ----------
    letter
        One of :data:`LETTERS`.
    multiplicity
        Sites in the conventional cell.
    site_symmetry
        As the International Tables write it.
    matrix, shift
        int64 [3, 3] and float64 [3]: the first position is ``matrix @ (x, y, z) + shift``. A coordinate that is free
        stands in its own place: where x is free, it is the first coordinate of the first position.
    free
        bool [3], which of x, y and z are free.
    rotations, shifts
        int64 [multiplicity, 3, 3] and float64 [multiplicity, 3]: the sites in the conventional cell are
        ``rotations @ (x, y, z) + shifts``, the first position first. The first ``multiplicity / centring`` of them
        are those of a primitive cell.
    """

    letter: str
    multiplicity: int
    site_symmetry: str
    matrix: NDArray[np.int64]
    shift: Floats
    free: NDArray[np.bool_]
    rotations: NDArray[np.int64]
    shifts: Floats

    def __post_init__(self) -> None:
        lock(self)

    def first(self, free: Floats) -> Floats:
        """First positions [..., 3], in [0, 1), of coordinates (x, y, z) [..., 3]; those not free are not read."""
        return np.asarray((np.where(self.free, free, 0.0) @ self.matrix.T + self.shift) % 1.0)

    def sites(self, free: Floats) -> Floats:
        """All sites [..., multiplicity, 3] in the conventional cell, in [0, 1), of coordinates (x, y, z) [..., 3]."""
        moved = np.einsum("kij,...j->...ki", self.rotations, np.where(self.free, free, 0.0))
        return np.asarray((moved + self.shifts) % 1.0)

    def on_first(self, places: Floats) -> Floats:
        """How far places [..., 3] are from the first position, as the largest part of a cell vector, [...]."""
        apart = self.first(places) - places
        return np.asarray(np.abs(apart - np.round(apart)).max(axis=-1))


@dataclass(frozen=True, eq=False)
class WyckoffPositions:
    """All Wyckoff positions of one space group, in the order of their letters.

    Parameters
    ----------
    number
        1 to 230.
    hall_number
        spglib's number of the standard setting.
    symbol
        The international symbol of that setting.
    positions
        The positions; the last is the general one.
    """

    number: int
    hall_number: int
    symbol: str
    positions: tuple[WyckoffPosition, ...]

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, letter: str) -> WyckoffPosition:
        """The position with a letter; raises :class:`~matscout.errors.UsageError` if there is none."""
        place = LETTERS.find(letter)
        if len(letter) != 1 or not 0 <= place < len(self):
            names = f"a to {LETTERS[len(self) - 1]}" if len(self) > 1 else "a"
            raise UsageError(f"space group {self.number} has no Wyckoff position {letter!r}; it has {names}")
        return self.positions[place]

    @property
    def centring(self) -> int:
        """Lattice points in the conventional cell: 1, 2, 3 or 4."""
        return round(1.0 / float(abs(np.linalg.det(self.primitive))))

    @property
    def primitive(self) -> Floats:
        """Vectors of a primitive cell as parts of the conventional ones, float64 [3, 3], rows."""
        return np.array(PRIMITIVE_VECTORS[self.symbol[0]], dtype=np.float64)

    @cached_property
    def multiplicities(self) -> NDArray[np.int64]:
        """Sites of each position in the conventional cell, [positions]."""
        return np.array([one.multiplicity for one in self.positions])

    @cached_property
    def primitive_multiplicities(self) -> NDArray[np.int64]:
        """Sites of each position in a primitive cell, [positions]."""
        return np.asarray(self.multiplicities // self.centring)

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """Which of x, y and z are free, [positions, 3]."""
        return np.array([one.free for one in self.positions])


@cache
def wyckoff(number: int) -> WyckoffPositions:
    """The Wyckoff positions of a space group.

    Raises
    ------
    UsageError
        If there is no such group.
    """
    if not 1 <= number <= GROUPS:
        raise UsageError(f"there are space groups 1 to {GROUPS}; got {number}")
    rows = _rows()[number]
    setting = settings()[int(rows[0]["hall_number"]) - 1]
    operations, centring = setting.operations(), _centring_vectors(setting.operations())
    positions = tuple(_position(row, operations, centring) for row in rows)
    return WyckoffPositions(number, setting.hall_number, setting.name, positions)


@cache
def _rows() -> dict[int, list[dict[str, str]]]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {int(number): list(some) for number, some in groupby(rows, key=lambda row: row["space_group"])}


def _centring_vectors(operations: SpaceGroupOperations) -> Floats:
    pure = (operations.rotations == np.eye(3, dtype=np.int64)).all(axis=(1, 2))
    return np.asarray(operations.translations[pure])


def _position(row: dict[str, str], operations: SpaceGroupOperations, centring: Floats) -> WyckoffPosition:
    matrix, shift = read_position(row["position"])
    rotations = operations.rotations @ matrix
    shifts = _exact((operations.rotations @ shift + operations.translations) % 1.0)
    first = _first_of_each(rotations, shifts, centring)
    all_rotations = np.tile(rotations[first], (len(centring), 1, 1))
    all_shifts = np.concatenate([_exact((shifts[first] + vector) % 1.0) for vector in centring])
    if len(all_shifts) != int(row["multiplicity"]):
        raise ValueError(f"{row} has {len(all_shifts)} images")
    free = np.asarray(matrix.any(axis=0))
    return WyckoffPosition(
        row["letter"], len(all_shifts), row["site_symmetry"], matrix, shift, free, all_rotations, all_shifts
    )


def _first_of_each(rotations: NDArray[np.int64], shifts: Floats, centring: Floats) -> list[int]:
    """Which images differ from all earlier ones by more than a lattice translation."""
    seen: set[bytes] = set()
    first = []
    for place, (rotation, shift) in enumerate(zip(rotations, shifts, strict=True)):
        if _key(rotation, shift) in seen:
            continue
        first.append(place)
        seen |= {_key(rotation, shift + vector) for vector in centring}
    return first


def _key(rotation: NDArray[np.int64], shift: Floats) -> bytes:
    whole = np.round(shift * _GRID).astype(np.int64) % _GRID
    return rotation.astype(np.int8).tobytes() + whole.astype(np.int8).tobytes()


def _exact(shifts: Floats) -> Floats:
    return np.asarray(np.round(shifts * _GRID) % _GRID / _GRID)


def read_position(text: str) -> tuple[NDArray[np.int64], Floats]:
    """The matrix [3, 3] and the shift [3], in [0, 1), of a position like ``x,2x,z+1/4``.

    Raises
    ------
    ValueError
        If it is no such text.
    """
    matrix, shift = np.zeros((3, 3), dtype=np.int64), np.zeros(3)
    for row, part in enumerate(_parts(text)):
        for sign, number, name in _TERM.findall(part):
            value = Fraction(number or (1 if name else 0)) * (-1 if sign == "-" else 1)
            if name:
                matrix[row, "xyz".index(name)] += int(value)
            else:
                shift[row] += float(value)
    return matrix, shift % 1.0


def _parts(text: str) -> list[str]:
    parts = text.replace(" ", "").split(",")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"{text!r} is no position like x,2x,z+1/4")
    return parts

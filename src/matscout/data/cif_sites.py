"""The sites of a CIF: what they hold, where they lie within the digits given, and all their images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.cif_species import Occupants, occupants
from matscout.data.cif_syntax import ABSENT, CifBlock
from matscout.data.elements import add_amounts
from matscout.data.space_group_settings import SpaceGroupOperations
from matscout.data.structure_readings import StructureError
from matscout.data.structures import FULLEST

SAME = 1e-4
"""Fractional; positions that differ by less are one, whatever digits they are given with."""

FULL_APART = 0.5
"""Å; images of a full site that are closer are one atom: none come as close."""

ONE_ATOM = 0.1
"""Å; images of a full site that are closer are one, whatever the digits: programs find symmetry within tolerances."""

PARTIAL_APART = 0.2
"""Å; images of a partial site that are closer are one: that far apart are alternatives that diffraction can tell."""

_THIRDS = (1 / 3, 2 / 3)
_TAGS = ("_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z")


@dataclass(frozen=True)
class ListedSite:
    """A row of the list of atoms: label, what it holds with its occupancy, fractional position, and digits given."""

    label: str
    shares: Mapping[str, float]
    position: tuple[float, float, float]
    digits: int
    multiplicity: int | None = None


@dataclass(frozen=True, eq=False)
class PlacedSite:
    """A site with all its images, float64 [images, 3], and what it holds."""

    label: str
    shares: Mapping[str, float]
    images: NDArray[np.float64]
    multiplicity: int | None = None


def number(text: str) -> float:
    """A number of a CIF, its standard uncertainty in brackets left out; also a fraction ``1/3``.

    Raises
    ------
    StructureError
        If it is none.
    """
    bare = text.partition("(")[0].strip()
    numerator, slash, denominator = bare.partition("/")
    try:
        value = float(numerator) / float(denominator) if slash else float(bare)
    except (ValueError, ZeroDivisionError):
        value = np.nan
    if not np.isfinite(value):
        raise StructureError(f"could not convert string to float: {text[:40]!r}", "write a number")
    return value


def listed_sites(block: CifBlock, declared: frozenset[str]) -> tuple[list[ListedSite], list[str]]:
    """The atoms that a block lists, vacancies and dummies left out, and remarks.

    Raises
    ------
    StructureError
        If a row has no position, an occupancy that cannot be, or no element.
    """
    if block.cut.intersection(_TAGS):
        raise StructureError("its list of atoms ends within a row", "complete the file")
    positions = [block.column(tag) for tag in _TAGS]
    symbols = block.column("_atom_site_type_symbol")
    labels = block.column("_atom_site_label") or symbols
    columns = (block.column("_atom_site_occupancy"), block.column("_atom_site_calc_flag"))
    counts = block.column("_atom_site_symmetry_multiplicity", "_atom_site_site_symmetry_multiplicity")
    if not labels or any(len(column) != len(labels) for column in positions):
        raise StructureError("its atoms have no labels", "add the column _atom_site_label")
    sites, remarks = [], []
    for row, label in enumerate(labels):
        occupancy, flag = (column[row] if column else "" for column in columns)
        if flag.lower() in ("dum", "dummy"):
            remarks.append("dummy atoms are left out")
            continue
        symbol = symbols[row] if symbols and symbols[row] not in ABSENT else None
        held = occupants(symbol, label, declared)
        if held.remark:
            remarks.append(held.remark)
        if (share := _occupancy(occupancy, label)) == 0:
            remarks.append("sites with occupancy 0 are left out")
        elif held.shares:
            where = [column[row] for column in positions]
            sites.append(_listed_site(label, held, share, where, counts[row] if counts else ""))
    return sites, list(dict.fromkeys(remarks))


def _occupancy(text: str, label: str) -> float:
    value = 1.0 if text.strip() in ABSENT else number(text)
    if not 0 <= value <= FULLEST:
        raise StructureError(f"the occupancy of {label} is {value:g}", "occupancies lie between 0 and 1")
    return value


def _listed_site(label: str, held: Occupants, share: float, texts: Sequence[str], count: str) -> ListedSite:
    if missing := [text for text in texts if text.strip() in ABSENT]:
        raise StructureError(f"the position of {label} is {missing[0]!r}", "give it, or leave the atom out")
    x, y, z = (_ideal(number(text)) for text in texts)
    shares = {symbol: amount * share for symbol, amount in held.shares.items()}
    multiplicity = int(count) if count.isascii() and count.isdecimal() and len(count) < 4 else None
    return ListedSite(label, shares, (x, y, z), max(map(_digits, texts)), multiplicity)


def _ideal(value: float) -> float:
    """Four digits of a third mean a third."""
    return next((third for third in _THIRDS if abs(value / third - 1) <= SAME), value)


def _digits(text: str) -> int:
    """Decimals of a number as it is written; many for a fraction or a power of ten."""
    bare = text.partition("(")[0].strip().lower()
    return 9 if "/" in bare or "e" in bare else len(bare.partition(".")[2])


def placed_sites(
    listed: Sequence[ListedSite], operations: SpaceGroupOperations, lattice: NDArray[np.float64]
) -> list[PlacedSite]:
    """The sites with all their images; rows at one place become one site.

    Images of a row that lie closer than its digits can tell are one: its position is moved to the special one there.
    """
    positions = np.empty((len(listed), 3))
    shares: list[dict[str, float]] = []
    first: list[ListedSite] = []
    for site in listed:
        position = _special_position(site, operations, lattice)
        if (place := _same_site(position, positions[: len(first)], operations)) is None:
            positions[len(first)] = position
            shares.append(dict(site.shares))
            first.append(site)
        else:
            add_amounts(shares[place], site.shares)
    return [
        PlacedSite(site.label, held, _images(position, operations), site.multiplicity)
        for site, held, position in zip(first, shares, positions, strict=False)
    ]


def _special_position(
    site: ListedSite, operations: SpaceGroupOperations, lattice: NDArray[np.float64]
) -> NDArray[np.float64]:
    position = np.array(site.position)
    if len(operations) == 1:
        return position
    full = sum(site.shares.values()) > FULLEST / 2
    within = max(SAME, 2.001 * 10.0**-site.digits)
    moves = _moves(position, operations)
    distances = np.linalg.norm(moves @ lattice, axis=1)
    near = (np.abs(moves) <= within).all(axis=1) & (distances < (FULL_APART if full else PARTIAL_APART))
    near |= (np.abs(moves) <= SAME).all(axis=1) | (full & (distances < ONE_ATOM))
    if near.sum() == 1:
        return position
    moved: NDArray[np.float64] = position + moves[near].mean(axis=0)
    # Operations that leave a point where it is form a group; others near it have no common point.
    return moved if np.abs(_moves(moved, operations)[near]).max() < SAME / 10 else position


def _moves(position: NDArray[np.float64], operations: SpaceGroupOperations) -> NDArray[np.float64]:
    """How far each operation moves a position, in the nearest cell, [operations, 3]."""
    moves = operations.rotations @ position + operations.translations - position
    return np.asarray(moves - np.round(moves))


def _same_site(
    position: NDArray[np.float64], others: NDArray[np.float64], operations: SpaceGroupOperations
) -> int | None:
    """Which of the other sites [sites, 3] has an image here."""
    images = operations.rotations @ position + operations.translations
    apart = others[:, None, :] - images[None, :, :]
    same = np.any((np.abs(apart - np.round(apart)) <= SAME).all(axis=2), axis=1)
    return int(np.argmax(same)) if np.any(same) else None


def _images(position: NDArray[np.float64], operations: SpaceGroupOperations) -> NDArray[np.float64]:
    images = (operations.rotations @ position + operations.translations) % 1.0
    if len(images) == 1:
        return np.asarray(images)
    apart = images[:, None, :] - images[None, :, :]
    same = (np.abs(apart - np.round(apart)) <= SAME).all(axis=2)
    return np.asarray(images[np.argmax(same, axis=1) == np.arange(len(images))])

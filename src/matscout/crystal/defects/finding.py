"""The defects of one supercell: what differs from the host, and what cannot be told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.defects.lattices import LARGEST_STRAIN, nearest_supercell, rotated_supercells, strain_of
from matscout.crystal.defects.matching import TOLERANCE, TRUSTED, Matching, match, nearest_neighbours
from matscout.data.defects.column_store import counts_text
from matscout.data.defects.hosts import HostCrystal, gaps_of, supercell_sites
from matscout.data.defects.images import shortest_vectors
from matscout.data.elements import SYMBOLS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DOUBTFUL = 0.35
"""Displacement, as a share of the nearest-neighbour distance, from which on an atom may have left its site."""
OFF_CENTRE = 0.65
"""The same, up to which an atom beside a vacancy of its element may still belong to it."""
LEAST_KEPT = 0.5
"""Share of the atoms that must be at a site of their element; with fewer, the host is another one."""


class NoArrangementError(Exception):
    """A cell that is no arrangement of defects in the host, with what to do about it."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.advice = advice


@dataclass(frozen=True, eq=False)
class FoundDefects:
    """The defects of one supercell.

    Parameters
    ----------
    matrix
        Nine whole numbers of the supercell.
    was, now
        Atomic numbers of d sites before and after, 0 for nothing.
    positions
        float64 [d, 3], Å, in the host as it is without defects.
    displacement
        Å, of the atom with a site that is farthest from it.
    strain
        Largest relative change of a length.
    remarks
        What a reader should know, with a code each.
    """

    matrix: tuple[int, ...]
    was: Integers
    now: Integers
    positions: Floats
    displacement: float
    strain: float
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class DefectFinder:
    """Finds defects relative to a host.

    Parameters
    ----------
    host
        The cell without defects.
    tolerance
        Å, beyond which an atom is at no site; None for half of the nearest-neighbour distance, and for cells in which
        that is not clear to be refused.
    """

    host: HostCrystal
    tolerance: float | None = None

    def find(self, lattice: Floats, numbers: Integers, fractional: Floats) -> FoundDefects:
        """The defects of a cell of a atoms.

        Raises
        ------
        NoArrangementError
            If it is no supercell of the host, or can be read in two ways.
        """
        host = _as_wide(self.host, lattice, fractional)
        nearest = nearest_neighbours(host)
        tolerance = TOLERANCE * nearest if self.tolerance is None else self.tolerance
        matrix, strain, matching = _laid(host, lattice, numbers, fractional, tolerance)
        sites, held = supercell_sites(self.host, matrix)
        vacant = np.setdiff1d(np.arange(len(held)), matching.site)
        if self.tolerance is None:
            _refuse_doubtful(matching, numbers, held, vacant, nearest)
        changed = np.flatnonzero((matching.site >= 0) & (held[matching.site] != numbers))
        added = np.flatnonzero(matching.site < 0)
        at = matching.site[changed]
        was = np.concatenate([held[vacant], held[at], np.zeros(len(added), dtype=np.int64)])
        now = np.concatenate([np.zeros(len(vacant), dtype=np.int64), numbers[changed], numbers[added]])
        beside = sites[matching.nearest[added]] + _offsets(host, matrix, matching, added)
        return FoundDefects(
            matrix,
            was,
            now,
            np.concatenate([sites[vacant], sites[at], beside]),
            float(matching.displacements.max(initial=0.0)),
            strain,
            tuple(_shared_words(matching, numbers)),
        )


def _as_wide(host: HostCrystal, lattice: Floats, fractional: Floats) -> HostCrystal:
    """A layer with the vacuum of a supercell; other hosts as they are."""
    if sum(host.periodic) != 2:
        return host
    axis = host.periodic.index(False)
    wanted, own = float(np.linalg.norm(lattice[axis])), float(np.linalg.norm(host.cell[axis]))
    if abs(wanted / own - 1.0) < 1e-6 or gaps_of(lattice, fractional)[axis] < 4.0:
        return host
    cell, coordinates = host.cell.copy(), host.coordinates.copy()
    ordered = np.sort(np.mod(coordinates[:, axis], 1.0))
    start = ordered[int(np.argmax(np.diff(np.append(ordered, ordered[0] + 1.0)))) + 1 - len(ordered)]
    cell[axis] *= wanted / own
    coordinates[:, axis] = np.mod(coordinates[:, axis] - start + 1e-9, 1.0) * own / wanted + start
    return replace(host, lattice=tuple(cell.ravel().tolist()), fractional=tuple(coordinates.ravel().tolist()))


def _laid(
    host: HostCrystal, lattice: Floats, numbers: Integers, fractional: Floats, tolerance: float
) -> tuple[tuple[int, ...], float, Matching]:
    """The supercell, its strain, and atoms on sites, laid on the host so that most are at sites of their element."""
    multiples, strain = nearest_supercell(host.cell, lattice)
    across = host.periodic.index(False) if sum(host.periodic) == 2 else None
    best = None
    if strain <= LARGEST_STRAIN:
        best = _tried(host, multiples, numbers, fractional, tolerance)
    if best is None or best[0] < TRUSTED:
        tried = [
            _tried(host, one, numbers, fractional, tolerance) for one in rotated_supercells(host.cell, lattice, across)
        ]
        best = max([*([best] if best else []), *tried], key=lambda one: one[0], default=None)
    if strain > LARGEST_STRAIN and (best is None or best[0] < TRUSTED):
        raise NoArrangementError(
            f"the cell is no supercell of {host.formula}: the nearest one is strained by {min(strain, 9.99):.1%}, more "
            f"than {LARGEST_STRAIN:.0%}",
            "check the host, or scale the cell to it",
        )
    assert best is not None
    if best[0] < LEAST_KEPT:
        raise NoArrangementError(
            f"only {best[0]:.0%} of its atoms are at a site of their element in {host.formula}", "name its own host"
        )
    _, multiples, matching = best
    return tuple(multiples.ravel().tolist()), strain_of(multiples, host.cell, lattice), matching


def _tried(
    host: HostCrystal, multiples: Integers, numbers: Integers, fractional: Floats, tolerance: float
) -> tuple[float, Integers, Matching]:
    """The share of atoms at a site of their element, the supercell, and atoms on sites."""
    matrix = tuple(multiples.ravel().tolist())
    matching = match(host, matrix, fractional @ multiples, numbers, tolerance)
    _, held = supercell_sites(host, matrix)
    home = (matching.site >= 0) & (held[matching.site] == numbers)
    return float(home.mean()), multiples, matching


def _offsets(host: HostCrystal, matrix: tuple[int, ...], matching: Matching, atoms: Integers) -> Floats:
    """From the nearest site to each of some atoms, Å, [m, 3]."""
    sites, _ = supercell_sites(host, matrix)
    steps = matching.places[atoms] - sites[matching.nearest[atoms]]
    cell = np.array(matrix).reshape(3, 3) @ host.cell
    return shortest_vectors(steps, cell, (True, True, True))


def _refuse_doubtful(matching: Matching, numbers: Integers, held: Integers, vacant: Integers, nearest: float) -> None:
    """Refuse cells in which an atom may be at a site or beside it, with both readings."""
    placed = matching.site >= 0
    doubtful = placed & (matching.distances > DOUBTFUL * nearest)
    beside = ~placed & np.isin(matching.nearest, vacant) & (matching.distances < OFF_CENTRE * nearest)
    beside &= held[matching.nearest] == numbers
    unclear = np.flatnonzero(doubtful | beside)
    if not len(unclear):
        return
    atom = int(unclear[np.argmax(matching.distances[unclear])])
    distance = float(matching.distances[atom])
    near = _counts(np.where(placed | beside, matching.nearest, -1), numbers, held)
    apart = _counts(np.where(placed & ~doubtful, matching.site, -1), numbers, held)
    raise NoArrangementError(
        f"atom {atom + 1} ({SYMBOLS[numbers[atom] - 1]}) is {distance:.2f} Å from the nearest site, "
        f"{distance / nearest:.0%} of the distance of neighbours: an atom off its site ({near}), or beside it "
        f"({apart})",
        f"choose by the tolerance (--tolerance={1.02 * distance:.2f} for the first, --tolerance={0.98 * distance:.2f} "
        "for the second)",
    )


def _counts(sites: Integers, numbers: Integers, held: Integers) -> str:
    """The defects if each atom is at the site given for it, or at none (-1)."""
    at = sites >= 0
    vacant = np.setdiff1d(np.arange(len(held)), sites[at])
    changed = at & (held[sites] != numbers)
    codes = [
        *(held[vacant] * 256).tolist(),
        *(held[sites[changed]] * 256 + numbers[changed]).tolist(),
        *numbers[~at].tolist(),
    ]
    return counts_text(Counter(int(code) for code in codes))


def _shared_words(matching: Matching, numbers: Integers) -> list[tuple[str, str]]:
    if not len(matching.shared):
        return []
    symbols = ", ".join(SYMBOLS[number - 1] for number in numbers[matching.shared].tolist())
    what = f"{counted(len(matching.shared), 'site')} with two atoms"
    return [("split-interstitial", f"{what}: the farther one ({symbols}) is read as a split interstitial")]

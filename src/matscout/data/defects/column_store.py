"""Many arrangements of point defects as one column store: what stood at each site, what stands there now, and where."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.compositions import Compositions
from matscout.data.contents import Contents
from matscout.data.defects.building import atoms_of
from matscout.data.defects.canonical_forms import canonical_forms, kind_bounds
from matscout.data.defects.hosts import NOWHERE, HostCrystal, site_permutations, translations_in
from matscout.data.defects.pairs import SitePairs, lengths_and_heights, numbered_pairs
from matscout.data.elements import SYMBOLS
from matscout.data.ragged import Rows, chosen, offsets_of
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SAME_PLACE = 0.02
"""Å, within which a position is a site of the host."""


@dataclass(frozen=True, eq=False)
class Defects(Contents):
    """n arrangements of point defects in compressed sparse rows; sites as the host has them are not kept.

    Parameters
    ----------
    offsets
        int64 [n + 1], starting at 0: arrangement i owns the sites ``offsets[i]:offsets[i + 1]``.
    was, now
        uint8 [sites], atomic numbers before and after; 0 is nothing: a vacancy is ``(Z, 0)``, a substitution ``(Z,
        Z')``, an interstitial or adatom ``(0, Z)``.
    positions
        float64 [sites, 3], Å, of the site in the host as it is without defects; NaN where only the counts are known.
    hosts
        Each once.
    host
        int64 [n], positions in ``hosts``.
    supercells
        int64 [n, 3, 3], M in A_super = M A_host; zeros where it is not known.
    """

    offsets: Integers
    was: NDArray[np.uint8]
    now: NDArray[np.uint8]
    positions: Floats
    hosts: tuple[HostCrystal, ...]
    host: Integers
    supercells: Integers

    def __post_init__(self) -> None:
        if self.positions.shape != (len(self.was), 3) or len(self.now) != len(self.was):
            raise ValueError(f"positions {self.positions.shape} do not fit {len(self.was)} sites")
        if self.supercells.shape != (len(self), 3, 3) or len(self.host) != len(self):
            raise ValueError(f"supercells {self.supercells.shape} do not fit {len(self)} arrangements")
        lock(self)

    @classmethod
    def joined(cls, parts: Sequence[Defects]) -> Defects:
        """The arrangements of all parts, one part after the other."""
        hosts = tuple(dict.fromkeys(host for part in parts for host in part.hosts))
        places = [np.array([hosts.index(host) for host in part.hosts], dtype=np.int64) for part in parts]
        return cls(
            offsets_of(np.concatenate([np.diff(part.offsets) for part in parts])),
            np.concatenate([part.was for part in parts]),
            np.concatenate([part.now for part in parts]),
            np.concatenate([part.positions for part in parts]),
            hosts,
            np.concatenate([place[part.host] for place, part in zip(places, parts, strict=True)]),
            np.concatenate([part.supercells for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: Rows) -> Defects:
        """The chosen arrangements; a slice with step 1 shares the memory of the whole."""
        offsets, entries = chosen(self.offsets, index)
        return replace(
            self,
            offsets=offsets,
            was=self.was[entries],
            now=self.now[entries],
            positions=self.positions[entries],
            host=self.host[index],
            supercells=self.supercells[index],
        )

    @cached_property
    def rows(self) -> Integers:
        """The arrangement that each site belongs to, [sites]."""
        return np.repeat(np.arange(len(self)), self.sizes)

    @property
    def sizes(self) -> Integers:
        """How many defects each arrangement has, [n]."""
        return np.diff(self.offsets)

    @property
    def codes(self) -> Integers:
        """A number for what each defect is, equal for equal ``was`` and ``now``, [sites]."""
        return self.was.astype(np.int64) * 256 + self.now

    @property
    def types(self) -> tuple[str, ...]:
        """What defects there are, each once: ``("v(Mo)", "Se(S)")``, by their elements."""
        return tuple(type_name(code // 256, code % 256) for code in np.unique(self.codes).tolist())

    @property
    def counts(self) -> Integers:
        """How many of each of :attr:`types` each arrangement has, [n, types]."""
        known, places = np.unique(self.codes, return_inverse=True)
        table = np.zeros((len(self), len(known)), dtype=np.int64)
        np.add.at(table, (self.rows, places.ravel()), 1)
        return table

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Where the positions of all defects and the supercell are known, bool [n]."""
        lacking = np.isnan(self.positions).any(axis=1)
        known = np.array([host.is_known for host in self.hosts], dtype=np.bool_)[self.host]
        there = np.bincount(self.rows, lacking, len(self)) == 0
        return np.asarray(known & there & (self.supercells != 0).any(axis=(1, 2)))

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All that tells arrangements apart, by name; hosts as lines of text."""
        return {
            "offsets": self.offsets,
            "was": self.was,
            "now": self.now,
            "positions": self.positions,
            "hosts": np.array([host.text if host.is_known else host.formula for host in self.hosts], dtype=np.str_),
            "host": self.host,
            "supercells": self.supercells,
        }

    def cells(self) -> dict[str, NDArray[np.str_]]:
        """None: an arrangement is one whole."""
        return {}

    def cell_of(self, row: int) -> Floats:
        """The lattice of a supercell, Å, [3, 3]."""
        return np.asarray(self.supercells[row] @ self.hosts[self.host[row]].cell)

    @property
    def made_of(self) -> str:
        """``"9 kinds of defects in MoS2"``."""
        kinds = len(np.unique(self.codes))
        hosts = [self.hosts[place].formula for place in np.unique(self.host).tolist()]
        where = ", ".join(hosts[:3]) + ", ..." * (len(hosts) > 3)
        return f"{counted(kinds, 'kind')} of defects in {where}"

    def pairs(self) -> SitePairs:
        """All pairs of defects within arrangements whose positions are known."""
        rows, first, second = numbered_pairs(self.offsets, self.placed)
        distances, heights = np.empty(len(rows)), np.zeros(len(rows))
        steps = self.positions[second] - self.positions[first]
        for same in self.same_cells():
            own = np.flatnonzero(np.isin(rows, same))
            if len(own):
                host, cell = self.hosts[self.host[same[0]]], self.cell_of(int(same[0]))
                distances[own], heights[own] = lengths_and_heights(steps[own], cell, host.periodic, host.normal)
        return SitePairs(rows, first, second, distances, heights)

    @cached_property
    def sites(self) -> Integers:
        """The site of the supercell at which each defect is, :data:`NOWHERE` for interstitials, [sites]."""
        sites = np.full(len(self.was), NOWHERE, dtype=np.int64)
        placed = self.placed
        for rows in self.same_cells():
            if not placed[rows[0]]:
                continue
            _, entries = chosen(self.offsets, rows)
            sites[entries] = self._sites_at(int(rows[0]), self.positions[entries], self.was[entries])
        return sites

    def _sites_at(self, row: int, positions: Floats, was: NDArray[np.uint8]) -> Integers:
        """Sites of the supercell of a row at positions [e, 3] of elements [e]; NOWHERE for none."""
        host = self.hosts[self.host[row]]
        matrix = self.matrix_of(row)
        places = positions @ np.linalg.inv(host.cell)
        steps = places[:, None] - host.coordinates
        points = np.round(steps)
        apart = np.linalg.norm((steps - points) @ host.cell, axis=2)
        basis = apart.argmin(axis=1)
        each = np.arange(len(places))
        fits = (apart[each, basis] < SAME_PLACE) & (host.species[basis] == was)
        within = place_in(matrix, points[each, basis].astype(np.int64))
        return np.where(fits, basis * len(translations_in(matrix)) + within, NOWHERE)

    def matrix_of(self, row: int) -> tuple[int, ...]:
        """The nine whole numbers of a supercell."""
        return tuple(self.supercells[row].ravel().tolist())

    def same_cells(self) -> list[Integers]:
        """The rows of each combination of host and supercell."""
        table = np.column_stack([self.host, self.supercells.reshape(len(self), 9)])
        _, kinds = np.unique(table, axis=0, return_inverse=True)
        order = np.argsort(kinds.ravel(), kind="stable")
        return [rows for rows in np.split(order, np.flatnonzero(np.diff(kinds.ravel()[order])) + 1) if len(rows)]

    def compositions(self) -> Compositions:
        """Of the supercells with their defects; of the formula of the host where the supercell is not known."""
        return Compositions.from_dicts([self._composition(row) for row in range(len(self))])

    def _composition(self, row: int) -> dict[str, float]:
        host = self.hosts[self.host[row]]
        if not host.is_known or not self.supercells[row].any():
            from matscout.data.formulas import parse_formulas

            return parse_formulas([host.formula]).compositions.to_dict(0)
        size = len(translations_in(self.matrix_of(row)))
        amounts = Counter({number: size * count for number, count in Counter(host.numbers).items()})
        entries = slice(self.offsets[row], self.offsets[row + 1])
        amounts.subtract(self.was[entries].tolist())
        amounts.update(self.now[entries].tolist())
        held = {SYMBOLS[number - 1]: float(amount) for number, amount in amounts.items() if number and amount > 0}
        if not held or min(amount for number, amount in amounts.items() if number) < 0:
            raise InputError(f"arrangement {row + 1} has more defects than {host.formula} has sites")
        return held

    def structures(self) -> Structures:
        """The supercells with their defects, atoms where the host has them (not relaxed).

        Raises
        ------
        InputError
            If the positions of an arrangement are not known, or two defects share a site.
        """
        unknown = np.flatnonzero(~self.placed)
        if len(unknown):
            raise InputError(
                f"arrangement {unknown[0] + 1} has no positions, only counts: name the sites (v(S)@12) and the host"
            )
        made = [self._atoms(row) for row in range(len(self))]
        numbers = np.concatenate([*(one for one, _ in made), np.zeros(0, dtype=np.int64)]).astype(np.uint8)
        return Structures(
            np.array([self.cell_of(row) for row in range(len(self))]).reshape(-1, 3, 3),
            offsets_of([len(one) for one, _ in made]),
            numbers,
            np.concatenate([*(places for _, places in made), np.zeros((0, 3))]),
            np.ones(len(numbers)),
        )

    def _atoms(self, row: int) -> tuple[Integers, Floats]:
        """Atomic numbers and fractional coordinates of one arrangement."""
        host, entries = self.hosts[self.host[row]], slice(self.offsets[row], self.offsets[row + 1])
        sites = self.sites[entries]
        held = sites[sites != NOWHERE]
        if (self.was[entries][sites == NOWHERE] > 0).any() or len(np.unique(held)) < len(held):
            raise InputError(
                f"arrangement {row + 1} names a position that is no site of {host.formula}, or a site twice: correct it"
            )
        now = self.now[entries].astype(np.int64)
        numbers, places = atoms_of(host, self.matrix_of(row), sites, now, self.positions[entries])
        return numbers, places @ np.linalg.inv(self.cell_of(row))

    def texts(self) -> NDArray[np.str_]:
        """What a reader sees of each: ``"MoS2: v(Mo) + 2 Se(S)"``, [n]."""
        return np.array(
            [f"{self.hosts[self.host[row]].formula}: {words}" for row, words in enumerate(self._words())], dtype=np.str_
        )

    def _words(self) -> list[str]:
        rows = np.split(self.codes, self.offsets[1:-1]) if len(self) else []
        return [counts_text(Counter(codes.tolist())) for codes in rows]

    def count_keys(self) -> NDArray[np.str_]:
        """One text per arrangement, equal for the same defects in the same host, wherever they are, [n]."""
        return self.texts()

    def keys(self) -> NDArray[np.str_]:
        """One text per arrangement, equal for what is the same by the symmetry of its supercell, [n]."""
        return np.array(
            [f"{text} {mark}".strip() for text, mark in zip(self.texts(), self._marks(), strict=True)], dtype=np.str_
        )

    def _marks(self) -> list[str]:
        marks, placed = [""] * len(self), self.placed
        for rows in self.same_cells():
            if placed[rows[0]] or placed[rows].any():
                host, matrix = self.hosts[self.host[rows[0]]], self.matrix_of(int(rows[0]))
                permutations = site_permutations(host, matrix)
                for row in rows[placed[rows]].tolist():
                    marks[row] = self._mark(row, permutations, matrix)
        return marks

    def _mark(self, row: int, permutations: NDArray[np.int32], matrix: tuple[int, ...]) -> str:
        entries = slice(self.offsets[row], self.offsets[row + 1])
        sites = self.sites[entries]
        if (sites == NOWHERE).any():
            return f"#{self._environment(row)}"
        order = np.argsort(self.codes[entries], kind="stable")
        bounds = kind_bounds(self.codes[entries][order])
        least = canonical_forms(sites[order][None], bounds, permutations)[0]
        size = "x".join(str(one) for one in (matrix if any(np.delete(matrix, [0, 4, 8])) else matrix[::4]))
        return f"@{size}:{'.'.join(map(str, least.tolist()))}"

    def _environment(self, row: int) -> str:
        """A digest of all distances in an arrangement, by what the defects are."""
        own = self[[row]]
        pairs = own.pairs()
        names = own.codes[np.stack([pairs.first, pairs.second])]
        table = sorted(
            (*sorted(both), round(float(distance), 2), round(float(height), 1))
            for *both, distance, height in zip(*names.tolist(), pairs.distances, pairs.heights, strict=True)
        )
        near = sorted(np.round(np.abs(own.positions[:, 2]), 1).tolist()) if len(own.was) == 1 else []
        return hashlib.sha256(repr((table, near)).encode()).hexdigest()[:12]


def type_name(was: int, now: int) -> str:
    """``"v(Mo)"`` for a vacancy, ``"Se(S)"`` for a substitution, ``"i(Li)"`` for an interstitial.

    >>> type_name(42, 0), type_name(16, 34), type_name(0, 3)
    ('v(Mo)', 'Se(S)', 'i(Li)')
    """
    if not now:
        return f"v({SYMBOLS[was - 1]})"
    return f"i({SYMBOLS[now - 1]})" if not was else f"{SYMBOLS[now - 1]}({SYMBOLS[was - 1]})"


def counts_text(counts: Counter[int]) -> str:
    """``"v(Mo) + 2 Se(S)"`` of how often each code of a defect occurs; ``"no defects"``."""
    parts = [
        f"{number} {type_name(code // 256, code % 256)}" if number > 1 else type_name(code // 256, code % 256)
        for code, number in sorted(counts.items(), key=lambda item: (item[0] % 256 > 0, -(item[0] // 256), item[0]))
    ]
    return " + ".join(parts) or "no defects"


def place_in(matrix: tuple[int, ...], points: Integers) -> Integers:
    """Which of the translations of a supercell each lattice point [e, 3] is, [e]."""
    multiples = np.array(matrix, dtype=np.int64).reshape(3, 3)
    inverse = np.linalg.inv(multiples)
    own = translations_in(matrix)
    wrapped = points - np.floor(points @ inverse + 1e-9).astype(np.int64) @ multiples
    order = np.lexsort(own.T[::-1])
    shifted = own[order] - own.min(axis=0)
    spans = np.ptp(own, axis=0) + 1
    keys = np.ravel_multi_index(tuple(shifted.T), tuple(spans))
    wanted = np.ravel_multi_index(tuple((wrapped - own.min(axis=0)).T), tuple(spans))
    return np.asarray(order[np.searchsorted(keys, wanted)])

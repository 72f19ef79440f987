"""Arrangements of defects in a supercell, each once by symmetry, with how many arrangements are equal to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.canonical_forms import canonical_forms, kind_bounds
from matscout.data.defects.column_store import Defects, type_name
from matscout.data.defects.hosts import HostCrystal, site_permutations, supercell_sites
from matscout.data.ragged import offsets_of
from matscout.errors import InputError

Integers = NDArray[np.int64]

MOST = 1_000_000
"""Arrangements before symmetry that are listed one by one; of more a random choice is drawn."""


@dataclass(frozen=True, eq=False)
class Listing:
    """Arrangements that differ by symmetry.

    Parameters
    ----------
    defects
        m arrangements in one supercell.
    multiplicities
        int64 [m], how many arrangements of the supercell are equal to each by symmetry; 0 in a random choice.
    complete
        Whether these are all.
    n_all
        How many arrangements there are before symmetry.
    """

    defects: Defects
    multiplicities: Integers
    complete: bool
    n_all: int


def listed_arrangements(
    host: HostCrystal, matrix: tuple[int, ...], counts: Counter[int], *, most: int = MOST, seed: int = 0
) -> Listing:
    """All arrangements of so many defects of each code in a supercell, or a random choice of them.

    The canonical form of an arrangement is the smallest image of its sites under the space group and the translations
    of the supercell.

    Parameters
    ----------
    host
        The cell without defects.
    matrix
        Nine whole numbers of the supercell.
    counts
        Code of a defect (256 was + now) -> how many.
    most
        More arrangements that differ are represented by a random choice.
    seed
        Of that choice.

    Raises
    ------
    InputError
        If the supercell has fewer sites of an element than there are defects.
    """
    _, numbers = supercell_sites(host, matrix)
    groups = _groups(numbers, counts, host)
    n_all = _how_many(groups)
    permutations = site_permutations(host, matrix)
    if n_all <= MOST:
        rows = _every(groups)
        first, sizes = _distinct(rows, _codes(groups), permutations)
        complete = len(first) <= most
        if not complete:
            kept = np.sort(np.random.default_rng(seed).permutation(len(first))[:most])
            first, sizes = first[kept], sizes[kept]
        return Listing(_as_defects(host, matrix, first, _codes(groups)), sizes, complete, n_all)
    drawn = _drawn(groups, most, seed)
    first, _ = _distinct(drawn, _codes(groups), permutations)
    return Listing(_as_defects(host, matrix, first, _codes(groups)), np.zeros(len(first), dtype=np.int64), False, n_all)


def count_arrangements(host: HostCrystal, matrix: tuple[int, ...], counts: Counter[int]) -> int:
    """How many arrangements differ by symmetry, counted by the lemma of Burnside without listing them."""
    _, numbers = supercell_sites(host, matrix)
    groups = _groups(numbers, counts, host)
    permutations = site_permutations(host, matrix)
    fixed = sum(_fixed(permutation, numbers, groups) for permutation in permutations)
    return fixed // len(permutations)


Groups = list[tuple[Integers, list[tuple[int, int]]]]
"""Sites of each element, with the codes of the defects on them and how many."""


def _groups(numbers: Integers, counts: Counter[int], host: HostCrystal) -> Groups:
    groups: Groups = []
    for was in sorted({code // 256 for code in counts}):
        own = [(code, count) for code, count in sorted(counts.items()) if code // 256 == was and count > 0]
        sites, wanted = np.flatnonzero(numbers == was), sum(count for _, count in own)
        if wanted > len(sites) or not was:
            names = " + ".join(f"{count} {type_name(code // 256, code % 256)}" for code, count in own)
            advice = "choose a larger one, or fewer defects" if len(sites) else "name defects of its elements"
            raise InputError(
                f"{names} cannot be placed: the supercell of {host.formula} has {len(sites)} such sites; {advice}"
            )
        groups.append((sites, own))
    return groups


def _codes(groups: Groups) -> Integers:
    """The code of each column of a list of sites."""
    return np.array([code for _, own in groups for code, count in own for _ in range(count)], dtype=np.int64)


def _how_many(groups: Groups) -> int:
    total = 1
    for sites, own in groups:
        left = len(sites)
        for _, count in own:
            total *= comb(left, count)
            left -= count
    return total


def _every(groups: Groups) -> Integers:
    """The sites of all arrangements, [a, defects]."""
    rows = np.zeros((1, 0), dtype=np.int64)
    for sites, own in groups:
        of_group = np.zeros((1, 0), dtype=np.int64)
        for _, count in own:
            chosen = np.array(list(combinations(sites.tolist(), count)), dtype=np.int64).reshape(-1, count)
            pairs = np.repeat(of_group, len(chosen), axis=0), np.tile(chosen, (len(of_group), 1))
            free = ~(pairs[0][:, :, None] == pairs[1][:, None]).any(axis=(1, 2))
            of_group = np.concatenate(pairs, axis=1)[free]
        rows = np.concatenate([np.repeat(rows, len(of_group), axis=0), np.tile(of_group, (len(rows), 1))], axis=1)
    return rows


def _drawn(groups: Groups, most: int, seed: int) -> Integers:
    """Random arrangements, [most, defects]."""
    rng = np.random.default_rng(seed)
    blocks = []
    for sites, own in groups:
        wanted = sum(count for _, count in own)
        blocks.append(sites[np.argpartition(rng.random((most, len(sites))), wanted - 1, axis=1)[:, :wanted]])
    return np.concatenate(blocks, axis=1)


def _distinct(rows: Integers, codes: Integers, permutations: NDArray[np.int32]) -> tuple[Integers, Integers]:
    """The canonical form of each orbit [m, defects], in its order, and how many of the rows are in it [m]."""
    if not rows.shape[1]:
        return rows[:1], np.ones(len(rows[:1]), dtype=np.int64)
    least = canonical_forms(np.ascontiguousarray(rows), kind_bounds(codes), permutations)
    order = np.lexsort(least.T[::-1])
    ordered = least[order]
    new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    first = np.flatnonzero(new)
    return ordered[first], np.diff(np.append(first, len(ordered)))


def _fixed(permutation: Integers, numbers: Integers, groups: Groups) -> int:
    """How many arrangements a permutation leaves as they are: whole cycles are filled with one kind of defect."""
    lengths = _cycles(permutation)
    total = 1
    for sites, own in groups:
        cycles = Counter(lengths[sites].tolist())
        total *= _fillings({length: count // length for length, count in cycles.items()}, [count for _, count in own])
    return total


def _cycles(permutation: Integers) -> Integers:
    """The length of the cycle that each site is in, [s]."""
    lengths = np.zeros(len(permutation), dtype=np.int64)
    for start in range(len(permutation)):
        if not lengths[start]:
            cycle, at = [start], int(permutation[start])
            while at != start:
                cycle.append(at)
                at = int(permutation[at])
            lengths[cycle] = len(cycle)
    return lengths


def _fillings(cycles: dict[int, int], wanted: list[int]) -> int:
    """In how many ways cycles of these lengths are filled so that so many sites have each kind of defect."""
    ways: Counter[tuple[int, ...]] = Counter({(0,) * len(wanted): 1})
    for length, number in cycles.items():
        after: Counter[tuple[int, ...]] = Counter()
        for filled, count in ways.items():
            for taken, times in _shares(length, number, tuple(w - f for w, f in zip(wanted, filled, strict=True))):
                after[tuple(f + t for f, t in zip(filled, taken, strict=True))] += count * times
        ways = after
    return ways[tuple(wanted)]


def _shares(length: int, number: int, room: tuple[int, ...]) -> list[tuple[tuple[int, ...], int]]:
    """Sites of each kind that cycles of one length can give, and in how many ways."""
    shares: list[tuple[tuple[int, ...], int, int]] = [((), 1, number)]
    for most in room:
        shares = [
            ((*taken, length * some), times * comb(left, some), left - some)
            for taken, times, left in shares
            for some in range(min(left, most // length) + 1)
        ]
    return [(taken, times) for taken, times, _ in shares]


def _as_defects(host: HostCrystal, matrix: tuple[int, ...], rows: Integers, codes: Integers) -> Defects:
    positions, _ = supercell_sites(host, matrix)
    n, size = rows.shape
    return Defects(
        offsets_of(np.full(n, size)),
        np.tile(codes // 256, n).astype(np.uint8),
        np.tile(codes % 256, n).astype(np.uint8),
        positions[rows.ravel()],
        (host,),
        np.zeros(n, dtype=np.int64),
        np.tile(np.array(matrix, dtype=np.int64).reshape(1, 3, 3), (n, 1, 1)),
    )

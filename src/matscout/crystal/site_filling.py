"""Which numbers of atoms fill the Wyckoff positions of a space group, and random ways to do so.

Positions without a free coordinate take one orbit at most, whatever its element; the others any number of orbits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np

from matscout.crystal.wyckoff import WyckoffPositions, wyckoff

Filling = tuple[tuple[str, int], ...]
"""Letter, and the place of the element among the counts, of each orbit."""

_STATES = 200_000
"""Answers that are kept."""


@dataclass(frozen=True)
class _Sizes:
    """Sites of the positions in a primitive cell, each size once, ascending."""

    fixed: tuple[int, ...]
    fixed_letters: tuple[tuple[str, ...], ...]
    free: tuple[int, ...]
    free_letters: tuple[tuple[str, ...], ...]

    @cached_property
    def available(self) -> tuple[int, ...]:
        """How many positions without a free coordinate there are of each size."""
        return tuple(len(letters) for letters in self.fixed_letters)


def can_fill(number: int, counts: Sequence[int]) -> bool:
    """Whether atoms of several elements fill Wyckoff positions of a space group.

    Parameters
    ----------
    number
        The space group.
    counts
        Atoms of each element in a primitive cell.
    """
    return _can_fill(number, tuple(sorted(counts, reverse=True)), _sizes(number).available)


def random_filling(number: int, counts: Sequence[int], random: np.random.Generator) -> Filling:
    """One way to put atoms on Wyckoff positions: orbit after orbit, each on any position that leaves a way to go on.

    Parameters
    ----------
    number, counts
        As in :func:`can_fill`.
    random
        For the choices.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not can_fill(number, counts):
        raise ValueError(f"{counts} atoms do not fill positions of space group {number}")
    left, sizes = list(counts), _sizes(number)
    unused = [list(letters) for letters in sizes.fixed_letters]
    chosen: list[tuple[str, int]] = []
    for element in random.permutation(len(left)).tolist():
        while left[element]:
            options = _options(number, left, element, tuple(len(letters) for letters in unused))
            weights = [len(unused[place] if fixed else sizes.free_letters[place]) for fixed, place in options]
            fixed, place = options[_pick(weights, random)]
            letters = unused[place] if fixed else sizes.free_letters[place]
            letter = letters[int(random.integers(len(letters)))]
            if fixed:
                unused[place].remove(letter)
            left[element] -= (sizes.fixed if fixed else sizes.free)[place]
            chosen.append((letter, element))
    return tuple(chosen)


def _pick(weights: Sequence[int], random: np.random.Generator) -> int:
    """A place, as often as its weight says."""
    at = random.random() * sum(weights)
    for place, weight in enumerate(weights):
        at -= weight
        if at < 0:
            return place
    return len(weights) - 1


def _options(number: int, left: list[int], element: int, available: tuple[int, ...]) -> list[tuple[bool, int]]:
    """Sizes of positions on which the next orbit of an element may lie: whether they are fixed, and their place."""
    sizes, others = _sizes(number), tuple(left[:element] + left[element + 1 :])
    options = []
    for place, size in enumerate(sizes.fixed):
        if available[place] and size <= left[element]:
            fewer = (*available[:place], available[place] - 1, *available[place + 1 :])
            if _can_fill(number, _sorted((*others, left[element] - size)), fewer):
                options.append((True, place))
    for place, size in enumerate(sizes.free):
        if size <= left[element] and _can_fill(number, _sorted((*others, left[element] - size)), available):
            options.append((False, place))
    return options


def _sorted(counts: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(counts, reverse=True))


@lru_cache(maxsize=_STATES)
def _can_fill(number: int, counts: tuple[int, ...], available: tuple[int, ...]) -> bool:
    """Whether counts, in descending order, fill positions, of which so many fixed ones of each size are left."""
    if not counts or counts[0] == 0:
        return True
    free = _sizes(number).free
    if free[0] == 1:
        return True
    if all(_is_sum(count, free) for count in counts):
        return True
    return any(_can_fill(number, counts[1:], rest) for rest in _after(number, counts[0], available))


@lru_cache(maxsize=_STATES)
def _after(number: int, count: int, available: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The fixed positions that are left behind an element of so many atoms, for each way to use some for it."""
    sizes = _sizes(number)
    ways: list[tuple[int, ...]] = [()]
    for size, most in zip(sizes.fixed, available, strict=True):
        ways = [(*way, used) for way in ways for used in range(min(most, count // size) + 1)]
    kept = [way for way in ways if _is_sum(count - _total(way, sizes.fixed), sizes.free)]
    return tuple(tuple(np.subtract(available, way).tolist()) for way in kept)


def _total(way: tuple[int, ...], sizes: tuple[int, ...]) -> int:
    return sum(used * size for used, size in zip(way, sizes, strict=True))


def _is_sum(count: int, sizes: tuple[int, ...]) -> bool:
    """Whether a number is a sum of sizes, each any number of times."""
    return count >= 0 and bool(_sums(max(64, 1 << count.bit_length()), sizes) >> count & 1)


@lru_cache(maxsize=_STATES)
def _sums(most: int, sizes: tuple[int, ...]) -> int:
    """All numbers up to some that are sums of sizes: bit i is set if i is one."""
    sums = 1
    for size in sizes:
        shift = size
        while shift <= most:
            sums |= sums << shift
            shift *= 2
    return sums & ((1 << (most + 1)) - 1)


@cache
def _sizes(number: int) -> _Sizes:
    group = wyckoff(number)
    fixed, free = _by_size(group, free=False), _by_size(group, free=True)
    return _Sizes(tuple(fixed), tuple(fixed.values()), tuple(free), tuple(free.values()))


def _by_size(group: WyckoffPositions, *, free: bool) -> dict[int, tuple[str, ...]]:
    by_size: dict[int, tuple[str, ...]] = {}
    for position, size in zip(group.positions, group.primitive_multiplicities.tolist(), strict=True):
        if bool(position.free.any()) == free:
            by_size[size] = (*by_size.get(size, ()), position.letter)
    return dict(sorted(by_size.items()))

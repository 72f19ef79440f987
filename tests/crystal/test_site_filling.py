"""Ways to fill Wyckoff positions, against PyXtal's and by brute force."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matscout.crystal.site_filling import can_fill, random_filling
from matscout.crystal.wyckoff import GROUPS, wyckoff


def by_brute_force(number: int, counts: list[int]) -> bool:
    """Try all numbers of orbits on all positions."""
    group = wyckoff(number)
    positions = list(zip(group.primitive_multiplicities.tolist(), group.free.any(axis=1).tolist(), strict=True))
    states = {tuple(counts)}
    for size, free in positions:
        new = set(states)
        todo = list(states)
        while todo:
            state = todo.pop()
            for place, count in enumerate(state):
                if count >= size:
                    after = (*state[:place], count - size, *state[place + 1 :])
                    if after not in new:
                        new.add(after)
                        todo += [after] if free else []
        states = new
    return tuple([0] * len(counts)) in states


@given(st.integers(1, GROUPS), st.lists(st.integers(1, 9), min_size=1, max_size=3))
@settings(deadline=None, max_examples=200)
def test_what_fills_is_what_brute_force_finds(number: int, counts: list[int]) -> None:
    assert can_fill(number, counts) == by_brute_force(number, counts)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_fills_is_what_pyxtal_finds() -> None:
    symmetry = pytest.importorskip("pyxtal.symmetry")
    random = np.random.default_rng(0)
    for number in range(1, GROUPS + 1):
        group, centring = symmetry.Group(number), wyckoff(number).centring
        for _ in range(3):
            counts = random.integers(1, 7, size=2).tolist()
            theirs, _ = group.check_compatible([count * centring for count in counts])
            assert can_fill(number, counts) == bool(theirs), (number, counts)


@given(st.integers(1, GROUPS), st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 1000))
@settings(deadline=None, max_examples=200)
def test_random_fillings_hold_the_atoms(number: int, counts: list[int], seed: int) -> None:
    if not can_fill(number, counts):
        with pytest.raises(ValueError, match="do not fill"):
            random_filling(number, counts, np.random.default_rng(seed))
        return
    filling = random_filling(number, counts, np.random.default_rng(seed))
    group, held = wyckoff(number), [0] * len(counts)
    for letter, element in filling:
        held[element] += group[letter].multiplicity // group.centring
    assert held == counts
    used = Counter(letter for letter, _ in filling)
    assert all(count == 1 or group[letter].free.any() for letter, count in used.items())


def test_rock_salt_takes_all_ways_alike() -> None:
    ways = Counter(tuple(sorted(random_filling(225, [1, 1], np.random.default_rng(seed)))) for seed in range(200))
    assert set(ways) == {(("a", 0), ("b", 1)), (("a", 1), ("b", 0))}
    assert min(ways.values()) >= 70

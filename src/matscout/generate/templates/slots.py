"""Slots: the elements of a formula in a fixed order, so that templates and wishes can be laid on one another."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts

Integers = NDArray[np.int64]

MOST_ASSIGNMENTS = 24
"""Where more assignments of elements to slots exist, only the one in order of electronegativity is tried."""

Key = tuple[int, ...]
"""Atoms of each element in a primitive cell, ascending: what crystals of one stoichiometry and size share."""


@cache
def _electronegativity() -> NDArray[np.float64]:
    return np.nan_to_num(element_facts().electronegativity, nan=0.0)


def in_slots(elements: Integers, counts: Integers) -> tuple[Integers, Key]:
    """Atomic numbers in the order of slots, and the key: few atoms first, then low electronegativity."""
    order = np.lexsort((elements, _electronegativity()[elements - 1], counts))
    return elements[order], tuple(int(count) for count in counts[order])


@cache
def assignments(key: Key) -> tuple[tuple[int, ...], ...]:
    """All orders of the slots that leave the key as it is; the first changes nothing."""
    slots = range(len(key))
    runs = [[slot for slot in slots if key[slot] == count] for count in sorted(set(key))]
    if np.prod([_factorial(len(run)) for run in runs]) > MOST_ASSIGNMENTS:
        return (tuple(slots),)
    orders: list[tuple[int, ...]] = [()]
    for run in runs:
        orders = [(*order, *one) for order in orders for one in permutations(run)]
    return tuple(orders)


def _factorial(number: int) -> int:
    return int(np.prod(np.arange(1, number + 1)))

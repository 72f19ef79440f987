"""Whether guessed crystals are the right ones, by pymatgen's StructureMatcher in a process with a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import TimeoutError as TooLongError
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np
from pebble import ProcessExpired, ProcessPool
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Lattice, Structure

from matscout.data.structures import Structures

LOOSE = {"stol": 0.5, "ltol": 0.3, "angle_tol": 10.0}
STRICT = {"stol": 0.3, "ltol": 0.2, "angle_tol": 5.0}
UNMATCHED = np.nan
SECONDS = 10.0
"""A pair that takes longer counts as not matched."""


class Matching:
    """Compares pairs of crystals, one after the other, in a process of its own."""

    def __init__(self, pool: ProcessPool) -> None:
        self.pool = pool
        self.too_long = 0

    def distances(self, one: Structures, other: Structures) -> tuple[float, float]:
        """Root mean square distance over the cube root of the volume per atom by loose and strict tolerances.

        NaN where two crystals do not match, or comparing them takes longer than :data:`SECONDS`.
        """
        future = self.pool.schedule(_distances, args=[_plain(one), _plain(other)], timeout=SECONDS)
        try:
            found: tuple[float, float] = future.result()
        except (TooLongError, ProcessExpired):
            self.too_long += 1
            return UNMATCHED, UNMATCHED
        return found


@contextmanager
def matching() -> Iterator[Matching]:
    """A running process."""
    with ProcessPool(1, context=get_context("spawn")) as pool:
        yield Matching(pool)


def _plain(one: Structures) -> tuple[Any, Any, Any]:
    return one.lattices[0], one.atomic_numbers.astype(np.int64), one.fractional_coordinates


@cache
def _matchers() -> tuple[Any, Any]:
    return StructureMatcher(**LOOSE), StructureMatcher(**STRICT)


def _distances(one: tuple[Any, Any, Any], other: tuple[Any, Any, Any]) -> tuple[float, float]:
    first, second = (Structure(Lattice(lattice), numbers, places) for lattice, numbers, places in (one, other))
    loose, strict = _matchers()
    found = loose.get_rms_dist(first, second)
    if found is None:
        return UNMATCHED, UNMATCHED
    narrow = strict.get_rms_dist(first, second)
    return float(found[0]), UNMATCHED if narrow is None else float(narrow[0])

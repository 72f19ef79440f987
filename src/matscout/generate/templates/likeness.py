"""How well one element replaces another: learnt from the elements that share a role in a prototype."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_table
from matscout.data.elements import N_ELEMENTS
from matscout.generate.templates.key_templates import KeyTemplates
from matscout.generate.templates.slots import assignments

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PRIOR = 2.0
"""Pairs that the properties of an element are worth, beside those that are counted in crystals."""
PROPERTIES = ("MendeleevNumber", "Column", "Row", "CovalentRadius", "Electronegativity", "NValence")
"""By which elements resemble one another where no crystals tell it."""
NEAR = 0.35
"""Width of the kernel over these properties, each in units of its standard deviation, per property."""


@cache
def element_scales() -> Floats:
    """Six properties of each element in units of their standard deviation, 0 where unknown, float64 [118, 6]."""
    table = own_table("magpie")
    values = np.column_stack([table.column(name) for name in PROPERTIES])
    return np.asarray(np.nan_to_num((values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)))


@cache
def property_kernel() -> Floats:
    """Chance that element j stands in for i as far as properties tell, rows add up to 1, float64 [118, 118]."""
    scales = element_scales()
    squares = ((scales[:, None] - scales[None]) ** 2).mean(axis=2)
    kernel = np.exp(-0.5 * squares / NEAR**2)
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


def role_pairs(keys: Iterable[KeyTemplates]) -> Floats:
    """Pairs of elements in the same slot of one prototype, each prototype weighted by 1 / its size, [118, 118]."""
    pairs = np.zeros((N_ELEMENTS, N_ELEMENTS))
    for one in keys:
        repeats = len(assignments(one.key))
        sizes = np.bincount(one.prototypes)
        for slot in range(len(one.key)):
            counts = np.zeros((len(sizes), N_ELEMENTS))
            np.add.at(counts, (one.prototypes, one.elements[:, slot] - 1), 1.0)
            weighted = counts / (sizes * repeats)[:, None]
            pairs += weighted.T @ counts - np.diag(weighted.sum(axis=0))
    return pairs


def role_likeness(pairs: Floats) -> Floats:
    """S(i, j) = log of how much likelier j stands where i stands than anywhere, symmetrised, float64 [118, 118]."""
    chance = (pairs + PRIOR * property_kernel()) / (pairs.sum(axis=1, keepdims=True) + PRIOR)
    ratio = np.log(chance / chance.mean(axis=0))
    return np.asarray((ratio + ratio.T) / 2)

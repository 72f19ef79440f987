"""Crystals of ``mp_structures`` with few sites, as they are and disturbed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from data_folder import data_folder
from structure_data import mp_structures

from matscout.data.structures import Structures

STRAIN, RATTLE = 0.03, 0.08
"""The largest strain, and how far atoms are moved along each axis, Å."""


def crystals(n: int, most_sites: int, seed: int) -> Structures:
    """Some of mp_structures with 2 to so many sites."""
    structures = mp_structures(data_folder()).structures
    assert structures is not None
    sites = np.diff(structures.offsets)
    usable = np.flatnonzero((sites >= 2) & (sites <= most_sites))
    return structures[np.sort(np.random.default_rng(seed).choice(usable, n, replace=False))]


def disturbed(given: Structures, seed: int) -> Structures:
    """Strained and rattled."""
    rng = np.random.default_rng(seed)
    strains = rng.uniform(-STRAIN, STRAIN, (len(given), 3, 3))
    lattices = given.lattices @ (np.eye(3) + (strains + strains.transpose(0, 2, 1)) / 2.0)
    owners = np.repeat(np.arange(len(given)), np.diff(given.offsets))
    moves = rng.normal(0.0, RATTLE, given.fractional_coordinates.shape)
    there = np.einsum("si,sij->sj", moves, np.linalg.inv(lattices)[owners])
    return replace(given, lattices=lattices, fractional_coordinates=given.fractional_coordinates + there)

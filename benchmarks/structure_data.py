"""Crystal structures of the data folder as materials."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures


def arrays_file(folder: Path) -> Path:
    """Where the structures of ``mp_structures`` lie."""
    return folder / "mp_structures" / "arrays.npz"


def mp_structures(folder: Path) -> Materials:
    """All 36,737 crystals of ``mp_structures``; ids are those of the Materials Project."""
    return stored_materials(arrays_file(folder))


def stored_materials(path: Path) -> Materials:
    """The crystals of a file of arrays: ``mp_structures``, or a set of ``mp_20``."""
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    offsets = np.concatenate([[0], np.cumsum(arrays["n_sites"])]).astype(np.int64)
    structures = Structures(
        arrays["lattice"].astype(np.float64),
        offsets,
        arrays["atomic_number"],
        arrays["frac_coords"].astype(np.float64),
        np.ones(offsets[-1]),
    )
    ids = arrays["material_id"].astype(np.str_)
    return Materials(ids, ids, compositions_of(structures), structures)


def small_ones(materials: Materials, most_sites: int, n: int, seed: int = 0) -> Materials:
    """n crystals of at most ``most_sites`` sites, drawn at random."""
    assert materials.structures is not None
    order = np.random.default_rng(seed).permutation(len(materials))
    return materials[order[np.diff(materials.structures.offsets)[order] <= most_sites][:n]]

"""Materials represented, and what a cache knows of them not computed again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.cache import VectorCache, keys_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Represented:
    """What became of n materials.

    Parameters
    ----------
    vectors
        float64 [n, d]; NaN for those that have none.
    problems
        Of those, and remarks on others; rows from 1.
    keys
        Of the vectors that were computed and can be kept: their row from 0 -> key in the cache. One that a remark
        belongs to is not kept, for the remark would be lost.
    """

    vectors: Floats
    problems: tuple[RowProblem, ...]
    keys: dict[int, bytes]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Those that have a vector, ascending."""
        return np.flatnonzero(~np.isnan(self.vectors).all(axis=1))


def represent_unknown(materials: Materials, name: str, code: str, cache: VectorCache | None) -> Represented:
    """The vectors of all materials, as far as possible from the cache.

    Parameters
    ----------
    materials
        n materials; only vectors of structures are worth keeping.
    name
        Name of the representation, or of a part of it.
    code
        Digest of the code that represents: vectors of other code are not used again.
    cache
        What is known; None to compute all.
    """
    structures = materials.structures if cache else None
    keys = [] if structures is None else keys_of(structures, f"{name} {code}")
    known = cache.get(keys) if cache and keys else {}
    missing = np.array([row for row in range(len(materials)) if row not in known], dtype=np.int64)
    vectors, problems = _computed(materials, missing, name)
    for row, vector in known.items():
        vectors[row] = vector
    spoken_of = {problem.row for problem in problems}
    found = Represented(vectors, problems, {})
    fresh = (int(row) for row in found.rows if keys and row not in known and row + 1 not in spoken_of)
    return replace(found, keys={row: keys[row] for row in fresh})


def _computed(materials: Materials, rows: NDArray[np.int64], name: str) -> tuple[Floats, tuple[RowProblem, ...]]:
    """Vectors of some rows in a matrix for all, NaN elsewhere, and their problems by row of all, from 1."""
    maker = make_representation(name)
    vectors = np.full((len(materials), maker.dim), np.nan)
    if not len(rows):
        return vectors, ()
    embedding = maker.represent(materials[rows])
    vectors[rows[embedding.rows]] = embedding.vectors
    return vectors, tuple(replace(problem, row=int(rows[problem.row - 1]) + 1) for problem in embedding.problems)

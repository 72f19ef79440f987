"""One part of a source represented: what each process does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.cells import CellChoice, with_cells
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.cache import VectorCache, keys_of
from matscout.represent.streaming.parts import Part

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """How every part is represented.

    Parameters
    ----------
    name
        Name of the representation, or of a part of it.
    cell
        Which cell the structures are brought to first.
    code
        Digest of the code that represents, and of weights that do not come with it: vectors of others are not used.
    cache
        File of vectors that are known; None to compute all. Only vectors of structures are worth keeping.
    """

    name: str
    cell: CellChoice = "as-given"
    code: str = ""
    cache: Path | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """A part and what to do with it."""

    part: Part
    recipe: Recipe


@dataclass(frozen=True, eq=False)
class EmbeddedPart:
    """What became of the n materials of a part.

    Parameters
    ----------
    ids, formulas, vectors
        Of the m that have a vector: str [m], str [m], float64 [m, d].
    problems
        Of the others, and remarks; rows are numbers in the source.
    n
        Materials in the part.
    keys
        Of the vectors that were computed and can be kept: their row in ``vectors`` -> key in the cache.
    """

    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    vectors: Floats
    problems: tuple[RowProblem, ...]
    n: int
    keys: dict[int, bytes]


def work(task: Task) -> EmbeddedPart:
    """Read a part and represent its materials; what the cache holds is not computed again."""
    read, recipe = task.part.read(), task.recipe
    materials = with_cells(read.materials, recipe.cell)
    cache = None if recipe.cache is None or materials.structures is None else VectorCache(recipe.cache)
    keys = keys_of(materials.structures, f"{recipe.name} {recipe.code}") if cache and materials.structures else []
    known = cache.get(keys) if cache else {}
    missing = np.array([row for row in range(len(materials)) if row not in known], dtype=np.int64)
    vectors, problems = _represented(materials, missing, recipe.name)
    for row, vector in known.items():
        vectors[row] = vector
    kept = np.flatnonzero(~np.isnan(vectors).all(axis=1))
    spoken_of = {problem.row for problem in problems}
    fresh = {
        place: keys[row] for place, row in enumerate(kept) if keys and row not in known and row + 1 not in spoken_of
    }
    numbered = [replace(problem, row=int(read.numbers[problem.row - 1])) for problem in problems]
    return EmbeddedPart(
        materials.ids[kept],
        materials.formulas[kept],
        vectors[kept],
        tuple(sorted([*read.problems, *numbered], key=lambda problem: problem.row)),
        len(task.part),
        fresh,
    )


def _represented(materials: Materials, rows: NDArray[np.int64], name: str) -> tuple[Floats, list[RowProblem]]:
    """Vectors of some rows in a matrix for all, NaN elsewhere, and their problems by row of all, from 1."""
    maker = make_representation(name)
    vectors = np.full((len(materials), maker.dim), np.nan)
    if not len(rows):
        return vectors, []
    embedding = maker.represent(materials[rows])
    vectors[rows[embedding.rows]] = embedding.vectors
    return vectors, [replace(problem, row=int(rows[problem.row - 1]) + 1) for problem in embedding.problems]

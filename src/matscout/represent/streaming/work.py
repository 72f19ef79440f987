"""One part of a source represented: what each process does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.cells import CellChoice, with_cells
from matscout.errors import RowProblem
from matscout.represent.streaming.cache import VectorCache
from matscout.represent.streaming.known import represent_unknown
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
        Digest of the code that represents: vectors of other code are not used again.
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
    cache = None if recipe.cache is None else VectorCache(recipe.cache)
    found = represent_unknown(materials, recipe.name, recipe.code, cache)
    kept = found.rows
    numbered = [replace(problem, row=int(read.numbers[problem.row - 1])) for problem in found.problems]
    return EmbeddedPart(
        materials.ids[kept],
        materials.formulas[kept],
        found.vectors[kept],
        tuple(sorted([*read.problems, *numbered], key=lambda problem: problem.row)),
        len(task.part),
        {place: found.keys[row] for place, row in enumerate(kept.tolist()) if row in found.keys},
    )

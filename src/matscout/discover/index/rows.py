"""Rows of an index from parts of a source: facts and vectors of each material."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.cells import with_cells
from matscout.data.materials import Materials
from matscout.discover.index.facts import OF_COMPOSITION, OF_STRUCTURE, STRUCTURE, facts
from matscout.errors import RowProblem
from matscout.represent.base import Embedding
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.job import Finished, Job
from matscout.represent.streaming.parts import SourcePart
from matscout.represent.streaming.work import Recipe, represented

ROW = "row"
"""Column with the number of the row in the source, by which properties are joined."""


def vector_column(name: str) -> str:
    """The column of the vectors of a representation: ``"vector_composition_donor"``."""
    return f"vector_{re.sub(r'[^0-9a-z]+', '_', name.lower()).strip('_')}"


@dataclass(frozen=True)
class IndexRows(Job):
    """Facts and vectors (float32, as they come) of all materials that have at least one vector.

    Parameters
    ----------
    recipes
        One for each representation, all with the same cell.
    has_structures
        Whether the materials of the source have structures.
    source
        Name of the file.
    named
        Whether its materials have names; else they are called ``FILE:ROW``, so that rows of two files are never taken
        for one another. None: those of a part do unless all are called by their numbers.
    """

    recipes: tuple[Recipe, ...]
    has_structures: bool
    source: str = "table"
    named: bool | None = None

    @property
    def schema(self) -> pl.Schema:
        """The number of the row, facts, and a column for each representation, null where it has no vector."""
        known = {**OF_COMPOSITION, **({**OF_STRUCTURE, **STRUCTURE} if self.has_structures else {})}
        dims = {recipe.name: make_representation(recipe.name).dim for recipe in self.recipes}
        vectors = {vector_column(name): pl.Array(pl.Float32(), dim) for name, dim in dims.items()}
        return pl.Schema({ROW: pl.Int64(), **known, **vectors})

    @property
    def settings(self) -> Mapping[str, object]:
        """The recipes."""
        return {"recipes": [recipe.settings for recipe in self.recipes], "source": self.source, "named": self.named}

    def work(self, part: SourcePart) -> Finished:
        """Read a part, look at its materials and represent them."""
        read = part.read()
        materials = with_cells(read.materials, self.recipes[0].cell)
        made = {recipe.name: represented(materials, recipe) for recipe in self.recipes}
        kept = np.unique(np.concatenate([embedding.rows for embedding in made.values()]))
        columns = [_column(name, embedding, len(materials)) for name, embedding in made.items()]
        table = pl.DataFrame([pl.Series(ROW, read.numbers), *columns]).hstack(facts(materials))
        numbered = table["id"].to_list() == [str(number) for number in read.numbers.tolist()]
        if numbered if self.named is None else not self.named:
            table = table.with_columns(id=pl.lit(f"{self.source}:") + pl.col("id"))
        without_vectors = [
            replace(problem, row=int(read.numbers[problem.row - 1]))
            for problem in _problems(materials, made, set(kept.tolist()))
        ]
        problems = sorted([*read.problems, *without_vectors], key=lambda problem: problem.row)
        return Finished(table[kept.tolist()].select(self.schema.names()), tuple(problems), len(part))


def _column(name: str, embedding: Embedding, n: int) -> pl.Series:
    return vector_series(vector_column(name), embedding.vectors, np.isin(np.arange(n), embedding.rows))


def vector_series(name: str, vectors: NDArray[np.floating[Any]], known: NDArray[np.bool_]) -> pl.Series:
    """A column of n vectors (float32), null where none is known.

    Parameters
    ----------
    name
        Of the column.
    vectors
        The m that are known, [m, d].
    known
        Where they stand, bool [n].
    """
    matrix = np.zeros((len(known), vectors.shape[1]), dtype=np.float32)
    matrix[known] = vectors
    table = pl.DataFrame([pl.Series(name, matrix)])
    return table.select(pl.when(pl.Series(known)).then(pl.col(name)).alias(name))[name]


def _problems(materials: Materials, made: Mapping[str, Embedding], kept: set[int]) -> list[RowProblem]:
    """Of all representations; a material that another one has a vector for is not left out."""
    problems = []
    for name, embedding in made.items():
        for problem in embedding.problems:
            stays = problem.row - 1 in kept
            reason = f"{name}: {problem.reason}" if len(made) > 1 else problem.reason
            problems.append(replace(problem, reason=reason, dropped=problem.dropped and not stays))
    return problems

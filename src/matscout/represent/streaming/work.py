"""Vectors of one part of a source: what each process does."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.data.cells import CellChoice, with_cells
from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.represent.base import Embedding, Representation, require_described
from matscout.represent.embedding import make_representation
from matscout.represent.streaming.cache import VectorCache, keys_of, keys_of_formulas
from matscout.represent.streaming.job import Finished, Job
from matscout.represent.streaming.parts import SourcePart
from matscout.store import Store, key_of

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
        Digest of all that vectors rest on: those of other code or weights are not used.
    store
        Where vectors are kept; None to compute all. Kept are those of structures and of costly representations.
    """

    name: str
    cell: CellChoice = "as-given"
    code: str = ""
    store: Store | None = None

    @property
    def settings(self) -> Mapping[str, object]:
        """All that vectors depend on."""
        return {**asdict(self), "store": None}


def code_of(maker: Representation) -> str:
    """Digest of all that vectors rest on: what the representation does, and what is done here before and after."""
    return key_of(digest_of_code(__name__), maker.origin)


@dataclass(frozen=True)
class VectorJob(Job):
    """Vectors of all materials: ``id``, ``formula``, and one column for each vector component."""

    recipe: Recipe

    @property
    def schema(self) -> pl.Schema:
        """The columns."""
        names = make_representation(self.recipe.name).columns
        return pl.Schema({"id": pl.String(), "formula": pl.String(), **dict.fromkeys(names, pl.Float64())})

    @property
    def settings(self) -> Mapping[str, object]:
        """The recipe."""
        return self.recipe.settings

    def work(self, part: SourcePart) -> Finished:
        """Read a part and represent its materials; what the cache holds is not computed again."""
        read = part.read()
        materials = with_cells(read.materials, self.recipe.cell)
        embedding = represented(materials, self.recipe)
        numbered = [replace(problem, row=int(read.numbers[problem.row - 1])) for problem in embedding.problems]
        kept = materials[embedding.rows]
        named = {"id": kept.ids.astype(str), "formula": kept.formulas.astype(str)}
        values = {name: embedding.vectors[:, place] for place, name in enumerate(embedding.columns)}
        problems = sorted([*read.problems, *numbered], key=lambda problem: problem.row)
        return Finished(pl.DataFrame({**named, **values}), tuple(problems), len(part))


def represented(materials: Materials, recipe: Recipe) -> Embedding:
    """Vectors of materials that are in the cell of the recipe; what the cache holds is not computed again."""
    maker = make_representation(recipe.name)
    worth_it = materials.structures is not None or maker.costly
    cache = VectorCache(recipe.store, f"{recipe.name} {recipe.code}") if recipe.store is not None and worth_it else None
    keys = _keys(materials) if cache else []
    known = cache.get(keys) if cache else {}
    missing = np.array([row for row in range(len(materials)) if row not in known], dtype=np.int64)
    require_described(materials, maker, recipe.name)
    vectors, problems = np.full((len(materials), maker.dim), np.nan), list[RowProblem]()
    if len(missing):
        made = maker.represent(materials[missing])
        if made.columns != maker.columns:
            raise UsageError(
                f"the columns of {recipe.name} depend on the contents of the file: models can use them, but they "
                "cannot be written as a table"
                if maker.open_ended
                else f"the columns of {recipe.name} depend on the parts of these reactions: write them as reaction "
                "SMILES, reactants>agents>products, in one column"
            )
        vectors[missing[made.rows]] = made.vectors
        problems = [replace(problem, row=int(missing[problem.row - 1]) + 1) for problem in made.problems]
    for row, vector in known.items():
        vectors[row] = vector
    kept = np.flatnonzero(~np.isnan(vectors).all(axis=1))
    if cache:
        spoken_of = {problem.row for problem in problems}
        fresh = [row for row in kept.tolist() if row not in known and row + 1 not in spoken_of]
        _remember(cache, {keys[row]: vectors[row] for row in fresh})
    return Embedding(vectors[kept], kept, maker.columns, tuple(problems))


def _keys(materials: Materials) -> list[bytes]:
    """By the structure, where there is one, else by the formula."""
    if materials.structures is None:
        return keys_of_formulas(materials)
    keys = keys_of(materials.structures)
    lacking = np.flatnonzero(~materials.has_structure)
    for row, key in zip(lacking, keys_of_formulas(materials[lacking]), strict=True):
        keys[row] = key
    return keys


def _remember(cache: VectorCache, fresh: Mapping[bytes, Floats]) -> None:
    # A full disk or a cache in use must not end the run: what is not kept is computed again another time.
    with contextlib.suppress(OSError):
        if fresh:
            cache.put(fresh)

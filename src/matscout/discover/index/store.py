"""The index itself: tables of LanceDB in a folder or on object storage, with versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.files import atomic_folder
from matscout.data.materials import Materials
from matscout.discover.index.about import About, VectorColumn
from matscout.discover.index.conditions import in_user_words, quoted, whole
from matscout.discover.index.encoders import require_same_vectors
from matscout.discover.index.facts import IN_COMPOSITION, STRUCTURE, material_columns, materials_of, with_elements
from matscout.discover.index.properties import Properties
from matscout.discover.index.rows import IndexRows, vector_column
from matscout.discover.index.storage import connect, first_line, is_address, is_failure, reading, table_names, writing
from matscout.discover.index.written import WrittenRows, count_rows, standards_of
from matscout.errors import ArtefactError, InputError, UsageError
from matscout.shown import Shown, named_few
from matscout.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

MATERIALS, ABOUT = "materials", "about"
"""The two tables: a row for each material, and one row of JSON."""

QUERY, DISTANCE = "query_index", "_distance"
"""Columns that LanceDB adds to what it finds."""

COMPOSITION = "composition"
"""The column that hits are made into materials from; nobody asks for it."""


@dataclass(frozen=True)
class Version:
    """A state of an index: its number, when it was written, how many materials it held."""

    number: int
    written: datetime
    materials: int


@dataclass(frozen=True, eq=False)
class Found:
    """Rows of the index and their cosine similarity to what was sought, the most similar first."""

    table: pl.DataFrame
    similarities: NDArray[np.float64]


class Index(Shown):
    """Materials with vectors, facts and properties: searched by likeness and by SQL, added to, deleted from.

    Made by :meth:`create` and :meth:`open`.

    Parameters
    ----------
    where
        Folder, or address of object storage (``"s3://bucket/name"``).
    database
        The connection of LanceDB.
    about
        What it holds.

    Attributes
    ----------
    alike
        Representations that were found to make the vectors that it holds.
    """

    def __init__(self, where: str, database: Any, about: About) -> None:
        self.where, self.about = where, about
        self._database = database
        self._materials = database.open_table(MATERIALS)
        self.alike: set[str] = set()

    @classmethod
    def open(cls, where: str | Path, version: int | None = None) -> Self:
        """An index that is there, perhaps as it was.

        Raises
        ------
        InputError
            If there is none, or no such version.
        ArtefactError
            If a newer matscout wrote it, or it is damaged.
        MissingExtraError
            If LanceDB is not installed.
        """
        place = str(where)
        database = connect(place) if is_address(place) or Path(place).is_dir() else None
        if database is None or not {MATERIALS, ABOUT} <= set(table_names(database, place)):
            raise InputError(f"{place} is not an index; build one: matscout index build INPUT -o {place}")
        try:
            index = cls(place, database, _read_about(database, place))
        except BaseException as error:
            if not (is_failure(error) or isinstance(error, ValueError)):
                raise
            raise ArtefactError(f"{place} is damaged ({first_line(error)}): build it again") from error
        if version is not None:
            index._check_out(version)
        return index

    @classmethod
    def create(
        cls,
        where: str | Path,
        staged: Path,
        job: IndexRows,
        properties: Properties | None = None,
        source: str = "in memory",
        *,
        finish: Callable[[Index], object] = lambda index: None,
    ) -> Self:
        """A new index, or one in place of an old one, of rows that :func:`write_rows` wrote.

        Parameters
        ----------
        where
            Folder, or address of object storage.
        staged
            Parquet file of the rows of ``job``.
        job
            What made them.
        properties
            Joined by the number of the row.
        source
            Where the materials came from, in words.
        finish
            What is done to the index before it is in its place; if that fails, so does all. On object storage, where
            nothing can be put in its place at once, an old index is gone from the beginning, and there is none until
            the new one is written.

        Raises
        ------
        InputError
            If there are no rows.
        """
        if not count_rows(staged):
            raise InputError(f"nothing in {source} can be indexed: no material has a vector")
        standards = standards_of(staged, [vector_column(recipe.name) for recipe in job.recipes])
        columns = {recipe.name: vector_column(recipe.name) for recipe in job.recipes}
        about = About(
            matscout=__version__,
            has_structures=job.has_structures,
            cell=job.recipes[0].cell,
            vectors={
                recipe.name: VectorColumn(columns[recipe.name], recipe.code, standards[columns[recipe.name]])
                for recipe in job.recipes
            },
            properties={} if properties is None else properties.meaning,
            sources=(source,),
        )
        rows = WrittenRows(staged, about, properties)
        if is_address(str(where)):
            _write(connect(where), rows, about, str(where))
            finish(cls.open(where))
        else:
            # An older index, with all its versions, stays until the new one is whole.
            with atomic_folder(Path(where)) as unfinished:
                _write(connect(unfinished), rows, about, str(where))
                finish(cls.open(unfinished))
        return cls.open(where)

    def add(self, staged: Path, job: IndexRows, properties: Properties | None = None, source: str = "in memory") -> int:
        """Add materials, or put them in place of those with the same id; returns how many of them were new.

        Parameters as in :meth:`create`; properties under the names of the index, see
        :func:`~matscout.discover.index.properties.fitted`.

        Raises
        ------
        UsageError
            If the rows were made in another way than those of the index.
        """
        self.require_alike(job)
        rows = WrittenRows(staged, self.about, properties)
        self._upgrade()
        merged = self._materials.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
        with writing(self.where):
            done = merged.execute(rows.reader(self._materials.schema), on_bad_vectors="null")
            # Another process may have added meanwhile.
            latest = _read_about(self._database, self.where)
            self.about = replace(latest, sources=(*latest.sources, source))
            _write_about(self._database, self.about)
        return int(done.num_inserted_rows)

    def _upgrade(self) -> None:
        """Give an index of an older version the columns that structures have now."""
        if self.about.has_structures and "pbc" not in self._materials.schema.names:
            with writing(self.where):
                self._materials.add_columns({"pbc": "make_array(true, true, true)", "charge": "CAST(0.0 AS DOUBLE)"})

    def require_alike(self, job: IndexRows) -> None:
        """Refuse rows that would be made in another way than those of the index.

        Raises
        ------
        UsageError
            If the representations or the cell are others, the materials are of another kind, or vectors that are made
            now differ from those that are stored.
        """
        names, mine = [recipe.name for recipe in job.recipes], list(self.about.vectors)
        if names != mine or job.recipes[0].cell != self.about.cell:
            raise UsageError(
                f"{self.where} contains vectors by {', '.join(mine)} (cell {self.about.cell}); got "
                f"{', '.join(names)} (cell {job.recipes[0].cell})"
            )
        if job.has_structures != self.about.has_structures:
            kind = "structures" if self.about.has_structures else "formulas without structures"
            raise UsageError(f"{self.where} contains {kind}: add materials of the same kind, or build another index")
        require_same_vectors(self, names)

    def delete(self, where: str) -> int:
        """Delete all materials for which an SQL condition holds; returns how many. They stay in older versions.

        Raises
        ------
        UsageError
            If the condition is no SQL, or of columns that are not there.
        """
        with writing(self.where), in_user_words(where, self.columns):
            return int(self._materials.delete(whole(where)).num_deleted_rows)

    def __len__(self) -> int:
        return int(self._materials.count_rows())

    def count(self, where: str) -> int:
        """How many materials an SQL condition holds for; errors as for :meth:`delete`."""
        with reading(self.where), in_user_words(where, self.columns):
            return int(self._materials.count_rows(whole(where)))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """What conditions may be about, with its type: all columns but vectors and structures."""
        hidden = {*STRUCTURE, *(one.column for one in self.about.vectors.values())}
        return {field.name: str(field.type) for field in self._materials.schema if field.name not in hidden}

    @property
    def columns(self) -> tuple[str, ...]:
        """What conditions may be about."""
        return tuple(self.kinds)

    @property
    def versions(self) -> tuple[Version, ...]:
        """All states that can be opened, the oldest first."""
        return tuple(
            Version(one["version"], one["timestamp"], int(one["metadata"].get("total_rows", 0)))
            for one in self._materials.list_versions()
        )

    @property
    def version(self) -> int:
        """The number of the state that is open."""
        return int(self._materials.version)

    def _check_out(self, version: int) -> None:
        there = [one.number for one in self.versions]
        if version not in there:
            raise InputError(f"{self.where} has no version {version}; the versions are {', '.join(map(str, there))}")
        self._materials.checkout(version)

    def rows(self, where: str, columns: Sequence[str], limit: int | None = None) -> pl.DataFrame:
        """Columns of all materials, or ``limit`` of them, for which an SQL condition holds; errors as there."""
        with reading(self.where), in_user_words(where, self.columns):
            table = self._materials.search().where(whole(where)).select(list(columns)).limit(limit).to_arrow()
        return _frame(table)

    def materials(self, where: str) -> Materials:
        """All materials for which an SQL condition holds, with their structures."""
        return materials_of(self.rows(where, self.material_columns))

    @property
    def material_columns(self) -> list[str]:
        """The columns from which :func:`~matscout.discover.index.facts.materials_of` makes materials."""
        return ["id", *material_columns(self.about.has_structures, self._materials.schema.names)]

    def nearest(
        self, name: str, vector: NDArray[np.float32], count: int, where: str = "", *, exact: bool = False
    ) -> Found:
        """The materials most similar to a vector [d]; see :meth:`nearest_of_each`."""
        return self.nearest_of_each(name, vector[None], count, where, exact=exact)[0]

    def nearest_of_each(
        self, name: str, vectors: NDArray[np.float32], count: int, where: str = "", *, exact: bool = False
    ) -> list[Found]:
        """For each of q vectors the materials most similar to it by one representation, all in one go.

        Parameters
        ----------
        name
            The representation.
        vectors
            On the scale of the index, [q, d].
        count
            How many.
        where
            SQL condition that they must fulfil, before any is chosen; "" for none.
        exact
            Look at all vectors, also where there is a quicker approximate way.

        Raises
        ------
        UsageError
            If the condition is no SQL, or of columns that are not there.
        """
        if not len(vectors):
            return []
        several = len(vectors) > 1  # Of a single one LanceDB tells no number of the query.
        asked = vectors if several else vectors[0]
        search = self._materials.search(asked, vector_column_name=self.about.vectors[name].column)
        # Each column that is read of scattered rows takes about a millisecond.
        read = [name for name in self.columns if name not in IN_COMPOSITION]
        search = search.distance_type("cosine").limit(count).select([*read, DISTANCE])
        # Of what it has indexed LanceDB tells twice the cosine distance, of what came later the distance: refined, all
        # are computed anew from the stored vectors.
        search = search.bypass_vector_index() if exact else search.refine_factor(1)
        with reading(self.where), in_user_words(where, self.columns) if where else nullcontext():
            if where:
                search = search.where(whole(where), prefilter=True)
            # Not to_arrow(), which asks for the schema once more: a millisecond.
            table = with_elements(_frame(search.to_batches().read_all()))
        tables = [table.filter(pl.col(QUERY) == row) for row in range(len(vectors))] if several else [table]
        return [Found(one.select(self.columns), 1.0 - one[DISTANCE].to_numpy().astype(np.float64)) for one in tables]

    def index_vectors(self, name: str) -> None:
        """Make the search by one representation approximate (see :mod:`matscout.discover.index.approximate`)."""
        from lancedb.index import IvfHnswSq

        with writing(self.where):
            self._materials.create_index(self.about.vectors[name].column, config=IvfHnswSq(distance_type="cosine"))

    def unindexed(self, name: str) -> float | None:
        """Share of the materials that came after the approximate search by a representation; None if there is none."""
        column = self.about.vectors[name].column
        there = [one.name for one in self._materials.list_indices() if one.columns == [column]]
        return self._materials.index_stats(there[0]).num_unindexed_rows / max(len(self), 1) if there else None

    def take_in(self) -> None:
        """Add what came after them to the approximate search and the indexes of facts."""
        with writing(self.where):
            self._materials.optimize()

    def index_facts(self) -> None:
        """Make conditions quick: an index of each column of facts and properties."""
        from lancedb.index import BTree, LabelList

        with writing(self.where):
            for name, kind in self.kinds.items():
                if name != COMPOSITION:
                    self._materials.create_index(name, config=LabelList() if kind.startswith("list") else BTree())

    def remember_recall(self, recall: Mapping[str, Mapping[int, float]]) -> None:
        """Store what share of the true neighbours the approximate search finds, by representation and number."""
        vectors = {name: replace(one, recall=dict(recall.get(name, {}))) for name, one in self.about.vectors.items()}
        self.about = replace(self.about, vectors=vectors)
        with writing(self.where):
            _write_about(self._database, self.about)

    def vectors(self, ids: Sequence[str], name: str) -> NDArray[np.float32]:
        """Vectors of materials by one representation, [n, d]; NaN where there is none.

        Raises
        ------
        InputError
            If an id is not in the index.
        """
        column, dim = self.about.vectors[name].column, len(self.about.vectors[name].standard.mean)
        if not len(ids):
            return np.zeros((0, dim), dtype=np.float32)
        named = ", ".join(quoted(one) for one in ids)
        with reading(self.where):
            table = self._materials.search().where(f"id IN ({named})").select(["id", column]).limit(None).to_arrow()
        known = {row["id"]: row[column] for row in table.to_pylist()}
        blank = [float("nan")] * dim
        if missing := [one for one in ids if one not in known]:
            raise InputError(f"{self.where} has no material {missing[0]!r}")
        return np.array([known[one] or blank for one in ids], dtype=np.float32).reshape(len(ids), dim)

    def in_a_line(self) -> str:
        """How many materials, where, and by which vectors."""
        return f"{counted(len(self), 'material')} in {self.where}, vectors {named_few(self.about.vectors)}"


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _write(database: Any, rows: WrittenRows, about: About, where: str) -> None:
    """What it holds comes last: without that there is no index, and not one half of which is another's."""
    with writing(where):
        if ABOUT in table_names(database, where):
            database.drop_table(ABOUT)
        database.create_table(MATERIALS, rows.reader(), mode="overwrite", on_bad_vectors="null")
        _write_about(database, about)


def _read_about(database: Any, where: str) -> About:
    return About.loads(database.open_table(ABOUT).to_arrow().column("about")[0].as_py(), where)


def _write_about(database: Any, about: About) -> None:
    import pyarrow as pa

    database.create_table(ABOUT, pa.table({"about": [about.dumps()]}), mode="overwrite")

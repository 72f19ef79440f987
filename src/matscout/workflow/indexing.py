"""``matscout index`` and ``matscout search``: from a collection to an index, from what is liked to what is found."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from matscout.data.columns import why_no_id
from matscout.data.dataset import Dataset, only_compounds
from matscout.data.given import Given, as_materials
from matscout.data.reading import read_materials
from matscout.discover.index.approximate import keep_approximate
from matscout.discover.index.conditions import quoted
from matscout.discover.index.named import query_from
from matscout.discover.index.properties import Properties, fitted, read_properties
from matscout.discover.index.queries import Query, needs_structures, query_of
from matscout.discover.index.rows import IndexRows
from matscout.discover.index.search import Hits, SearchOptions, search
from matscout.discover.index.storage import MARK, connect, is_address, table_names
from matscout.discover.index.store import Index
from matscout.errors import InputError, UsageError
from matscout.progress import Progress, in_notebooks, silent
from matscout.registry import load_class
from matscout.represent.addresses import with_whole_path
from matscout.represent.streaming.run import Written, write_rows
from matscout.store import Store, key_of
from matscout.workflow.collections import Collection, collection_of, collection_of_dataset
from matscout.workflow.embedding import EmbedOptions, recipe_of, refuse_too_many, runner_for, write_problems
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.places import result_folder


@dataclass(frozen=True, eq=False)
class Indexed:
    """What became of a collection: the index, what was written, how many materials were new to it, remarks."""

    index: Index
    written: Written
    new: int
    remarks: tuple[str, ...] = ()


def default_names(has_structures: bool) -> tuple[str, ...]:
    """The representations of an index for which none is named.

    Networks that learned properties: their neighbours are closest in energy and gap
    (``benchmarks/neighbours.py``); descriptors where their weights are missing.
    """
    names = ["composition-donor/vector" if load_class("representations", "composition-donor").at_hand() else "magpie"]
    if has_structures:
        trained = load_class("representations", "crystal-properties").at_hand()
        names.append("crystal-properties" if trained else "structure-basic")
    return tuple(names)


def check_place(where: str) -> str:
    """The place itself, if an index may be built there; errors as :func:`~matscout.workflow.places.result_folder`."""
    if is_address(where):
        table_names(connect(where), where)
    else:
        folder = result_folder(Path(where), MARK)
        others = [one.name for one in sorted(folder.iterdir()) if one.suffix != ".lance"] if folder.is_dir() else []
        if others:
            raise UsageError(f"{where} holds {others[0]} besides an index; it would be lost: move it elsewhere")
    return where


def build_index(source: Any, where: str | Path, names: Sequence[str] = (), progress: Progress = in_notebooks) -> Index:
    """Build an index of materials: of a file, a folder, an archive, or a data set.

    Parameters
    ----------
    source
        What :func:`matscout.read_materials` reads (a path, a frame, a list of formulas), or a data set that it made.
    where
        A folder, or ``"s3://BUCKET/NAME"``.
    names
        Representations; by default, the networks trained on properties.
    progress
        Told how far it is.

    Raises
    ------
    InputError, UsageError, MissingExtraError
        As for ``matscout index build``.
    """
    place = check_place(str(where))
    reading = MaterialSettings()
    if isinstance(source, str | Path):
        collection = collection_of(Path(source), reading)
    else:
        dataset = source if isinstance(source, Dataset) else read_materials(source)
        collection = collection_of_dataset(dataset, reading)
    return index_collection(collection, tuple(names), place, EmbedOptions(), progress).index


def index_collection(
    collection: Collection, names: tuple[str, ...], where: str, options: EmbedOptions, progress: Progress = silent
) -> Indexed:
    """A new index of a collection, or in place of an old one; approximate if it is large.

    Raises
    ------
    InputError
        If the source cannot be read, or nothing of it has a vector.
    UsageError
        If a representation needs structures and there are none, or an unfinished run of another source lies there.
    """
    if collection.dataset is not None:
        only_compounds(collection.dataset)
    job = _job(collection, names or default_names(collection.has_structures), options)
    properties, staged = _properties(collection), staging(where, collection)
    with _alone(staged, where):
        written = _stage(collection, job, staged, options, progress)
        index = Index.create(
            where,
            written.path,
            job,
            properties,
            str(collection.origin["source"]),
            finish=partial(keep_approximate, progress=progress),
        )
        staged.unlink()
    remarks = () if properties is None else tuple(properties.remarks.values())
    return Indexed(index, written, len(index), (*remarks, *_called_by_row(index, job, collection)))


def add_to_index(index: Index, collection: Collection, options: EmbedOptions, progress: Progress = silent) -> Indexed:
    """Add a collection to an index; errors as there, and those of :meth:`Index.require_alike`, before any work."""
    job = _job(collection, tuple(index.about.vectors), options, index.about.sources)
    index.require_alike(job)
    properties, remarks, staged = _properties(collection), tuple[str, ...](), staging(index.where, collection)
    if properties is not None:
        properties, remarks = fitted(properties, index.about.properties, index.kinds)
    with _alone(staged, index.where):
        written = _stage(collection, job, staged, options, progress)
        new = index.add(written.path, job, properties, str(collection.origin["source"]))
        staged.unlink()
    keep_approximate(index, progress=progress)
    return Indexed(index, written, new, (*remarks, *_called_by_row(index, job, collection)))


def _called_by_row(index: Index, job: IndexRows, collection: Collection) -> tuple[str, ...]:
    """What to say where a source has no names for its materials."""
    count = index.count(f"starts_with(id, {quoted(f'{job.source}:')})")
    if not count:
        return ()
    table = collection.columns()
    why = why_no_id(table) if table is not None else "no column identifies each of them"
    return (f"{count:,} materials are identified by their row, {job.source}:ROW, since {why}",)


def _job(
    collection: Collection, names: tuple[str, ...], options: EmbedOptions, others: Sequence[str] = ()
) -> IndexRows:
    """What to write of each material; ``others`` are the sources that an index holds already."""
    if not collection.has_structures and (needing := [name for name in names if needs_structures(name)]):
        raise UsageError(f"{needing[0]} needs structures, but {collection.origin['source']} contains formulas only")
    recipes = tuple(recipe_of(with_whole_path(name), options) for name in names)
    path = Path(str(collection.origin["source"]))
    # Rows without names are called by their file: two files of one name, in two folders, are two.
    shared = any(Path(one).is_absolute() and Path(one).name == path.name and one != str(path) for one in others)
    return IndexRows(recipes, collection.has_structures, str(path) if shared else path.name, collection.named)


def _stage(collection: Collection, job: IndexRows, staged: Path, options: EmbedOptions, progress: Progress) -> Written:
    parts = collection.parts_for([recipe.name for recipe in job.recipes])
    runner = runner_for(parts, options)
    written = write_rows(parts, job, staged, origin=collection.origin, runner=runner, progress=progress)
    write_problems(written.problems, staged)
    try:
        refuse_too_many(written, collection.reading.max_bad)
    except InputError:
        staged.unlink()
        raise
    return written


@contextmanager
def _alone(staged: Path, where: str) -> Iterator[None]:
    """Refuse a second process that would write the same rows at the same time; a killed one holds nothing."""
    from filelock import FileLock, Timeout

    staged.parent.mkdir(parents=True, exist_ok=True)
    lock = staged.with_suffix(".lock")
    try:
        with FileLock(lock, timeout=0):
            yield
            lock.unlink(missing_ok=True)
        if is_address(where):
            with suppress(OSError):  # A list of problems stays.
                staged.parent.rmdir()
    except Timeout as error:
        raise UsageError(
            f"another matscout is writing the same materials to {where}: let it finish, or stop it first"
        ) from error


def _properties(collection: Collection) -> Properties | None:
    table = collection.columns()
    return None if table is None else read_properties(table, dict(collection.reading.unit))


def staging(where: str, collection: Collection) -> Path:
    """Where rows lie until they are in the index: beside a folder, in the user's cache for object storage.

    Each source has a place of its own, so that of two that are added at once none takes the rows of the other.
    """
    source = hashlib.sha256(str(collection.origin["source"]).encode()).hexdigest()[:8]
    if not is_address(where):
        path = Path(where)
        return path.with_name(f"{path.name}.{source}.rows.parquet")
    return Store.of_user().growing_folder("index-rows", key_of(where, source)) / "rows.parquet"


def search_index(
    index: Index | str | Path,
    like: Given,
    *,
    k: int = 20,
    names: Sequence[str] = (),
    where: str = "",
    diversity: float = 0.0,
    exact: bool = False,
) -> Hits:
    """Find the materials of an index that are most similar to one.

    Parameters
    ----------
    index
        An index, or its address.
    like
        A formula, a file with one structure, the id of a material of the index, or a text, if the index has vectors of
        texts; or one structure or composition of pymatgen, atoms of ASE, or a material that was read.
    k
        How many.
    names, where, diversity, exact
        See :class:`~matscout.discover.index.search.SearchOptions`.

    Raises
    ------
    InputError, UsageError
        As for ``matscout search``.
    """
    there = index if isinstance(index, Index) else Index.open(index)
    query = query_from(there, str(like)) if isinstance(like, str | Path) else _query_of_object(there, like)
    return search(there, query, SearchOptions(k, tuple(names), where, diversity, exact))


def _query_of_object(index: Index, like: Given) -> Query:
    materials = as_materials(like, "like")
    if len(materials) != 1:
        raise UsageError(f"like= takes one material; got {len(materials)}")
    return query_of(f"the material {materials[0].formula}", materials, index)

"""What each descriptor of structures is worth alone: one forest on the vectors of each, made once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jobs import CELLS, Job
from numpy.typing import NDArray
from peers import Floats, Forest
from structure_study import FROM_STRUCTURES, Task, errors_of_peer, missing_peers

from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write
from matscout.evaluation.code import code_digest
from matscout.registry import load_class, plug_ins

SIZES = (100, 1000)
NO_DESCRIPTORS = frozenset(
    {
        *("force-field", "force-field-chgnet", "force-field-sevennet", "force-field-response"),
        *("crystal-network", "crystal-denoising", "crystal-properties", "deep-infomax"),
    }
)
"""Trained networks, and what a force field computes in hours."""


@lru_cache(maxsize=1)
def descriptors() -> tuple[str, ...]:
    """All descriptors of structures that can be used here."""
    names = [plug_in.name for plug_in in plug_ins("representations") if plug_in.name not in NO_DESCRIPTORS]
    classes = {name: load_class("representations", name) for name in names}
    return tuple(name for name, made in classes.items() if made.needs == "structure" and made.at_hand())


def forests() -> dict[str, Forest]:
    """Row of the table -> who makes it: Magpie, each descriptor, Magpie with the default, Magpie with all."""
    columns = {
        "magpie": ("magpie",),
        **{name: (name,) for name in descriptors()},
        "magpie and structure-basic": ("magpie", "structure-basic"),
        "magpie and all of them": ("magpie", *descriptors()),
    }
    return {name: StoredForest(f"families, {name}", joined) for name, joined in columns.items()}


@dataclass(frozen=True)
class StoredForest(Forest):
    """A forest on vectors that were made beforehand."""

    def vectors(self, dataset: Dataset, rows: NDArray[np.int64]) -> Floats:
        """All columns of these rows [n, d]; blank where a structure cannot be represented."""
        blocks = [np.load(vectors_file(dataset, name, CELLS), mmap_mode="r")[rows] for name in self.columns]
        return np.concatenate(blocks, axis=1)


def vectors_file(dataset: Dataset, representation: str, folder: Path) -> Path:
    """Where the vectors of all rows lie; the tasks that share their rows share them."""
    structures = dataset.materials.structures
    digest = hashlib.sha256(code_digest().encode("utf-8"))
    for column in structures.arrays.values():
        digest.update(np.ascontiguousarray(column).tobytes())
    return folder / f"vectors-{digest.hexdigest()[:32]}-{representation}.npy"


@dataclass(frozen=True)
class VectorsJob(Job):
    """The vectors of all structures of a task."""

    task: Task
    representation: str

    @property
    def name(self) -> str:
        return f"vectors of {self.task.of.name}, {self.representation}"

    def path(self, folder: Path) -> Path:
        """Where they lie."""
        return vectors_file(self.task.structures.load(), self.representation, folder)

    def make(self, folder: Path) -> None:
        """Represent every structure; blank where one cannot be."""
        materials = self.task.structures.load().materials
        embedding = load_class("representations", self.representation)().represent(materials)
        vectors = np.full((len(materials), len(embedding.columns)), np.nan)
        vectors[embedding.rows] = embedding.vectors
        with atomic_write(self.path(folder)) as unfinished:
            np.save(unfinished, vectors)


def vector_jobs(tasks: Sequence[Task], folder: Path) -> Iterator[VectorsJob]:
    """What is not kept yet, once for all tasks that share their rows."""
    wanted = {
        (job := VectorsJob(task, name)).path(folder): job for task in tasks for name in ("magpie", *descriptors())
    }
    yield from (job for path, job in wanted.items() if not path.is_file())


def judging_jobs(tasks: Sequence[Task], folder: Path) -> Iterator[Job]:
    """The forests that are missing."""
    for task in tasks:
        yield from missing_peers(task.structures, list(forests().values()), folder)


def family_record(task: Task, folder: Path) -> dict[str, Any] | None:
    """The error of every forest on one task, with the better of mean and median; None if cells are missing."""
    if next(missing_peers(task.structures, list(forests().values()), folder), None) is not None:
        return None
    grid = task.structures.grid(FROM_STRUCTURES)
    errors = {name: min(errors_of_peer(grid, forest, folder), key=np.mean) for name, forest in forests().items()}
    return {"name": task.name, "property": task.of.name, "size": task.size, "unit": task.of.unit, "errors": errors}

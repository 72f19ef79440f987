"""The tasks on which PolySRL judges vectors of compositions, with their rows, and crystals to learn from before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.data.public import load_dataset
from matscout.data.reading import read_materials
from matscout.data.structure_arrays import write_structure_arrays
from matscout.errors import InputError, MissingExtraError, UsageError
from matscout.represent.corpora.labelled_formulas import FORMULA
from matscout.represent.label_tables import LabelTable, digest_of
from matscout.studies.crystals import MATERIAL
from matscout.studies.described_tasks import MIN_MAX, TASKS, Described

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class CompositionTask:
    """One task with its rows.

    Parameters
    ----------
    name
        Of :data:`TASKS`.
    materials, values
        n compositions and float64 [n], scaled as the paper has it.
    papers
        Which paper a row is from, [n]; None if that is not known.
    span
        Smallest and largest value before "min-max" scaling.
    """

    name: str
    materials: Materials
    values: Floats
    papers: Texts | None = None
    span: tuple[float, float] = (0.0, 1.0)

    @property
    def described(self) -> Described:
        """What the paper says of it."""
        return TASKS[self.name]

    def unscaled(self, values: Floats) -> Floats:
        """Scaled values in the unit of the public set."""
        about = self.described
        if about.scaling == "ln":
            return np.exp(values)
        if about.scaling == "min-max":
            return np.asarray(self.span[0] + (self.span[1] - self.span[0]) * values / MIN_MAX)
        return values / about.factor

    @cached_property
    def digest(self) -> str:
        """SHA-256 of rows, values and papers."""
        compositions = self.materials.compositions
        papers = "" if self.papers is None else "\n".join(self.papers.tolist())
        return digest_of(
            (self.name, papers), (compositions.offsets, compositions.elements, compositions.amounts, self.values)
        )

    @classmethod
    def load(cls, name: str) -> CompositionTask:
        """From the public set; of several values of one formula the mean is taken, but not of measurements in ESTM.

        Raises
        ------
        UsageError
            If there is no such task.
        InputError
            If the set is not at hand and cannot be downloaded.
        MissingExtraError
            If only matminer knows where it is, and it is not installed.
        """
        if name not in TASKS:
            raise UsageError(f"there is no task {name!r}; there are {', '.join(TASKS)}")
        about = TASKS[name]
        dataset = load_dataset(about.dataset, target=about.target)
        values = next(iter(dataset.targets.values())).values.astype(np.float64)
        rows = np.flatnonzero(_kept(about, dataset, values))
        span = (float(values[rows].min()), float(values[rows].max()))
        materials, values = dataset.materials[rows], _scaled(about, values[rows])
        if dataset.groups is not None:
            return cls(name, materials, values, dataset.groups[rows], span)
        _, first, owner = np.unique(materials.compositions.keys(), return_index=True, return_inverse=True)
        means = np.bincount(owner, values) / np.bincount(owner)
        if about.rows is not None and about.rows < len(first):
            drawn = np.sort(np.random.default_rng(0).permutation(len(first))[: about.rows])
            first, means = first[drawn], means[drawn]
        return cls(name, materials[first], means)


def _kept(about: Described, dataset: Dataset, values: Floats) -> NDArray[np.bool_]:
    kept = np.isfinite(values)
    if about.scaling in {"positive", "ln"}:
        kept &= values > 0
    if about.kelvin is not None:
        temperature = dataset.materials.context["temperature"].astype(np.float64)
        kept &= (temperature >= about.kelvin[0]) & (temperature <= about.kelvin[1])
    return kept


def _scaled(about: Described, values: Floats) -> Floats:
    if about.scaling == "ln":
        return np.log(values)
    if about.scaling == "min-max":
        return np.asarray(MIN_MAX * (values - values.min()) / np.ptp(values))
    return values * about.factor


@dataclass(frozen=True, eq=False)
class CompositionTasks:
    """Tasks, and crystals to learn from before.

    Parameters
    ----------
    tasks
        Which are at hand.
    structures, labels
        Files that pretraining reads; None where only finished networks are compared.
    left_out
        Why tasks that are optional are not there.
    """

    tasks: tuple[CompositionTask, ...]
    structures: Path | None
    labels: Path | None
    left_out: tuple[str, ...] = ()

    @classmethod
    def read(cls, tasks: list[str], structures: str | None, labels: str | None) -> CompositionTasks:
        """Load the tasks.

        Parameters
        ----------
        tasks
            Names out of :data:`TASKS`.
        structures
            Whatever holds structures (see ``matscout.read_materials``); None if no network is trained.
        labels
            Parquet table with a column ``material`` (ids of the structures) and properties, for networks that learn
            properties or formulas; None if there are none.

        Raises
        ------
        UsageError
            If a task is not known or named twice.
        InputError, MissingExtraError
            If a task that is not optional, or every task, cannot be loaded.
        """
        if not tasks or len({*tasks}) < len(tasks):
            raise UsageError(f"data.tasks is a list of different tasks out of {', '.join(TASKS)}; got {tasks!r}")
        loaded, left_out = [], []
        for name in tasks:
            try:
                loaded.append(CompositionTask.load(name))
            except (InputError, MissingExtraError) as error:
                if not TASKS[name].optional:
                    raise
                left_out.append(f"left out: {TASKS[name].title} ({error})")
        if not loaded:
            raise InputError(f"no task is available; {'; '.join(left_out)}")
        return cls(
            tuple(loaded),
            None if structures is None else Path(structures),
            None if labels is None else Path(labels),
            tuple(left_out),
        )

    @cached_property
    def crystals(self) -> Materials | None:
        """What networks are trained on."""
        return None if self.structures is None else read_materials(self.structures).materials

    @cached_property
    def training_digest(self) -> str:
        """SHA-256 of structures and labels."""
        structures = None if self.crystals is None else self.crystals.structures
        if self.crystals is not None and structures is None:
            raise UsageError(f"{self.structures} contains formulas only; data.structures must name crystal structures")
        labels = b"" if self.labels is None else self.labels.read_bytes()
        arrays = () if structures is None else tuple(structures.arrays.values())
        return digest_of((hashlib.sha256(labels).hexdigest(),), arrays)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of tasks and files."""
        digests = [self.training_digest, *(task.digest for task in self.tasks)]
        return hashlib.sha256(" ".join(digests).encode()).hexdigest()

    @property
    def summary(self) -> Sequence[str]:
        """How many rows each task has."""
        return [*(f"{task.described.title}: {len(task.values)} rows" for task in self.tasks), *self.left_out]

    def write_training(self, folder: Path) -> tuple[Path, Path | None]:
        """The crystals as NumPy arrays, and with labels as a Parquet table of compositions and their mean properties.

        Only where there are crystals.
        """
        assert self.crystals is not None
        structures = self.crystals.structures
        assert structures is not None
        arrays, formulas = folder / "structures.npz", folder / "formulas.parquet"
        if not arrays.is_file():
            write_structure_arrays(arrays, self.crystals.ids, structures)
        if self.labels is None:
            return arrays, None
        if not formulas.is_file():
            with atomic_write(formulas) as unfinished:
                self._formulas(self.labels).write_parquet(unfinished)
        return arrays, formulas

    def _formulas(self, labels: Path) -> polars.DataFrame:
        """A row for each composition, with the mean of what is known of its structures."""
        assert self.crystals is not None
        table = LabelTable.read(labels, MATERIAL)
        values = table.of(self.crystals.ids.tolist()).astype(np.float64)
        compositions = self.crystals.compositions
        texts = [format_formula(compositions.to_dict(row)) for row in range(len(compositions))]
        columns = {name: values[:, place] for place, name in enumerate(table.names)}
        frame = polars.DataFrame({"key": compositions.keys(), FORMULA: texts, **columns}).fill_nan(None)
        means = frame.group_by("key", maintain_order=True).agg(polars.first(FORMULA), polars.col(table.names).mean())
        return means.drop("key")

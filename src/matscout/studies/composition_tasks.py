"""The tasks on which PolySRL judges vectors of compositions, with what the paper says of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
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

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]

METHODS = ("untrained", "GraphCL", "MP-gap", "MP-energy", "Infomax-3D", "PolySRL")
"""In the order of the columns of the paper's tables 1 and 3."""
WITHOUT_SAMPLING = "PolySRL-without-sampling"

MIN_MAX = 10.0
"""Largest value after "min-max" scaling."""


@dataclass(frozen=True)
class Described:
    """A task as the paper has it (doi:10.48550/arXiv.2312.13289, tables 1, 3 and 5, appendix C).

    Parameters
    ----------
    title, unit
        For figures and tables.
    dataset, target
        Name of a public set (``matscout datasets``), and its column; "" for the usual one.
    kelvin
        Range of measuring temperatures that is kept; None for all rows.
    scaling
        "positive" keeps values above 0, "ln" takes the natural logarithm, "min-max" goes from 0 to :data:`MIN_MAX`.
    factor
        By which the paper multiplies errors.
    batch
        Rows of a batch of the probe, as in the authors' code.
    published
        MAE of :data:`METHODS` and, if there is a seventh, of PolySRL without sampling.
    transferred
        MAE of :data:`METHODS` whose encoders go on learning (table 4).
    optional
        Whether it is left out, with the reason, where it cannot be loaded.
    rows, folds
        How many compositions at most, drawn once at random, and how many of five folds are tested.
    """

    title: str
    unit: str
    dataset: str
    target: str = ""
    kelvin: tuple[float, float] | None = None
    scaling: str = ""
    factor: float = 1.0
    batch: int = 128
    published: tuple[float, ...] = ()
    transferred: tuple[float, ...] = ()
    optional: bool = False
    rows: int | None = None
    folds: int = 5


def _estm(
    words: str, kelvin: int, target: str, published: tuple[float, ...], transferred: tuple[float, ...]
) -> Described:
    span = {300: (295.0, 305.0), 600: (593.0, 608.0)}[kelvin]
    scaling, unit = ("min-max", "min-max x 10") if target.startswith("seebeck") else ("ln", "ln units")
    return Described(f"{words}, {kelvin} K", unit, "estm", target, span, scaling, 1.0, 32, published, transferred)


SIGMA, KAPPA, SEEBECK = "electrical_conductivity", "thermal_conductivity", "seebeck_coefficient"

TASKS: Mapping[str, Described] = {
    "gap": Described(
        "experimental gap of non-metals",
        "eV",
        "matbench_expt_gap",
        scaling="positive",
        published=(0.439, 0.437, 0.403, 0.416, 0.428, 0.407, 0.410),
        transferred=(0.390, 0.391, 0.382, 0.391, 0.391, 0.386),
    ),
    "enthalpy": Described(
        "experimental formation enthalpy",
        "eV/atom x 10",
        "expt_formation_enthalpy",
        "e_form expt",
        factor=10.0,
        published=(0.671, 0.677, 0.690, 0.619, 0.654, 0.592, 0.618),
        transferred=(0.599, 0.607, 0.604, 0.582, 0.606, 0.576),
        optional=True,
    ),
    "trg": Described(
        "reduced glass transition temperature",
        "x 10",
        "metallic_glass_trg",
        factor=10.0,
        published=(0.211, 0.212, 0.212, 0.203, 0.201, 0.194, 0.198),
        transferred=(0.204, 0.193, 0.193, 0.197, 0.194, 0.191),
        optional=True,
    ),
    "sigma-300": _estm(
        "electrical conductivity",
        300,
        SIGMA,
        (1.029, 1.057, 1.008, 1.121, 0.969, 0.912, 0.864),
        (0.849, 0.862, 0.829, 0.822, 0.844, 0.822),
    ),
    "kappa-300": _estm(
        "thermal conductivity",
        300,
        KAPPA,
        (0.225, 0.229, 0.225, 0.228, 0.217, 0.197, 0.208),
        (0.202, 0.198, 0.210, 0.195, 0.210, 0.189),
    ),
    "seebeck-300": _estm(
        "Seebeck coefficient",
        300,
        SEEBECK,
        (0.451, 0.459, 0.443, 0.441, 0.432, 0.388, 0.407),
        (0.425, 0.412, 0.405, 0.410, 0.402, 0.386),
    ),
    "sigma-600": _estm(
        "electrical conductivity",
        600,
        SIGMA,
        (0.714, 0.695, 0.690, 0.784, 0.692, 0.665, 0.679),
        (0.659, 0.643, 0.632, 0.641, 0.633, 0.626),
    ),
    "kappa-600": _estm(
        "thermal conductivity",
        600,
        KAPPA,
        (0.218, 0.206, 0.217, 0.220, 0.212, 0.189, 0.198),
        (0.209, 0.205, 0.197, 0.209, 0.207, 0.195),
    ),
    "seebeck-600": _estm(
        "Seebeck coefficient",
        600,
        SEEBECK,
        (0.437, 0.440, 0.436, 0.444, 0.428, 0.412, 0.396),
        (0.402, 0.412, 0.402, 0.428, 0.391, 0.390),
    ),
    "castelli": Described(
        "formation energy of perovskites",
        "eV/cell",
        "matbench_perovskites",
        published=(0.140, 0.145, 0.141, 0.134, 0.147, 0.132),
    ),
    "refractive": Described(
        "refractive index", "", "matbench_dielectric", published=(0.394, 0.386, 0.399, 0.379, 0.388, 0.394)
    ),
    "shear": Described(
        "shear modulus", "log10 GPa", "matbench_log_gvrh", published=(0.115, 0.117, 0.116, 0.108, 0.117, 0.107)
    ),
    "bulk": Described(
        "bulk modulus",
        "log10 GPa x 10",
        "matbench_log_kvrh",
        factor=10.0,
        published=(0.850, 0.844, 0.851, 0.801, 0.880, 0.837),
    ),
    "exfoliation": Described(
        "exfoliation energy",
        "meV/atom / 100",
        "matbench_jdft2d",
        factor=0.01,
        published=(0.393, 0.411, 0.397, 0.382, 0.408, 0.378),
    ),
    "mp-gap": Described(
        "calculated band gap",
        "eV",
        "matbench_mp_gap",
        published=(0.354, 0.351, 0.354, 0.338, 0.354, 0.328),
        rows=20_000,
        folds=1,
    ),
    "mp-energy": Described(
        "calculated formation energy",
        "eV/atom",
        "matbench_mp_e_form",
        published=(0.119, 0.121, 0.119, 0.115, 0.116, 0.112),
        rows=20_000,
        folds=1,
    ),
}


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
        told = self.described
        if told.scaling == "ln":
            return np.exp(values)
        if told.scaling == "min-max":
            return np.asarray(self.span[0] + (self.span[1] - self.span[0]) * values / MIN_MAX)
        return values / told.factor

    @cached_property
    def digest(self) -> str:
        """SHA-256 of rows, values and papers."""
        told = self.materials.compositions
        papers = "" if self.papers is None else "\n".join(self.papers.tolist())
        return digest_of((self.name, papers), (told.offsets, told.elements, told.amounts, self.values))

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
        told = TASKS[name]
        dataset = load_dataset(told.dataset, target=told.target)
        values = next(iter(dataset.targets.values())).values.astype(np.float64)
        rows = np.flatnonzero(_kept(told, dataset, values))
        span = (float(values[rows].min()), float(values[rows].max()))
        materials, values = dataset.materials[rows], _scaled(told, values[rows])
        if dataset.groups is not None:
            return cls(name, materials, values, dataset.groups[rows], span)
        _, first, owner = np.unique(materials.compositions.keys(), return_index=True, return_inverse=True)
        means = np.bincount(owner, values) / np.bincount(owner)
        if told.rows is not None and told.rows < len(first):
            drawn = np.sort(np.random.default_rng(0).permutation(len(first))[: told.rows])
            first, means = first[drawn], means[drawn]
        return cls(name, materials[first], means)


def _kept(told: Described, dataset: Dataset, values: Floats) -> NDArray[np.bool_]:
    kept = np.isfinite(values)
    if told.scaling in {"positive", "ln"}:
        kept &= values > 0
    if told.kelvin is not None:
        temperature = dataset.materials.context["temperature"].astype(np.float64)
        kept &= (temperature >= told.kelvin[0]) & (temperature <= told.kelvin[1])
    return kept


def _scaled(told: Described, values: Floats) -> Floats:
    if told.scaling == "ln":
        return np.log(values)
    if told.scaling == "min-max":
        return np.asarray(MIN_MAX * (values - values.min()) / np.ptp(values))
    return values * told.factor


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
            If a task is not known or named twice, or a file is named by something else than a text.
        InputError, MissingExtraError
            If a task that is not optional, or every task, cannot be loaded.
        """
        if not isinstance(tasks, list) or not tasks or len({*map(str, tasks)}) < len(tasks):
            raise UsageError(f"data.tasks is a list of different tasks out of {', '.join(TASKS)}; got {tasks!r}")
        for name, given in (("structures", structures), ("labels", labels)):
            if not isinstance(given, str | None):
                raise UsageError(f"data.{name} is the name of a file, or null; got {given!r}")
        loaded, left_out = [], []
        for name in tasks:
            try:
                loaded.append(CompositionTask.load(name))
            except (InputError, MissingExtraError) as error:
                if not TASKS[name].optional:
                    raise
                left_out.append(f"left out: {TASKS[name].title} ({error})")
        if not loaded:
            raise InputError(f"no task is at hand; {'; '.join(left_out)}")
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
        found = None if self.crystals is None else self.crystals.structures
        if self.crystals is not None and found is None:
            raise UsageError(f"{self.structures} holds formulas only; data.structures names crystal structures")
        labels = b"" if self.labels is None else self.labels.read_bytes()
        arrays = () if found is None else tuple(vars(found).values())
        return digest_of((hashlib.sha256(labels).hexdigest(),), arrays)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of tasks and files."""
        told = [self.training_digest, *(task.digest for task in self.tasks)]
        return hashlib.sha256(" ".join(told).encode()).hexdigest()

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
        found = frame.group_by("key", maintain_order=True).agg(polars.first(FORMULA), polars.col(table.names).mean())
        return found.drop("key")

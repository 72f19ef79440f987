"""Few labels on crystal structures: six properties, tested on unseen formulas and on unseen chemical systems."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import polars
from data_folder import data_folder
from few_labels import FewLabels
from jobs import CELLS
from numpy.typing import NDArray
from structure_data import mp_structures
from tasks import Benchmark

import matscout
from matscout.data.dataset import Dataset, Target
from matscout.data.files import atomic_write
from matscout.data.grouping import group_labels
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.evaluation.base import Protocol, ProtocolOptions, Split
from matscout.evaluation.folds import column_of, labelled_rows

SIZES = (50, 100, 250, 1000)
DRAWS = 12

MOST_LEARNED, MOST_TESTED = 5000, 2000
"""Rows that labels are drawn from, and rows that are tested: larger data sets are cut to these by a seeded draw."""

PART = "part"
"""Column that tells a row's part: "learn" and "test", or the number of a fold."""


class HeldOut(Protocol):
    """So many labels drawn from the rows to learn from; tested are the same rows always, or fold after fold."""

    uses = frozenset({"n_labels", "repeats"})

    @property
    def name(self) -> str:
        return "held-out"

    @property
    def settings(self) -> str:
        return f"{self.options.n_labels[0]} labels drawn {self.options.repeats} times"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """Splits called "draw 1", ...; the labels of a smaller set are among those of a larger one of the same draw."""
        rows = labelled_rows(dataset, target)
        parts = np.array(column_of(dataset, PART), dtype=np.str_)[rows]
        folds = sorted({*parts.tolist()} - {"learn"})
        for draw in range(self.options.repeats):
            tested = parts == folds[draw % len(folds)]
            pool = np.random.default_rng([seed, draw]).permutation(rows[~tested])
            yield Split(f"draw {draw + 1}", np.sort(pool[: self.options.n_labels[0]]), rows[tested])


@dataclass(frozen=True)
class Property:
    """One property of one set of structures.

    Parameters
    ----------
    name, unit
        As they stand in the tables.
    file
        Of the labels, relative to the data folder.
    load
        Makes the labelled rows, with structures and the column ``PART``; can be sent to another process.
    goals
        Ratios to the better tree baseline on Magpie that the issue asks for, one for each of ``SIZES``.
    """

    name: str
    unit: str
    file: str
    load: Callable[[], Dataset]
    goals: tuple[float, ...]


def benchmarks(of: Property, size: int, draws: int, *, structures: bool = True) -> tuple[Benchmark, Benchmark]:
    """Few labels of a property: tested on unseen formulas, and on unseen chemical systems.

    Without ``structures`` the same rows in the same draws, of which only the formulas are told.
    """
    options = ProtocolOptions(n_labels=(size,), repeats=draws)
    kept, name = (of.load if structures else partial(without_structures, of.load)), f"{of.name}-{size}-labels"
    by_system = partial(by_chemical_system, kept)
    return (
        Benchmark(name, of.file, kept, HeldOut(options), "few", of.unit),
        Benchmark(f"{name}-by-system", of.file, by_system, FewLabels(options), "few-grouped", of.unit),
    )


def without_structures(load: Callable[[], Dataset]) -> Dataset:
    """The same rows, of which only the formulas are told."""
    dataset = load()
    return replace(dataset, materials=replace(dataset.materials, structures=None))


def by_chemical_system(load: Callable[[], Dataset]) -> Dataset:
    """The same rows in groups of equal elements."""
    dataset = load()
    return replace(dataset, groups=group_labels(dataset, "chemical-system"))


def _dataset(
    materials: Materials, name: str, values: NDArray[np.float64], unit: str, parts: NDArray[np.str_]
) -> Dataset:
    """A labelled data set of at most ``MOST_LEARNED`` and ``MOST_TESTED`` rows, drawn at random, in their order."""
    order = np.random.default_rng(0).permutation(len(materials))
    tested = parts[order] == "test"
    many = parts[order] == "learn"
    kept = [order[~tested & ~many], order[many][:MOST_LEARNED], order[tested][:MOST_TESTED]]
    rows = np.sort(np.concatenate(kept))
    table = polars.DataFrame({PART: parts[rows]})
    return Dataset(materials[rows], {name: Target(name, values[rows], unit=unit)}, table=table)


def _csv(file: str) -> polars.DataFrame:
    return polars.read_csv(data_folder() / file, infer_schema_length=None)


MP = "mp_structures/properties.csv.gz"


def materials_project_folds() -> polars.DataFrame:
    """Material, folds and whether its energy is clean, in the order of the structures."""
    return _csv("mp_structures/splits.csv.gz")


@lru_cache(maxsize=2)
def materials_project(column: str, unit: str) -> Dataset:
    """Rows whose energy agrees between releases; the first formula fold is tested."""
    table = _csv(MP).hstack(materials_project_folds().drop("material_id"))
    clean = np.flatnonzero(table["clean_energy"].to_numpy() == 1)
    parts = learn_or_test(table["fold_formula"].to_numpy()[clean] == 0)
    values = table[column].to_numpy().astype(np.float64)[clean]
    return _dataset(mp_structures(data_folder())[clean], column, values, unit, parts)


ELASTICITY = "mp_elasticity/structures.csv.gz"


@lru_cache(maxsize=2)
def elasticity(column: str) -> Dataset:
    """log10 of a modulus; rows with sane moduli whose formula fold is known, the first fold is tested."""
    folds = (
        _csv("mp_structures/splits.csv.gz").with_columns(_csv(MP)["material_id"]).select("material_id", "fold_formula")
    )
    sane = _csv(ELASTICITY).filter(polars.col("sane_moduli") == 1).join(folds, on="material_id", how="inner")
    materials, table = _with_structures(sane)
    parts = learn_or_test(table["fold_formula"].to_numpy() == 0)
    values = np.log10(table[column].to_numpy().astype(np.float64))
    return _dataset(materials, f"log10 {column}", values, "", parts)


PEROV = "perov_5/structures.csv.gz"


@lru_cache(maxsize=2)
def perovskites() -> Dataset:
    """Labels come from the published validation part (the training part has none), tested is the test part."""
    materials, table = _with_structures(_csv(PEROV).filter(polars.col("split") != "train"))
    parts = learn_or_test(table["split"].to_numpy() == "test")
    return _dataset(materials, "heat_ref", table["heat_ref"].to_numpy().astype(np.float64), "eV", parts)


TC = "superconductors/3dsc_mp_structures.csv.gz"


@lru_cache(maxsize=2)
def superconductors() -> Dataset:
    """ln(1 + Tc in K) of fully ordered structures, in five folds of whole formulas."""
    materials, table = _with_structures(_csv(TC))
    structures = materials.structures
    assert structures is not None
    ordered = np.minimum.reduceat(structures.occupancies, structures.offsets[:-1]) == 1.0
    _, formula = np.unique(table["formula_sc"].to_numpy()[ordered], return_inverse=True)
    folds = (np.random.default_rng(0).permutation(formula.max() + 1) % 5)[formula]
    values = np.log1p(table["tc_K"].to_numpy().astype(np.float64))[ordered]
    return _dataset(materials[ordered], "ln(1 + Tc)", values, "", folds.astype(np.str_))


def learn_or_test(tested: NDArray[Any]) -> NDArray[np.str_]:
    return np.where(tested, "test", "learn").astype(np.str_)


def _with_structures(table: polars.DataFrame) -> tuple[Materials, polars.DataFrame]:
    """The structures of the column ``cif``, and their rows of the table. They are read once, then kept as arrays."""
    texts = hashlib.sha256("\n".join(table["cif"].to_list()).encode("utf-8")).hexdigest()
    path = CELLS / f"structures-{texts[:16]}.npz"
    if not path.is_file():
        numbered = table.select("cif").with_row_index("row")
        materials = matscout.read_materials(numbered, structure="cif").materials
        with atomic_write(path) as unfinished:
            np.savez_compressed(unfinished, rows=materials.ids.astype(np.int64), **materials.structures.arrays)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    rows = arrays.pop("rows")
    structures = Structures(**arrays)
    compositions = compositions_of(structures)
    return Materials(rows.astype(np.str_), compositions.keys(), compositions, structures), table[rows]


PROPERTIES = (
    Property(
        "bulk-modulus", "log10 GPa", ELASTICITY, partial(elasticity, "bulk_modulus_vrh_GPa"), (0.70, 0.66, 0.61, 0.55)
    ),
    Property(
        "shear-modulus", "log10 GPa", ELASTICITY, partial(elasticity, "shear_modulus_vrh_GPa"), (0.84, 0.84, 0.80, 0.74)
    ),
    Property("perovskite-heat", "eV", PEROV, perovskites, (0.76, 0.62, 0.50, 0.36)),
    Property(
        "formation-energy",
        "eV/atom",
        MP,
        partial(materials_project, "formation_energy_per_atom", "eV/atom"),
        (0.86, 0.85, 0.82, 0.78),
    ),
    Property("band-gap", "eV", MP, partial(materials_project, "band_gap", "eV"), (0.94,) * 4),
    Property("critical-temperature", "ln(1 + K)", TC, superconductors, (0.95,) * 4),
)
"""Small data sets first."""

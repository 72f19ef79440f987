"""What ``shortlists.py`` asks for: tables with one goal each, the families of their rows, and draws of labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from tasks import ESTM, WINDOWS

from matscout.data.dataset import Dataset, Target
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.represent.embedding import embed

Split = Literal["random", "family"]
SPLITS: tuple[Split, ...] = get_args(Split)
LABELS = (100, 300)
DRAWS = 20
AT_MOST, AT_LEAST = 2000, 50
"""Candidates of a draw."""
HELD_OUT = 0.5
"""Share of the rows whose families are held out, where enough are left to draw labels from."""
N_CLUSTERS = 40


@dataclass(frozen=True)
class Task:
    """One table with one goal.

    Parameters
    ----------
    name
        E.g. "estm-300K-ZT".
    file
        Relative to the data folder.
    low, high
        Of the goal, as in :class:`matscout.discover.base.Goal`.
    family
        What is held out together: "paper" (the table names it) or "cluster" (k-means on Magpie's vectors).
    unit
        Of the values.
    read
        Makes a table with the columns formula, value and, for papers, family; one row for each measurement.
    taught
        Whether matscout's donors (the strict one, too) have learned this property of these materials.
    """

    name: str
    file: str
    low: float
    high: float
    family: Literal["paper", "cluster"]
    unit: str
    read: Callable[[], pl.DataFrame]
    taught: bool = False

    @property
    def goal(self) -> Goal:
        return Goal(self.name, self.low, self.high)

    @property
    def wanted(self) -> str:
        """The goal in a word."""
        kind = self.goal.kind
        return f"near {self.low:g} {self.unit}" if kind == "value" else kind

    def load(self) -> Dataset:
        """One row for each composition."""
        return _load(self)

    def families(self) -> NDArray[np.str_]:
        """Of each row, [n]."""
        groups = self.load().groups
        return _clusters(self) if groups is None else groups

    def goodness(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Larger is better."""
        kind = self.goal.kind
        return values if kind == "max" else -values if kind == "min" else -np.abs(values - self.low)


@dataclass(frozen=True, eq=False)
class Division:
    """Rows to learn from, and rows to choose from in random order."""

    labels: NDArray[np.int64]
    candidates: NDArray[np.int64]

    @property
    def mark(self) -> str:
        """Digest of the rows: what is compared must have it in common."""
        told = f"{self.labels.tolist()} {self.candidates.tolist()}"
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def divide(n: int, families: NDArray[Any] | None, n_labels: int, draw: int) -> Division:
    """Draw labels from n rows; candidates are the others or, with families [n], all rows of those held out."""
    rng = np.random.default_rng([draw, 0 if families is None else 1])
    order = rng.permutation(n)
    if families is None:
        return Division(order[:n_labels], order[n_labels:][:AT_MOST])
    held = held_out(families, n_labels, rng)[order]
    return Division(order[~held][:n_labels], order[held][:AT_MOST])


def held_out(families: NDArray[Any], n_labels: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Rows of whole families, about half of all, so that at least ``n_labels`` others are left, [n]."""
    names, family, sizes = np.unique(families, return_inverse=True, return_counts=True)
    chosen, count = np.zeros(len(names), dtype=bool), 0
    for one in rng.permutation(len(names)):
        if count >= HELD_OUT * len(families):
            break
        if len(families) - count - sizes[one] >= n_labels:
            chosen[one] = True
            count += sizes[one]
    return np.asarray(chosen[family], dtype=np.bool_)


def is_tried(task: Task, n_labels: int) -> bool:
    """Whether enough candidates are left."""
    return len(task.load()) - n_labels >= AT_LEAST


def as_labels(dataset: Dataset, rows: NDArray[np.int64], families: NDArray[np.str_] | None) -> Dataset:
    """What a model learns from; with families it is told of them."""
    return replace(dataset[rows], groups=None if families is None else families[rows])


@lru_cache(maxsize=32)
def _load(task: Task) -> Dataset:
    table = task.read()
    parsed = parse_formulas(table["formula"].to_list())
    table = table[parsed.rows].with_columns(pl.Series("key", parsed.compositions.keys()))
    first = [pl.col(name).first() for name in table.columns if name not in ("key", "value")]
    table = table.group_by("key", maintain_order=True).agg(pl.col("value").median(), *first)
    groups = np.array(table["family"].to_list(), dtype=np.str_) if "family" in table.columns else None
    target = Target(task.name, table["value"].to_numpy().astype(np.float64), unit=task.unit or None)
    # One scale for all draws: by the values of one draw it might be another.
    target = target.on_scale(target.scale)
    return Dataset(Materials.from_formulas(table["formula"].to_list()), {task.name: target}, groups=groups)


@lru_cache(maxsize=8)
def _clusters(task: Task) -> NDArray[np.str_]:
    vectors = embed(task.load().materials, "magpie").vectors
    spread = np.nanstd(vectors, axis=0)
    scaled = np.nan_to_num((vectors - np.nanmean(vectors, axis=0)) / np.where(spread > 0, spread, 1.0))
    found = KMeans(N_CLUSTERS, n_init=3, random_state=0).fit_predict(scaled)
    return np.array([f"cluster {number}" for number in found], dtype=np.str_)


def _estm(window: str, value: str) -> pl.DataFrame:
    table = _read(ESTM).filter(pl.col("temperature_K").is_between(*WINDOWS[window]))
    seebeck, sigma = pl.col("seebeck_uV_per_K"), pl.col("electrical_conductivity_S_per_m")
    kappa, kelvin = pl.col("thermal_conductivity_W_per_mK"), pl.col("temperature_K")
    factor = (seebeck * 1e-6) ** 2 * sigma
    values = {
        "conductivity": sigma,
        "seebeck": seebeck.abs(),
        "kappa": kappa,
        "power-factor": factor,
        "ZT": factor * kelvin / kappa,
    }
    return table.select("formula", values[value].alias("value"), pl.col("reference_doi").alias("family"))


def _column(file: str, formula: str, value: str) -> pl.DataFrame:
    return _read(file).select(pl.col(formula).alias("formula"), pl.col(value).cast(pl.Float64).alias("value"))


def _modulus(value: str) -> pl.DataFrame:
    table = _read(MODULI).filter(pl.col("sane_moduli") == 1)
    return table.select(pl.col("formula_pretty").alias("formula"), pl.col(value).alias("value"))


def _read(file: str) -> pl.DataFrame:
    types = {"formula": pl.String, "formula_pretty": pl.String}
    header = pl.read_csv(data_folder() / file, n_rows=0).columns
    overrides = {name: kind for name, kind in types.items() if name in header}
    return pl.read_csv(data_folder() / file, schema_overrides=overrides, infer_schema_length=None)


MODULI = "mp_elasticity/structures.csv.gz"
SUPERCON = "superconductors/supercon_formulas.csv.gz"
DIELECTRIC, GAPS = "matbench/dielectric.csv.gz", "matbench/expt_gap.csv.gz"
UP, DOWN = (np.inf, np.inf), (-np.inf, -np.inf)
QUANTITIES = {
    "conductivity": (UP, "S/m"),
    "seebeck": (UP, "uV/K"),
    "kappa": (DOWN, "W/mK"),
    "power-factor": (UP, "W/mK2"),
    "ZT": (UP, ""),
}
TASKS: tuple[Task, ...] = (
    *(
        Task(f"estm-{window}-{name}", ESTM, *goal, "paper", unit, partial(_estm, window, name))
        for window in WINDOWS
        for name, (goal, unit) in QUANTITIES.items()
    ),
    Task("supercon-Tc", SUPERCON, *UP, "cluster", "K", partial(_column, SUPERCON, "formula", "tc_K"), taught=True),
    Task("elasticity-K", MODULI, *UP, "cluster", "GPa", partial(_modulus, "bulk_modulus_vrh_GPa"), taught=True),
    Task("elasticity-G", MODULI, *UP, "cluster", "GPa", partial(_modulus, "shear_modulus_vrh_GPa"), taught=True),
    Task("dielectric", DIELECTRIC, *UP, "cluster", "", partial(_column, DIELECTRIC, "formula", "target")),
    Task("expt-gap-1.34", GAPS, 1.34, 1.34, "cluster", "eV", partial(_column, GAPS, "formula", "target")),
)
BY_NAME = {task.name: task for task in TASKS}

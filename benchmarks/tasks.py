"""The tasks of the main job: which file, which rows, which splits, and the best number anybody published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import polars
from data_folder import data_folder

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.evaluation.base import Protocol, ProtocolOptions
from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.evaluating import BASELINES, contenders, make_protocol, scored_splits
from matscout.evaluation.grid import Grid

LEVEL, SEED = 0.9, 0
ESTM = "thermoelectrics/estm.csv.gz"
BOARD = "matbench v0.1 board, PEERS 4.1"
POLYSRL = "best of arXiv 2312.13289, specs/polysrl.md"


@dataclass(frozen=True)
class Published:
    """A published number: a MAE, or for classes the balanced accuracy (which the matbench board calls ROC-AUC)."""

    value: float
    who: str


@dataclass(frozen=True)
class Contest:
    """Who is compared: the model under test, and what stands beside it. scikit-learn's forest always does."""

    model: str
    baselines: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.model, *self.baselines)


MAIN_JOB = Contest("auto-without-donor", BASELINES)


@dataclass(frozen=True)
class Benchmark:
    """One data set with one way of dividing it.

    Parameters
    ----------
    name
        E.g. "expt_gap" or "estm-300K-seebeck-by-paper".
    file
        Relative to the data folder.
    load
        Makes the labelled rows; can be sent to another process.
    protocol
        How rows are divided.
    kind
        "random" (or official) folds, "grouped" folds, "learning" curve, "few" or "few-grouped" labels.
    unit
        Of the MAE, in words.
    published
        Comparable numbers, best first.
    """

    name: str
    file: str
    load: Callable[[], Dataset]
    protocol: Protocol
    kind: str
    unit: str
    published: tuple[Published, ...] = ()

    def grid(self, contest: Contest) -> Grid:
        dataset = self.load()
        target = dataset.target()
        splits = scored_splits(target, self.protocol.splits(dataset, target.name, SEED))
        models = contenders(target, ModelSettings(contest.model, seed=SEED), contest.baselines)
        return Grid(dataset, target.name, splits, models, LEVEL)


def file_digest(benchmark: Benchmark) -> str:
    """SHA-256 of the data file."""
    return hashlib.sha256((data_folder() / benchmark.file).read_bytes()).hexdigest()


@lru_cache(maxsize=4)
def matbench(name: str, classes: bool) -> Dataset:
    table = polars.read_csv(data_folder() / f"matbench/{name}.csv.gz", schema_overrides={"formula": polars.String})
    values = table["target"].to_numpy().astype(np.float64)
    target = Target(name, values, task="classification", classes=("no", "yes")) if classes else Target(name, values)
    return Dataset(Materials.from_formulas(table["formula"].to_list()), {name: target}, table=table)


ESTM_COLUMNS = {
    "conductivity": "electrical_conductivity_S_per_m",
    "kappa": "thermal_conductivity_W_per_mK",
    "seebeck": "seebeck_uV_per_K",
}


@lru_cache(maxsize=16)
def estm(kelvin: tuple[float, float], quantity: str, by_paper: bool) -> Dataset:
    """One temperature window of ESTM in the units of the published tables: ln, or min-max over the window x 10."""
    table = polars.read_csv(data_folder() / ESTM, schema_overrides={"formula": polars.String})
    table = table.filter(polars.col("temperature_K").is_between(*kelvin))
    values = table[ESTM_COLUMNS[quantity]].to_numpy().astype(np.float64)
    scaled = 10 * (values - values.min()) / np.ptp(values) if quantity == "seebeck" else np.log(values)
    groups = np.array(table["reference_doi"].to_list(), dtype=np.str_) if by_paper else None
    materials = Materials.from_formulas(table["formula"].to_list())
    return Dataset(materials, {quantity: Target(quantity, scaled)}, groups=groups, table=table)


def _official(name: str, unit: str, *published: Published, classes: bool = False) -> Benchmark:
    protocol, file = make_protocol("given", ProtocolOptions(folds="fold")), f"matbench/{name}.csv.gz"
    return Benchmark(name, file, partial(matbench, name, classes), protocol, "random", unit, published)


WINDOWS = {"300K": (295.0, 305.0), "600K": (593.0, 608.0)}
ESTM_BEST = {
    ("300K", "conductivity"): 0.822,
    ("300K", "kappa"): 0.189,
    ("300K", "seebeck"): 0.386,
    ("600K", "conductivity"): 0.626,
    ("600K", "kappa"): 0.189,
    ("600K", "seebeck"): 0.390,
}


def _estm(window: str, quantity: str, by_paper: bool) -> Benchmark:
    unit = "min-max x 10" if quantity == "seebeck" else "ln units"
    name = f"estm-{window}-{quantity}"
    load = partial(estm, WINDOWS[window], quantity, by_paper)
    if by_paper:
        return Benchmark(f"{name}-by-paper", ESTM, load, make_protocol("group", ProtocolOptions()), "grouped", unit)
    published = (Published(ESTM_BEST[window, quantity], POLYSRL),)
    twice = make_protocol("repeated", ProtocolOptions(repeats=2))
    return Benchmark(name, ESTM, load, twice, "random", unit, published)


def _learning(of: Benchmark, labels: tuple[int, ...]) -> Benchmark:
    protocol = make_protocol("masked", ProtocolOptions(n_labels=labels, repeats=3))
    return Benchmark(f"{of.name}-few-labels", of.file, of.load, protocol, "learning", of.unit)


EXPT_GAP = _official(
    "expt_gap", "eV", Published(0.2865, f"Darwin LLM, {BOARD}"), Published(0.3310, f"CrabNet with Ax/SAASBO, {BOARD}")
)
DIELECTRIC = _official("dielectric", "refractive index", Published(0.2711, f"MODNet, from structures, {BOARD}"))

JDFT2D = _official("jdft2d", "meV/atom", Published(33.19, f"MODNet, from structures, {BOARD}"))
RANDOM_ESTM = tuple(_estm(window, quantity, by_paper=False) for window, quantity in sorted(ESTM_BEST))
BY_PAPER = tuple(_estm(window, quantity, by_paper=True) for window, quantity in sorted(ESTM_BEST))
CLASSES = (
    _official("expt_is_metal", "", Published(0.9598, f"Darwin LLM, {BOARD}"), classes=True),
    _official("glass", "", Published(0.9603, f"MODNet, {BOARD}"), classes=True),
)

BENCHMARKS: tuple[Benchmark, ...] = (
    *RANDOM_ESTM,
    *BY_PAPER,
    JDFT2D,
    _learning(RANDOM_ESTM[0], (25, 50, 100, 250)),
    _learning(EXPT_GAP, (25, 50, 100, 250, 1000)),
    _learning(DIELECTRIC, (25, 50, 100, 250, 1000)),
    EXPT_GAP,
    DIELECTRIC,
    *CLASSES,
)
"""Small tasks first."""

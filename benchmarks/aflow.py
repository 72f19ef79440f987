"""The six AFLOW properties of the paper's table (papers/000, chapter 12), from formulas, on the given splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials

Floats = NDArray[np.float64]

PARTS = ("train", "val", "test")
HIGHEST_ENERGY = 5.0
"""eV per atom; what lies above is taken to be this, since some of it cannot be."""


@dataclass(frozen=True)
class Property:
    """One of the six.

    Parameters
    ----------
    name
        As the tables say it, with the unit.
    folder
        Of ``composition_benchmarks``.
    scale
        What is learned of the values; rows that have no such value are dropped.
    published
        MAE and R2 by Mat2Vec, MatSciBERT and MatBERT on compositions.
    """

    name: str
    folder: str
    scale: Callable[[Floats], Floats]
    published: tuple[tuple[float, float], ...]


def _clipped(values: Floats) -> Floats:
    return np.minimum(values, HIGHEST_ENERGY)


def _as_they_are(values: Floats) -> Floats:
    return values


AFLOW = (
    Property("ln K", "aflow__ael_bulk_modulus_vrh", np.log, ((0.18, 0.83), (0.18, 0.83), (0.17, 0.85))),
    Property("ln G", "aflow__ael_shear_modulus_vrh", np.log, ((0.20, 0.82), (0.23, 0.80), (0.22, 0.81))),
    Property(
        "log10 Debye temperature",
        "aflow__ael_debye_temperature",
        np.log10,
        ((0.06, 0.81), (0.07, 0.82), (0.06, 0.84)),
    ),
    Property(
        "log10 thermal expansion",
        "aflow__agl_thermal_expansion_300K",
        np.log10,
        ((0.07, 0.78), (0.07, 0.81), (0.07, 0.81)),
    ),
    Property("energy per atom", "aflow__energy_atom", _clipped, ((0.47, 0.81), (0.42, 0.86), (0.37, 0.88))),
    Property("gap", "aflow__Egap", _as_they_are, ((0.15, 0.92), (0.20, 0.88), (0.19, 0.88))),
)
PLENTIFUL = ("energy per atom", "gap")
"""Known of 27,000 formulas, five times as many as the others."""
PUBLISHED = ("Mat2Vec", "MatSciBERT", "MatBERT")


def rows(wanted: Property, part: str) -> pl.DataFrame:
    """Columns formula and value, on the scale that is learned."""
    table = pl.read_csv(data_folder() / "composition_benchmarks" / wanted.folder / f"{part}.csv.gz")
    values = table["target"].to_numpy().astype(np.float64)
    usable = values > 0 if wanted.scale in (np.log, np.log10) else np.isfinite(values)
    return pl.DataFrame({"formula": table["formula"].filter(usable), "value": wanted.scale(values[usable])})


@lru_cache(maxsize=2)
def divided(name: str) -> tuple[Dataset, Dataset]:
    """What is learned (train and validation rows) and what is tested, of the property called ``name``."""
    wanted = next(one for one in AFLOW if one.name == name)
    train, val, test = (rows(wanted, part) for part in PARTS)
    return dataset(pl.concat([train, val]), name), dataset(test, name)


def dataset(table: pl.DataFrame, name: str) -> Dataset:
    """Of formulas and values."""
    materials = Materials.from_formulas(table["formula"].to_list())
    return Dataset(materials, {name: Target(name, table["value"].to_numpy())})


def all_keys() -> set[str]:
    """Compositions of any of the six, learned or tested."""
    formulas = pl.concat([rows(wanted, part).select("formula") for wanted in AFLOW for part in PARTS])["formula"]
    return set(parse_formulas(formulas.unique().to_list()).compositions.keys().tolist())

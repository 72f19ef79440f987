"""Sets of reactions with yields, and how each is divided: published splits, a reagent left out, fewer labels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.reading import read

Rows = NDArray[np.int64]
FOLDER = "reaction_yields"
SMALL_REPEATS, SMALL_SHARE = 5, 0.2
"""The small sets have no published splits: so many random ones, with so much to test on."""
CURVE = (25, 50, 100, 250, 500, 1000, 2500)
CURVE_SEEDS = 3
FEW_LABELS = (25, 100, 250)
FEW_SEEDS = 3


@dataclass(frozen=True, eq=False)
class Division:
    """Training and test rows; ``kind`` tells what is pooled in one line of a table."""

    of: str
    kind: str
    name: str
    train: Rows
    test: Rows


@dataclass(frozen=True)
class Reactions:
    """A set: its file, the columns of its reactions, its yields, and what they are multiplied by to be percent."""

    name: str
    title: str
    file: str
    reaction: tuple[str, ...]
    target: str
    percent: float
    context: tuple[str, ...] = ()

    def load(self) -> Dataset:
        """All rows, yields in percent."""
        return _load(self)

    def table(self) -> pl.DataFrame:
        """The file."""
        return pl.read_csv(data_folder() / FOLDER / self.file)


@cache
def _load(wanted: Reactions) -> Dataset:
    path = data_folder() / FOLDER / wanted.file
    dataset = read(path, reaction=wanted.reaction, target=wanted.target, context=wanted.context)
    if len(dataset) != dataset.provenance.n_rows:
        raise ValueError(f"{path}: {dataset.provenance.n_rows - len(dataset)} rows could not be read")
    target = dataset.target()
    limits = None if target.limits is None else (wanted.percent * target.limits[0], wanted.percent * target.limits[1])
    changed = replace(target, values=wanted.percent * target.values, limits=limits, unit="%")
    return replace(dataset, targets={changed.name: changed})


BUCHWALD = Reactions(
    "buchwald-hartwig",
    "Buchwald-Hartwig",
    "buchwald_hartwig.csv.gz",
    ("ligand", "additive", "base", "aryl_halide"),
    "yield_percent",
    1.0,
)
SUZUKI = Reactions("suzuki", "Suzuki-Miyaura", "suzuki_miyaura.csv.gz", ("rxn_smiles",), "yield_fraction", 100.0)
AMIDES = Reactions(
    "amide-hte",
    "amide coupling",
    "amide_coupling_hte.csv.gz",
    ("amine_smiles", "acid_smiles", "product_smiles"),
    "yield_fraction",
    100.0,
    ("coupling_reagent",),
)
SMALL = (
    Reactions(
        "amidation",
        "amidation",
        "amidation.csv.gz",
        ("base_smiles", "solvent_smiles", "activator_smiles", "nucleophile_smiles"),
        "yield",
        1.0,
    ),
    Reactions(
        "deoxyfluorination",
        "deoxyfluorination",
        "deoxyf.csv.gz",
        ("base_smiles", "fluoride_smiles", "substrate_smiles"),
        "yield",
        1.0,
    ),
    Reactions(
        "arylation",
        "C-H arylation",
        "aryl_scope_ligand.csv.gz",
        ("ligand_smiles", "electrophile_smiles", "nucleophile_smiles"),
        "yield",
        1.0,
    ),
)
SETS = {one.name: one for one in (BUCHWALD, SUZUKI, AMIDES, *SMALL)}


def published() -> Iterator[Division]:
    """The published splits, random ones of the small sets last."""
    sizes = json.loads((data_folder() / FOLDER / "split_train_sizes.json").read_text(encoding="utf-8"))
    for of, file in ((BUCHWALD, "buchwald_hartwig_split_orders"), (SUZUKI, "suzuki_miyaura_split_orders")):
        orders = pl.read_csv(data_folder() / FOLDER / f"{file}.csv.gz")
        for name in orders.columns:
            order, n = orders[name].to_numpy().astype(np.int64), sizes[name]
            kind = name if name.startswith("Test") else "random"
            yield Division(of.name, kind, name, order[:n], order[n:])
    yield from _amides()
    for of in SMALL:
        for seed in range(SMALL_REPEATS):
            order = np.random.default_rng(seed).permutation(len(of.table()))
            n = round(SMALL_SHARE * len(order))
            yield Division(of.name, "random", f"random {seed}", order[n:], order[:n])


def _amides() -> Iterator[Division]:
    """From the pool to rows with a new amine, a new acid, or both new; and the five folds inside the pool."""
    table = AMIDES.table()
    split, fold = (table[name].fill_null("").to_numpy() for name in ("published_split", "published_fold_set"))
    pool = np.flatnonzero(split == "train")
    for number in range(1, 6):
        inside = split == "train"
        tested = np.array([f"fold-{number}-test" in told for told in fold]) & inside
        yield Division(
            AMIDES.name, "random", f"fold {number}", np.flatnonzero(inside & ~tested), np.flatnonzero(tested)
        )
    for name, kind in (("one", "new amine"), ("remaining", "new acid"), ("test", "both new")):
        yield Division(AMIDES.name, kind, kind, pool, np.flatnonzero(split == name))


def left_out() -> Iterator[Division]:
    """Buchwald-Hartwig with each ligand, additive, base or halide left out."""
    table = BUCHWALD.table()
    for column in BUCHWALD.reaction:
        cells = table[column].to_numpy()
        for value in sorted(set(cells.tolist())):
            inside = cells == value
            name = f"{column} {value}"
            yield Division(BUCHWALD.name, f"new {column}", name, np.flatnonzero(~inside), np.flatnonzero(inside))


def curve() -> Iterator[Division]:
    """Of Buchwald-Hartwig's and Suzuki's first random split the first 25 to 2,500 training rows, in three orders."""
    for division in published():
        if division.name in ("FullCV_01", "random_split_0"):
            for seed in range(CURVE_SEEDS):
                order = np.random.default_rng(seed).permutation(division.train)
                for n in CURVE:
                    yield replace(division, kind=f"{n} labels", name=f"{n} labels, draw {seed}", train=order[:n])


def few() -> Iterator[Division]:
    """Of the first fold of the amide couplings 25 to 250 training rows, in three orders."""
    fold = next(_amides())
    for seed in range(FEW_SEEDS):
        order = np.random.default_rng(seed).permutation(fold.train)
        for n in FEW_LABELS:
            yield replace(fold, kind=f"{n} labels", name=f"{n} labels, draw {seed}", train=order[:n])


def repeated() -> Iterator[Division]:
    """Amide couplings that were run more than once, all of them left out."""
    dataset = AMIDES.load()
    assert dataset.materials.reactions is not None
    same = pl.DataFrame(
        {"key": dataset.materials.reactions.keys(), "condition": dataset.materials.context["coupling_reagent"]}
    )
    found = same.select(pl.len().over("key", "condition") > 1).to_series().to_numpy()
    yield Division(AMIDES.name, "repeated", "repeated", np.flatnonzero(~found), np.flatnonzero(found))


DIVISIONS: dict[str, Callable[[], Iterator[Division]]] = {
    "published": published,
    "left-out": left_out,
    "curve": curve,
    "pretraining": few,
    "repeats": repeated,
}

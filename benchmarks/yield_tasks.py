"""Sets of reactions with yields, and how each is divided: published splits, a reagent left out, fewer labels."""

from __future__ import annotations

import hashlib
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
CURVED = ("FullCV_10", "random_split_9")
"""The random splits whose rows the curves learn from; the first ones were looked at while models were made."""
FEW_LABELS = (25, 100, 250)
FEW_SEEDS = 6


@dataclass(frozen=True, eq=False)
class Division:
    """Training and test rows; ``kind`` tells what is pooled in one line of a table."""

    of: str
    kind: str
    name: str
    train: Rows
    test: Rows

    @property
    def mark(self) -> str:
        """Eight digits that other rows do not have."""
        return hashlib.sha256(
            b"|".join(rows.astype(np.int64).tobytes() for rows in (self.train, self.test))
        ).hexdigest()[:8]


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
    """Of each coupling reagent, as published: five folds of a pool, and rows with a new amine, a new acid, or both.

    What is new with one reagent is in the pools of others, so that pools of several reagents may not be joined.
    """
    table = AMIDES.table()
    names = ("coupling_reagent", "published_split", "published_fold_set")
    reagent, split, fold = (table[name].fill_null("").to_numpy() for name in names)
    for one in np.unique(reagent).tolist():
        own = reagent == one
        pool = own & (split == "train")
        for number in range(1, 6):
            tested = pool & (fold == f"fold-{number}-test")
            train, test = (np.flatnonzero(rows) for rows in (pool & ~tested, tested))
            yield Division(AMIDES.name, "random", f"{one}, fold {number}", train, test)
        for name, kind in (("one", "new amine"), ("remaining", "new acid"), ("test", "both new")):
            yield Division(
                AMIDES.name, kind, f"{one}, {kind}", np.flatnonzero(pool), np.flatnonzero(own & (split == name))
            )


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
    """Of a random split of Buchwald-Hartwig and of Suzuki the first 25 to 2,500 training rows, in three orders."""
    for division in published():
        if division.name in CURVED:
            for seed in range(CURVE_SEEDS):
                order = np.random.default_rng(seed).permutation(division.train)
                for n in CURVE:
                    yield replace(division, kind=f"{n} labels", name=f"{n} labels, draw {seed}", train=order[:n])


def few() -> Iterator[Division]:
    """25 to 250 amide couplings with any reagent, in six orders; a tenth of the products is tested."""
    products = AMIDES.table()["product_smiles"].to_numpy()
    names = np.random.default_rng(0).permutation(np.unique(products))
    tested = np.isin(products, names[: len(names) // 10])
    for seed in range(FEW_SEEDS):
        order = np.random.default_rng(seed).permutation(np.flatnonzero(~tested))
        for n in FEW_LABELS:
            name = f"{n} labels, draw {seed}"
            yield Division(AMIDES.name, f"{n} labels", name, order[:n], np.flatnonzero(tested))


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

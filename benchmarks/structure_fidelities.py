"""Few hybrid-functional gaps and many of the cheaper functional: as a column, as further rows, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np
import polars
from data_folder import data_folder
from structure_data import mp_structures
from structure_tasks import MOST_TESTED, PART, HeldOut, learn_or_test, materials_project_folds
from tasks import Benchmark

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.evaluation.base import ProtocolOptions, Split
from matscout.evaluation.folds import column_of, labelled_rows

GAPS = "multifidelity_gaps/computed_gaps.csv.gz"
N_HELPING = 1000
"""PBE gaps of other materials that help."""


class Helped(HeldOut):
    """As held out, and each draw learns as well from ``N_HELPING`` rows of the part "help"."""

    @property
    def settings(self) -> str:
        return f"{super().settings}, with {N_HELPING} rows of another fidelity"

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """The splits of ``HeldOut`` over the rows that do not only help."""
        rows = labelled_rows(dataset, target)
        helping = np.array(column_of(dataset, PART), dtype=np.str_)[rows] == "help"
        own = np.flatnonzero(~helping)
        for number, split in enumerate(super().splits(dataset[own], target, seed)):
            drawn = np.random.default_rng([seed, number, 1]).permutation(rows[helping])[:N_HELPING]
            yield Split(split.name, np.sort(np.concatenate([own[split.train], drawn])), own[split.test])


@lru_cache(maxsize=1)
def _gaps() -> polars.DataFrame:
    """Material, row among the structures, formula fold, and its gap in each fidelity."""
    gaps = polars.read_csv(data_folder() / GAPS)
    wide = gaps.pivot(on="fidelity", index="material_id", values="band_gap_eV", aggregate_function="first")
    return materials_project_folds().with_row_index("row").join(wide, on="material_id", how="inner").sort("row")


@lru_cache(maxsize=2)
def hybrid(column: bool) -> Dataset:
    """HSE gaps of materials whose PBE gap is known, which is told as a column if ``column``."""
    table = _gaps().drop_nulls(["hse", "pbe"])
    materials = _structures(table)
    if column:
        materials = _with_context(materials, {"PBE gap": table["pbe"].to_numpy()})
    return _dataset(materials, table["hse"].to_numpy(), learn_or_test(table["fold_formula"].to_numpy() == 0))


@lru_cache(maxsize=1)
def hybrid_and_others() -> Dataset:
    """The same HSE gaps, and PBE gaps of materials of the other formula folds without one; a column tells which."""
    gaps = _gaps()
    own = gaps.drop_nulls(["hse", "pbe"])
    others = gaps.filter(
        polars.col("hse").is_null() & polars.col("pbe").is_not_null() & (polars.col("fold_formula") != 0)
    )
    table = polars.concat([own, others])
    parts = np.concatenate([learn_or_test(own["fold_formula"].to_numpy() == 0), np.full(len(others), "help")])
    fidelity = np.array(["HSE"] * len(own) + ["PBE"] * len(others), dtype=np.str_)
    values = np.concatenate([own["hse"].to_numpy(), others["pbe"].to_numpy()])
    return _dataset(_with_context(_structures(table), {"fidelity": fidelity}), values, parts)


def _structures(table: polars.DataFrame) -> Materials:
    return mp_structures(data_folder())[table["row"].to_numpy().astype(np.int64)]


def _with_context(materials: Materials, context: dict[str, np.ndarray]) -> Materials:
    return Materials(materials.ids, materials.formulas, materials.compositions, materials.structures, context)


def _dataset(materials: Materials, values: np.ndarray, parts: np.ndarray) -> Dataset:
    assert (parts == "test").sum() <= MOST_TESTED
    return Dataset(materials, {"gap": Target("gap", values, unit="eV")}, table=polars.DataFrame({PART: parts}))


def ways(size: int, draws: int) -> dict[str, Benchmark]:
    """What is told beside so many HSE gaps -> the benchmark."""
    options, name = ProtocolOptions(n_labels=(size,), repeats=draws), f"hybrid-gap-{size}-labels"
    return {
        "HSE gaps alone": Benchmark(name, GAPS, partial(hybrid, False), HeldOut(options), "few", "eV"),
        "and the PBE gap of every material as a column": Benchmark(
            f"{name}, PBE column", GAPS, partial(hybrid, True), HeldOut(options), "few", "eV"
        ),
        f"and PBE gaps of {N_HELPING:,} other materials as rows": Benchmark(
            f"{name}, PBE rows", GAPS, hybrid_and_others, Helped(options), "few", "eV"
        ),
    }

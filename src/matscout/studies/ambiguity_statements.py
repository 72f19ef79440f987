"""Tests of what is said of uncertainties of compositions, on the table of ``composition-uncertainty``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import polars
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, spearmanr

from matscout.studies.base import Test
from matscout.studies.described_tasks import TASKS

Floats = NDArray[np.float64]

CRYSTALS = "crystals"
"""Where a formula is from, if not from a task."""
THERMOELECTRICS = tuple(name for name, task in TASKS.items() if task.dataset == "estm")
"""Tasks whose formulas are compared by doping, as in the paper."""

FEWEST = 10
"""Formulas of either kind, below which nothing is tested."""


def several_structures(runs: polars.DataFrame) -> Test | None:
    """Formulas of crystals with several structures against those with one, held out of the training."""
    held_out = runs.filter(source=CRYSTALS, seen=False)
    return _higher("held out, several structures above one", held_out, polars.col("structures") > 1)


def more_structures(runs: polars.DataFrame) -> Test | None:
    """Rank correlation with the number of structures, held out of the training."""
    return _rising("held out, number of structures", runs.filter(source=CRYSTALS, seen=False), "structures")


def no_structure(runs: polars.DataFrame) -> Test | None:
    """Formulas of tasks that no crystal has against those with one structure, none of them learned from."""
    tasks = _tasks(runs).filter(~polars.col("seen") & (polars.col("structures") < 2)).unique("formula")
    return _higher("formulas of tasks, no known structure above one", tasks, polars.col("structures") == 0)


def doped(runs: polars.DataFrame) -> Test | None:
    """Thermoelectrics with broken amounts against those with whole ones, each formula once."""
    thermoelectrics = _tasks(runs).filter(polars.col("source").is_in(THERMOELECTRICS)).unique("formula")
    return _higher("thermoelectrics, doped or alloyed above pure", thermoelectrics, polars.col("doped"))


def errors(runs: polars.DataFrame) -> Test | None:
    """Rank correlation with the error of a probe, ranks taken within each task, their mean over a formula's tasks."""
    tasks = _tasks(runs).filter(polars.col("error").is_not_null())
    within = tasks.with_columns(polars.col("relative", "error").rank().over("source") / polars.len().over("source"))
    formulas = within.group_by("formula").agg(polars.mean("relative", "error"))
    overall = _correlated("error of the probe", _floats(formulas, "relative"), _floats(formulas, "error"))
    if overall is None:
        return None
    by_task = [
        _correlated(str(name), _floats(part, "relative"), _floats(part, "error"))
        for (name,), part in tasks.group_by("source", maintain_order=True)
    ]
    return replace(overall, parts=tuple(one for one in by_task if one is not None))


def energies(runs: polars.DataFrame) -> Test | None:
    """Rank correlation with the spread of the energies of the structures of a formula, held out of the training."""
    held_out = runs.filter(polars.col("spread").is_not_null() & ~polars.col("seen"))
    return _rising("held out, spread of formation energies", held_out, "spread")


Statements = Mapping[str, Callable[[polars.DataFrame], Test | None]]

STATEMENTS: Mapping[str, Statements] = {
    "structures": {
        "a composition with several structures is less certain than one with a single structure": several_structures,
        "the more structures a composition has, the less certain it is": more_structures,
        "a composition without a known structure is less certain than one with a single structure": no_structure,
    },
    "doped": {"a doped or alloyed composition is less certain than a pure one": doped},
    "errors": {"the less certain a composition, the larger the error of a property": errors},
    "cases": {
        "(asked by us) the less certain a composition, the farther apart are the energies of its structures": energies
    },
}
"""Panel -> statements of the paper that it is to show, in the order of figures 3, 9 and 4."""


def _tasks(runs: polars.DataFrame) -> polars.DataFrame:
    return runs.filter(polars.col("source") != CRYSTALS)


def _floats(runs: polars.DataFrame, column: str) -> Floats:
    return runs[column].to_numpy().astype(np.float64)


RANK = polars.col("relative").rank().over("elements") / polars.len().over("elements")
"""Place among the formulas of equally many elements, 0 to 1: variances rise or fall with that number, and so does how
many structures are known."""


def _parts(table: polars.DataFrame, test: Callable[[str, polars.DataFrame], Test | None]) -> tuple[Test, ...]:
    """The same for the formulas of 1, 2, ... elements."""
    tests = [
        test(f"of {number} elements", part)
        for (number,), part in table.sort("elements").group_by("elements", maintain_order=True)
    ]
    return tuple(one for one in tests if one is not None)


def _higher(words: str, table: polars.DataFrame, first: polars.Expr) -> Test | None:
    """Whether the first are higher among those of equally many elements, by the test of Mann and Whitney on ranks."""

    def compared(words: str, part: polars.DataFrame) -> Test | None:
        ours, theirs = (_floats(part.filter(chosen), "rank") for chosen in (first, ~first))
        if min(len(ours), len(theirs)) < FEWEST:
            return None
        ranks_test = mannwhitneyu(ours, theirs)
        chance = float(ranks_test.statistic / (len(ours) * len(theirs)))
        counted = f"n {len(ours)} and {len(theirs)}, Mann-Whitney p {ranks_test.pvalue:.2g}"
        text = f"{words}: in {100 * chance:.0f} % of pairs ({counted})"
        return Test(text, chance > 0.5, float(ranks_test.pvalue))

    ranked = table.with_columns(rank=RANK)
    overall = compared(f"{words}, ranked among formulas of equally many elements", ranked)
    return None if overall is None else replace(overall, parts=_parts(ranked, compared))


def _rising(words: str, table: polars.DataFrame, other: str) -> Test | None:
    """Whether the variance rises with a column among formulas of equally many elements, by ranks."""

    def compared(words: str, part: polars.DataFrame) -> Test | None:
        return _correlated(words, _floats(part, "rank"), _floats(part, "other"))

    place = polars.col(other).rank().over("elements") / polars.len().over("elements")
    ranked = table.with_columns(rank=RANK, other=place)
    overall = compared(f"{words}, both ranked among formulas of equally many elements", ranked)
    return None if overall is None else replace(overall, parts=_parts(ranked, compared))


def _correlated(words: str, uncertain: Floats, other: Floats) -> Test | None:
    """Whether the one rises with the other."""
    if len(uncertain) < FEWEST or np.ptp(other) == 0 or np.ptp(uncertain) == 0:
        return None
    correlation = spearmanr(uncertain, other)
    text = f"{words}: rank correlation {correlation.statistic:.3f} (p {correlation.pvalue:.2g}, n {len(uncertain)})"
    return Test(text, bool(correlation.statistic > 0), float(correlation.pvalue))

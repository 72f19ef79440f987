"""Tests of what is said of uncertainties of compositions, on the table of ``composition-uncertainty``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

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

LEVEL = 0.9
"""Of the intervals whose widths are compared."""
DRAWS = 40


def several_structures(runs: polars.DataFrame) -> Test | None:
    """Formulas of crystals with several structures against those with one, held out of the training."""
    held_out = runs.filter(source=CRYSTALS, seen=False)
    one, more = held_out.filter(structures=1), held_out.filter(polars.col("structures") > 1)
    return _higher("held out, several structures against one", _relative(more), _relative(one))


def more_structures(runs: polars.DataFrame) -> Test | None:
    """Rank correlation with the number of structures, held out of the training."""
    held_out = runs.filter(source=CRYSTALS, seen=False)
    return _rising("held out, number of structures", _relative(held_out), _floats(held_out, "structures"))


def no_structure(runs: polars.DataFrame) -> Test | None:
    """Formulas of tasks that no crystal has against those with one structure, none of them learned from."""
    tasks = _tasks(runs).filter(seen=False).unique("formula")
    none, one = tasks.filter(structures=0), tasks.filter(structures=1)
    return _higher("formulas of tasks, no known structure against one", _relative(none), _relative(one))


def doped(runs: polars.DataFrame) -> Test | None:
    """Thermoelectrics with broken amounts against those with whole ones, each formula once."""
    thermoelectrics = _tasks(runs).filter(polars.col("source").is_in(THERMOELECTRICS)).unique("formula")
    impure, pure = thermoelectrics.filter(doped=True), thermoelectrics.filter(doped=False)
    return _higher("thermoelectrics, doped or alloyed against pure", _relative(impure), _relative(pure))


def errors(runs: polars.DataFrame) -> Test | None:
    """Rank correlation with the error of a probe, ranks taken within each task, their mean over a formula's tasks."""
    tasks = _tasks(runs).filter(polars.col("error").is_not_null())
    within = tasks.with_columns(polars.col("relative", "error").rank().over("source") / polars.len().over("source"))
    formulas = within.group_by("formula").agg(polars.mean("relative", "error"))
    return _rising("error of the probe", _relative(formulas), _floats(formulas, "error"))


def energies(runs: polars.DataFrame) -> Test | None:
    """Rank correlation with the spread of the energies of the structures of a formula, held out of the training."""
    held_out = runs.filter(polars.col("spread").is_not_null() & ~polars.col("seen"))
    return _rising("held out, spread of formation energies", _relative(held_out), _floats(held_out, "spread"))


STATEMENTS: Mapping[str, Callable[[polars.DataFrame], Test | None]] = {
    "a composition with several structures is less certain than one with a single structure": several_structures,
    "the more structures a composition has, the less certain it is": more_structures,
    "a composition without a known structure is less certain than one with a single structure": no_structure,
    "a doped or alloyed composition is less certain than a pure one": doped,
    "the less certain a composition, the larger the error of a property": errors,
    "(not of the paper) the less certain a composition, the farther apart are the energies of its structures": energies,
}
"""In the order of figures 3 and 9."""


def conformal_widths(runs: polars.DataFrame) -> str:
    """Intervals of the probe with one half-width for all, and with one proportional to the standard deviation.

    Of each task half of the formulas calibrate (split conformal prediction, V. Vovk et al., doi:10.1007/b106715), the
    others are tested; mean over :data:`DRAWS` divisions.
    """
    lines = [
        "| network | task | n | half-width, equal for all | coverage % | proportional | coverage % |",
        "|" + " --- |" * 7,
    ]
    found = _tasks(runs).filter(polars.col("error").is_not_null())
    for (network, task), part in found.group_by("network", "source", maintain_order=True):
        if len(part) < 2 * FEWEST:
            continue
        told = [_floats(part, "error"), np.ones(len(part)), np.sqrt(_relative(part))]
        (equal, right), (own, covered) = (_conformal(told[0], scale) for scale in told[1:])
        lines.append(f"| {network} | {task} | {len(part)} | {equal:.3f} | {right:.1f} | {own:.3f} | {covered:.1f} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _conformal(found: Floats, scale: Floats) -> tuple[float, float]:
    """Mean half-width, and coverage in percent."""
    rng, widths, covered = np.random.default_rng(0), [], []
    for _ in range(DRAWS):
        first, second = np.array_split(rng.permutation(len(found)), 2)
        factor = calibrated(found[first] / scale[first])
        widths.append((factor * scale[second]).mean())
        covered.append(100.0 * (found[second] <= factor * scale[second]).mean())
    return float(np.mean(widths)), float(np.mean(covered))


def calibrated(scores: Floats) -> float:
    """What :data:`LEVEL` of new scores stay below: the k-th smallest of n, k = ceil((n + 1) * level)."""
    return float(np.sort(scores)[min(math.ceil((len(scores) + 1) * LEVEL), len(scores)) - 1])


def _tasks(runs: polars.DataFrame) -> polars.DataFrame:
    return runs.filter(polars.col("source") != CRYSTALS)


def _floats(runs: polars.DataFrame, column: str) -> Floats:
    return runs[column].to_numpy().astype(np.float64)


def _relative(runs: polars.DataFrame) -> Floats:
    return _floats(runs, "relative")


def _higher(words: str, first: Floats, second: Floats) -> Test | None:
    """Whether the first are higher, by the test of Mann and Whitney."""
    if min(len(first), len(second)) < FEWEST:
        return None
    told = mannwhitneyu(first, second)
    chance = float(told.statistic / (len(first) * len(second)))
    text = (
        f"{words}: mean {first.mean():.3f} (n {len(first)}) against {second.mean():.3f} (n {len(second)}), the first "
        f"higher in {100 * chance:.0f} % of pairs (Mann-Whitney p {told.pvalue:.2g})"
    )
    return Test(text, chance > 0.5, float(told.pvalue))


def _rising(words: str, uncertain: Floats, other: Floats) -> Test | None:
    """Whether the one rises with the other."""
    if len(uncertain) < FEWEST or np.ptp(other) == 0 or np.ptp(uncertain) == 0:
        return None
    told = spearmanr(uncertain, other)
    text = f"{words}: rank correlation {told.statistic:.3f} (p {told.pvalue:.2g}, n {len(uncertain)})"
    return Test(text, bool(told.statistic > 0), float(told.pvalue))

"""Tables on uncertainties of compositions and the errors of a probe, of the table of ``composition-uncertainty``."""

from __future__ import annotations

import math

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.studies.ambiguity_statements import CRYSTALS, FEWEST
from matscout.studies.described_tasks import TASKS

Floats = NDArray[np.float64]

BINS = 5
LEVEL = 0.9
"""Of the intervals whose widths are compared."""
DRAWS = 40


def errors_by_uncertainty(runs: polars.DataFrame) -> str:
    """Mean error, with its standard error, of fifths of the formulas of a task, from the most to the least certain."""
    lines = [
        "Mean absolute error of the probe ± standard error, in fifths of the formulas by variance.",
        "",
        "| network | task | formulas | most certain | 2 | 3 | 4 | least certain |",
        "|" + " --- |" * 8,
    ]
    rows = runs.filter((polars.col("source") != CRYSTALS) & polars.col("error").is_not_null())
    for (network, task), part in rows.group_by("network", "source", maintain_order=True):
        if len(part) < BINS * FEWEST:
            continue
        fifths = np.array_split(_floats(part.sort("relative"), "error"), BINS)
        cells = [f"{one.mean():.3f} ± {one.std(ddof=1) / np.sqrt(len(one)):.3f}" for one in fifths]
        title = f"{TASKS[str(task)].title} ({TASKS[str(task)].unit})"
        lines.append(f"| {network} | {title} | {len(part)} | {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 4 else ""


def conformal_widths(runs: polars.DataFrame) -> str:
    """Intervals of the probe with one half-width for all, and with one proportional to the standard deviation.

    Of each task half of the formulas calibrate (split conformal prediction, V. Vovk et al., doi:10.1007/b106715), the
    others are tested; mean over :data:`DRAWS` divisions.
    """
    lines = [
        f"Half-widths of {100 * LEVEL:.0f} % intervals of the probe, in the unit of the task, and how many of the rows "
        "that did not calibrate them they hold.",
        "",
        "| network | task | formulas | equal for all | coverage % | proportional to sigma | coverage % | ratio |",
        "|" + " --- |" * 8,
    ]
    rows = runs.filter(polars.col("source") != CRYSTALS).filter(polars.col("error").is_not_null())
    for (network, task), part in rows.group_by("network", "source", maintain_order=True):
        if len(part) < 2 * FEWEST:
            continue
        wrong, sigma = _floats(part, "error"), np.sqrt(_floats(part, "relative"))
        (equal, right), (own, covered) = (_conformal(wrong, scale) for scale in (np.ones(len(part)), sigma))
        title = f"{TASKS[str(task)].title} ({TASKS[str(task)].unit})"
        cells = f"{equal:.3f} | {right:.1f} | {own:.3f} | {covered:.1f} | {own / equal:.3f}"
        lines.append(f"| {network} | {title} | {len(part)} | {cells} |")
    return "\n".join(lines) if len(lines) > 4 else ""


def _conformal(errors: Floats, scale: Floats) -> tuple[float, float]:
    """Mean half-width, and coverage in percent."""
    rng, widths, covered = np.random.default_rng(0), [], []
    for _ in range(DRAWS):
        first, second = np.array_split(rng.permutation(len(errors)), 2)
        factor = calibrated(errors[first] / scale[first])
        widths.append((factor * scale[second]).mean())
        covered.append(100.0 * (errors[second] <= factor * scale[second]).mean())
    return float(np.mean(widths)), float(np.mean(covered))


def calibrated(scores: Floats) -> float:
    """What :data:`LEVEL` of new scores stay below: the k-th smallest of n, k = ceil((n + 1) * level)."""
    return float(np.sort(scores)[min(math.ceil((len(scores) + 1) * LEVEL), len(scores)) - 1])


def _floats(runs: polars.DataFrame, column: str) -> Floats:
    return runs[column].to_numpy().astype(np.float64)

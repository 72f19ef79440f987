"""Panels on uncertainties of compositions, of the table of ``composition-uncertainty``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.studies.ambiguity_statements import CRYSTALS, THERMOELECTRICS
from matscout.studies.boxes import COLOURS, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

MOST = 5
"""Structures that are counted apart; more are one group."""
GROUPS = 5
"""Of equally many formulas, by error."""


def draw_structures(axes: Axes, runs: polars.DataFrame) -> None:
    """Mean and standard error by the number of known structures, held out and learned from."""
    counted = runs.with_columns(structures=polars.col("structures").clip(upper_bound=MOST))
    kinds = (
        ("crystals, learned from", counted.filter(source=CRYSTALS, seen=True)),
        ("crystals, held out", counted.filter(source=CRYSTALS, seen=False)),
        ("formulas of tasks, held out", counted.filter((polars.col("source") != CRYSTALS) & ~polars.col("seen"))),
    )
    for place, (label, chosen) in enumerate(kinds):
        there = sorted(chosen["structures"].unique().to_list())
        parts = [_values(chosen.filter(structures=count)) for count in there]
        _with_errors(axes, np.array(there) + 0.12 * (place - 1), parts, COLOURS[place], label)
    axes.set_xticks(range(MOST + 1), [*map(str, range(MOST)), f"{MOST} or more"])
    _finish(axes, "known structures")


def draw_doped(axes: Axes, runs: polars.DataFrame) -> None:
    """Mean and standard error of pure, and of doped or alloyed thermoelectrics."""
    tasks = runs.filter(polars.col("source").is_in(THERMOELECTRICS))
    names = tasks["source"].unique(maintain_order=True).to_list()
    for place, (label, is_doped) in enumerate((("pure", False), ("doped or alloyed", True))):
        parts = [_values(tasks.filter(source=name, doped=is_doped)) for name in names]
        _with_errors(axes, np.arange(len(names)) + 0.16 * (place - 0.5), parts, COLOURS[place], label)
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, max(len(names), 1) - 0.4)
    _finish(axes, "")


def draw_errors(axes: Axes, runs: polars.DataFrame) -> None:
    """Mean and standard error in five groups of equally many formulas, by the error of the probe."""
    tasks = runs.filter((polars.col("source") != CRYSTALS) & polars.col("error").is_not_null())
    for place, ((name,), part) in enumerate(tasks.group_by("source", maintain_order=True)):
        ordered = np.array_split(_values(part.sort("error")), GROUPS)
        colour = COLOURS[place % len(COLOURS)]
        marker = "o" if place < len(COLOURS) else "s"
        _with_errors(axes, np.arange(1, GROUPS + 1) + 0.06 * place, ordered, colour, str(name), marker=marker)
    axes.set_xticks(range(1, GROUPS + 1), ["smallest", *map(str, range(2, GROUPS)), "largest"])
    _finish(axes, "error of the probe, in fifths of the formulas")
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def draw_cases(axes: Axes, runs: polars.DataFrame) -> None:
    """Every formula of the crystals; names of the most and the least certain with three structures, and with one."""
    crystals = runs.filter(source=CRYSTALS)
    rng = np.random.default_rng(0)
    counts = np.minimum(crystals["structures"].to_numpy(), MOST)
    axes.plot(
        counts + rng.uniform(-0.3, 0.3, len(counts)), _values(crystals), ".", ms=1.2, alpha=0.35, color=COLOURS[0]
    )
    for count in (1, 3):
        ordered = crystals.filter(structures=count).sort("relative")
        for chosen, up in ((ordered.head(3), False), (ordered.tail(3).reverse(), True)):
            _names(axes, count, chosen, up=up)
    axes.set_xticks(range(1, MOST + 1), [*map(str, range(1, MOST)), f"{MOST} or more"])
    axes.margins(y=0.22)
    _finish(axes, "known structures")


PANELS: Mapping[str, Callable[[Axes, polars.DataFrame], None]] = {
    "structures": draw_structures,
    "doped": draw_doped,
    "errors": draw_errors,
    "cases": draw_cases,
}
"""Name in a plan -> what draws it."""


def _values(runs: polars.DataFrame) -> Floats:
    return runs["relative"].to_numpy().astype(np.float64)


def _with_errors(
    axes: Axes, places: Iterable[float], parts: list[Floats], colour: str, label: str, *, marker: str = "o"
) -> None:
    kept = [(place, part) for place, part in zip(places, parts, strict=True) if len(part)]
    if kept:
        means = [part.mean() for _, part in kept]
        errors = [part.std(ddof=1) / np.sqrt(len(part)) if len(part) > 1 else 0.0 for _, part in kept]
        axes.errorbar(
            [place for place, _ in kept],
            means,
            yerr=errors,
            fmt=marker,
            ms=4,
            lw=1,
            capsize=2,
            color=colour,
            label=label,
        )


def _names(axes: Axes, count: int, chosen: polars.DataFrame, *, up: bool) -> None:
    """Names of cases above or below the points of their column, the farthest outside."""
    if len(chosen):
        shift, align = (6, "bottom") if up else (-6, "top")
        axes.annotate(
            "\n".join(chosen["formula"].to_list() if up else chosen["formula"].to_list()[::-1]),
            (count, float(_values(chosen)[0])),
            xytext=(0, shift),
            textcoords="offset points",
            ha="center",
            va=align,
            fontsize=6,
            color=INK,
        )


def _finish(axes: Axes, label: str) -> None:
    axes.set_ylabel("variance / median of the crystals", fontsize=9)
    axes.set_xlabel(label, fontsize=9)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#9aa4ae", alpha=0.25, lw=0.6)
    handles, names = axes.get_legend_handles_labels()
    if handles:
        axes.legend(handles, names, fontsize=7, frameon=False)

"""The picture of molecular dynamics: mean squared displacements, and diffusion coefficients against temperature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from matscout.data.files import atomic_write
from matscout.evaluation.log_axes import log_axes
from matscout.evaluation.plots import LIGHT, Palette
from matscout.simulate.arrhenius import ArrheniusFit
from matscout.simulate.trajectory import DynamicsResult, Trajectory

WIDTH, HEIGHT = 7.2, 3.0
"""Inches: two columns of a journal, and a row of panels."""

MOST_MATERIALS = 6
"""Rows of panels; those of further materials are drawn from the tables."""

DPI = 300

COLD, HOT = 0.15, 0.8
"""Ends of the colours of temperatures in the map "inferno"."""


def write_dynamics_plot(trajectory: Trajectory, path: Path) -> bool:
    """Write it as PNG, whole or not at all; returns whether there is anything to draw."""
    rows = _drawn(trajectory)
    if rows:
        figure = dynamics_plot(trajectory)
        with atomic_write(path) as unfinished:
            figure.savefig(unfinished, dpi=DPI)
    return bool(rows)


def dynamics_plot(trajectory: Trajectory, palette: Palette = LIGHT) -> Figure:
    """For each of the first materials: displacements of the ion (lines) and the host (dashes), and ln D against 1/T.

    Parameters
    ----------
    trajectory
        In which the diffusion of an ion was asked for.
    palette
        Colours of text and axes.
    """
    rows = _drawn(trajectory)
    figure = Figure(figsize=(WIDTH, HEIGHT * max(1, len(rows))), layout="constrained", facecolor=palette.paper)
    panels = figure.subplots(max(1, len(rows)), 2, squeeze=False)
    for (left, right), row in zip(panels, rows, strict=True):
        known = [one for one in trajectory.of(row) if one.diffusion is not None]
        title = str(trajectory.materials.formulas[row])
        _displacements(left, known, title, palette)
        _arrhenius(right, known, trajectory.arrhenius.get(row), palette)
    return figure


def _drawn(trajectory: Trajectory) -> list[int]:
    """Rows of the first materials of which there is something to draw."""
    with_lags = {one.run.start.row for one in trajectory.results if one.diffusion is not None}
    return sorted(with_lags)[:MOST_MATERIALS]


def _colours(known: Sequence[DynamicsResult]) -> list[tuple[float, float, float, float]]:
    """Hotter is lighter."""
    hot = np.array([one.run.start.temperature for one in known])
    spread = float(np.ptp(hot)) or 1.0
    return [colormaps["inferno"](COLD + (HOT - COLD) * float(one - hot.min()) / spread) for one in hot]


def _displacements(axes: Axes, known: Sequence[DynamicsResult], title: str, palette: Palette) -> None:
    for one, colour in zip(known, _colours(known), strict=True):
        diffusion = one.diffusion
        assert diffusion is not None
        label = f"{one.run.start.temperature:g} K" + ("" if diffusion.resolved else " (not resolved)")
        axes.plot(diffusion.lags, diffusion.msd, color=colour, lw=1.5, label=label)
        axes.plot(diffusion.lags, diffusion.host_msd, color=colour, lw=1.0, ls="--")
    if any(np.isfinite(one.diffusion.host_msd).any() for one in known if one.diffusion is not None):
        axes.plot([], [], color=palette.ink, lw=1.0, ls="--", label="other atoms")
    ion = known[0].diffusion.ion if known[0].diffusion is not None else ""
    _style(axes, palette, "lag (ps)", "mean squared displacement (Å²)")
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=0.0)
    axes.set_title(f"{title}: {_superscript(str(ion))}", fontsize=10, color=palette.ink, loc="left")
    axes.legend(fontsize=8, frameon=False, labelcolor=palette.ink)


def _superscript(ion: str) -> str:
    """``"Mg2+"`` as ``"Mg²⁺"``."""
    return ion.translate(str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"))


def _arrhenius(axes: Axes, known: Sequence[DynamicsResult], fit: ArrheniusFit | None, palette: Palette) -> None:
    resolved = [one.diffusion is not None and one.diffusion.resolved for one in known]
    for one, colour, drawn in zip(known, _colours(known), resolved, strict=True):
        if drawn and one.diffusion is not None:
            place = 1000.0 / one.run.start.temperature
            axes.errorbar(
                place, one.diffusion.coefficient, one.diffusion.error, fmt="o", ms=5, color=colour, capsize=3, lw=1.2
            )
    _style(axes, palette, "1000 K / T", "D (cm²/s)")
    if not any(resolved):
        axes.text(0.5, 0.5, "diffusion is not resolved", transform=axes.transAxes, ha="center", color=palette.ink)
        axes.set_axis_off()
        return
    if fit is not None:
        _line(axes, fit, palette)
    _logarithmic(axes)
    _temperatures(
        axes, [one.run.start.temperature for one, drawn in zip(known, resolved, strict=True) if drawn], palette
    )


def _line(axes: Axes, fit: ArrheniusFit, palette: Palette) -> None:
    places = np.linspace(1000.0 / fit.temperatures.max(), 1000.0 / fit.temperatures.min(), 50)
    values, factors = np.array([fit.at(1000.0 / place) for place in places]).T
    axes.fill_between(places, values / factors, values * factors, color=palette.muted, alpha=0.3, lw=0)
    axes.plot(places, values, color=palette.ink, lw=1.0, label=f"$E_a$ = {fit.words}")
    axes.legend(fontsize=8, frameon=False, labelcolor=palette.ink)


def _logarithmic(axes: Axes) -> None:
    """A decade at least, so that slopes of different structures look different."""
    points = [np.asarray(line.get_ydata(), dtype=np.float64).ravel() for line in axes.get_lines()]
    values = np.concatenate(points)
    low, high = float(values.min()), float(values.max())
    log_axes(axes, "y")
    middle, half = np.sqrt(low * high), max(np.sqrt(high / low) * 1.4, np.sqrt(12.0))
    axes.set_ylim(middle / half, middle * half)


def _temperatures(axes: Axes, temperatures: Sequence[float], palette: Palette) -> None:
    """On an axis at the top."""
    places = [1000.0 / one for one in temperatures]
    margin = 0.1 * (max(places) - min(places)) or 0.1 * places[0]
    axes.set_xlim(min(places) - margin, max(places) + margin)
    top = axes.secondary_xaxis("top")
    top.set_xticks(places, [f"{one:g} K" for one in temperatures])
    top.tick_params(colors=palette.ink, labelsize=9)
    top.spines["top"].set_visible(False)


def _style(axes: Axes, palette: Palette, across: str, up: str) -> None:
    axes.set_facecolor(palette.paper)
    axes.tick_params(colors=palette.ink, labelsize=9)
    for name, spine in axes.spines.items():
        spine.set_color(palette.ink)
        spine.set_visible(name in ("left", "bottom"))
    axes.grid(color=palette.muted, alpha=0.25, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(across, fontsize=10, color=palette.ink)
    axes.set_ylabel(up, fontsize=10, color=palette.ink)

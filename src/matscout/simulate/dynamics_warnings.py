"""What makes a run of molecular dynamics doubtful, in sentences with codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matscout.remarks import Remark
from matscout.simulate.conservation import LARGEST_DRIFT, Conservation
from matscout.simulate.dynamics_plan import WIDTH, widths
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.energy_warnings import charge_warnings, untrained_warnings
from matscout.simulate.force_field import ForceField
from matscout.simulate.simulated_runs import SimulatedRun

HIGHEST_PRESSURE = 5.0
"""GPa; where the cell is under more, diffusion is that under pressure."""

FARTHEST_TEMPERATURE = 0.15
"""Of the temperature of the bath, and three standard errors of the mean."""


def dynamics_warnings(
    run: SimulatedRun, field: ForceField, settings: DynamicsSettings, checked: Conservation | None, drift: float
) -> tuple[Remark, ...]:
    """What is doubtful about one run.

    Parameters
    ----------
    run
        The run.
    field
        What moved it.
    settings
        How it was simulated.
    checked
        Whether the forces are the slopes of the energy; None where that could not be checked.
    drift
        Of the total energy and the removed heat, eV/atom/ps.
    """
    return tuple(_remarks(run, field, settings, checked, drift))


def _remarks(
    run: SimulatedRun, field: ForceField, settings: DynamicsSettings, checked: Conservation | None, drift: float
) -> Iterator[Remark]:
    crystal = run.start.crystal
    yield from untrained_warnings(field, crystal)
    yield from charge_warnings(field, float(run.start.charge))
    if checked is not None and not checked.conservative:
        yield Remark("not-conservative", f"{checked.verdict}; the thermostat hides it")
    if abs(drift) > LARGEST_DRIFT:
        words = f"energy and heat together drift by {1e3 * drift:+.1f} meV/atom/ps"
        yield Remark("energy-drifts", f"{words}: the time step of {settings.timestep:g} fs may be too long")
    width = float(widths(crystal).min())
    if width < WIDTH:
        yield Remark(
            "narrow-cell", f"its cell is {width:.1f} Å wide: atoms move together with images closer than {WIDTH:g} Å"
        )
    if run.reason is not None:
        yield Remark("ended-early", f"it ended after {run.length:.3g} of {settings.ps:g} ps")
    pressure = float(run.frames.energies[:, 3].mean())
    if abs(pressure) > HIGHEST_PRESSURE:
        yield Remark("under-pressure", f"its cell is under {pressure:+.1f} GPa: relax the structure first")
    mean, bath = float(run.temperatures.mean()), run.start.temperature
    if abs(mean - bath) > FARTHEST_TEMPERATURE * bath and abs(mean - bath) > _uncertain(run):
        yield Remark("off-temperature", f"its mean temperature is {mean:.0f} K, not {bath:g} K")


def _uncertain(run: SimulatedRun) -> float:
    """Three standard errors of the mean temperature, by ten blocks, K."""
    means = np.array([block.mean() for block in np.array_split(run.temperatures, 10)])
    return float(3.0 * means.std(ddof=1) / np.sqrt(10.0))

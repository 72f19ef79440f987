"""What came of molecular dynamics: runs with their energies, diffusion and what makes them doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.remarks import Remark
from matscout.shown import ShownTable
from matscout.simulate.arrhenius import ArrheniusFit
from matscout.simulate.conservation import Conservation
from matscout.simulate.diffusion import Diffusion
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.simulated_runs import SimulatedRun

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]

MILLI = 1000.0


@dataclass(frozen=True, eq=False)
class DynamicsResult:
    """A run, and what it shows.

    Parameters
    ----------
    run
        Its frames.
    diffusion
        Of the ion; None where none was asked for, or the run was given up.
    energy_drift
        Slope of the total energy and the removed heat, which should not change, eV/atom/ps.
    heat_removed
        By the thermostat, eV/atom/ps; 0 at constant energy.
    temperature, temperature_scatter
        Mean and standard deviation over the frames, K.
    pressure
        Mean, GPa.
    warnings
        What makes it doubtful.
    """

    run: SimulatedRun
    diffusion: Diffusion | None
    energy_drift: float
    heat_removed: float
    temperature: float
    temperature_scatter: float
    pressure: float
    warnings: tuple[Remark, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory(ShownTable):
    """r runs of m materials at t temperatures.

    Parameters
    ----------
    materials
        m rows, as they were given.
    results
        r runs that were not refused, by material and then by temperature.
    repeats
        Row of the materials -> cells along the three lattice vectors.
    arrhenius
        Row of the materials -> activation energy; only of those that are resolved at three temperatures or more.
    settings
        What was simulated.
    force_field
        Its name, and version and digest of the weights.
    conservation
        Whether its forces are the slopes of its energy.
    problems
        Of rows that could not be run and of runs that failed or ended early; ``row`` is the position from 1.
    unread
        What of a file or folder could not be read; ``row`` is the number there.
    """

    materials: Materials
    results: tuple[DynamicsResult, ...]
    repeats: dict[int, tuple[int, int, int]]
    arrhenius: dict[int, ArrheniusFit]
    settings: DynamicsSettings
    force_field: str
    conservation: Conservation | None
    problems: tuple[RowProblem, ...] = ()
    unread: tuple[RowProblem, ...] = ()

    def __len__(self) -> int:
        return len(self.results)

    @property
    def temperatures(self) -> Floats:
        """Of the bath, K, [r]."""
        return np.array([one.run.start.temperature for one in self.results])

    @property
    def coefficients(self) -> Floats:
        """Diffusion coefficients, cm²/s, [r]; NaN where one is not resolved."""
        return np.array([np.nan if one.diffusion is None else one.diffusion.coefficient for one in self.results])

    @property
    def errors(self) -> Floats:
        """Their standard errors, cm²/s, [r]."""
        return np.array([np.nan if one.diffusion is None else one.diffusion.error for one in self.results])

    def of(self, row: int) -> tuple[DynamicsResult, ...]:
        """The runs of one material, whose row is counted from 0."""
        return tuple(one for one in self.results if one.run.start.row == row)

    def in_a_line(self) -> str:
        """How many runs, how long, and how many are resolved."""
        whole = sum(not one.run.dropped for one in self.results)
        parts = [f"{counted(whole, 'run')} of {self.settings.ps:g} ps", counted(len(self.materials), "material")]
        if self.settings.ion:
            parts.append(f"diffusion of {self.settings.ion} resolved in {int(np.isfinite(self.coefficients).sum())}")
        return ", ".join([*parts, f"by {self.force_field}"])

    def to_frame(self) -> polars.DataFrame:
        """A row for each run, the columns of ``dynamics.parquet``."""
        import polars

        rows = [self._row(one) for one in self.results]
        frame = polars.DataFrame(rows, schema=run_columns()) if rows else polars.DataFrame(schema=run_columns())
        return frame.with_columns(polars.col(polars.Float64).fill_nan(None))

    def msd_frame(self) -> polars.DataFrame:
        """A row for each run and lag, the columns of ``msd.parquet``."""
        import polars

        parts = [self._lags(one) for one in self.results if one.diffusion is not None]
        return polars.concat([polars.DataFrame(schema=lag_columns()), *parts])

    def _row(self, one: DynamicsResult) -> dict[str, Any]:
        row, run = one.run.start.row, one.run
        fit = self.arrhenius.get(row)
        values = [
            str(self.materials.ids[row]), str(self.materials.formulas[row]), run.start.temperature,
            "x".join(map(str, self.repeats[row])), run.sites, self.settings.ensemble, run.length,
            *_diffusion_cells(one.diffusion),
            np.nan if fit is None else fit.energy, np.nan if fit is None else fit.error,
            one.temperature, one.temperature_scatter, one.pressure, MILLI * one.energy_drift,
            MILLI * one.heat_removed, "" if run.reason is None else run.reason[0],
            "; ".join(map(str, one.warnings)), " ".join(remark.code for remark in one.warnings),
        ]  # fmt: skip
        return dict(zip(run_columns(), values, strict=True))

    def _lags(self, one: DynamicsResult) -> polars.DataFrame:
        import polars

        known = one.diffusion
        assert known is not None
        n, row = len(known.lags), one.run.start.row
        values = [
            [str(self.materials.ids[row])] * n,
            [one.run.start.temperature] * n,
            known.lags.tolist(),
            known.msd.tolist(),
            known.host_msd.tolist(),
        ]
        frame = polars.DataFrame(dict(zip(lag_columns(), values, strict=True)), schema=lag_columns())
        return frame.with_columns(polars.col(polars.Float64).fill_nan(None))


def run_columns() -> dict[str, Any]:
    """Names and types of the columns of a run."""
    import polars

    number, text, whole = polars.Float64, polars.String, polars.Int64
    return {
        "id": text, "formula": text, "temperature (K)": number, "supercell": text, "sites": whole,
        "ensemble": text, "length (ps)": number, "ion": text, "D (cm²/s)": number, "D error (cm²/s)": number,
        "not resolved because": text, "conductivity, Haven ratio 1 (S/cm)": number,
        "conductivity error (S/cm)": number, "hops": whole, "MSD (Å²)": number, "host MSD (Å²)": number,
        "activation energy (eV)": number, "activation energy error (eV)": number, "mean temperature (K)": number,
        "temperature scatter (K)": number, "pressure (GPa)": number, "energy drift (meV/atom/ps)": number,
        "heat removed (meV/atom/ps)": number, "reason": text, "warnings": text, "warning codes": text,
    }  # fmt: skip


def lag_columns() -> dict[str, Any]:
    """Names and types of the columns of a mean squared displacement."""
    import polars

    number = polars.Float64
    return {"id": polars.String, "temperature (K)": number, "lag (ps)": number, "MSD (Å²)": number,
            "host MSD (Å²)": number}  # fmt: skip


def _diffusion_cells(known: Diffusion | None) -> list[Any]:
    if known is None:
        return ["", np.nan, np.nan, "", np.nan, np.nan, None, np.nan, np.nan]
    return [
        str(known.ion), known.coefficient, known.error, known.unresolved, known.conductivity,
        known.conductivity_error, known.hops, float(known.msd[-1]), float(known.host_msd[-1]),
    ]  # fmt: skip

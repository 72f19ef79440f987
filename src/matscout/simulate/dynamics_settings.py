"""How long, how hot and in which ensemble crystals are moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from matscout.errors import UsageError
from matscout.settings.fields import SettingInfo

Ensembles = Literal["nvt", "nve"]
"""At constant temperature, or at constant energy; the cell stays."""

ThermostatNames = Literal["bussi", "langevin"]

LEAST_FRAMES = 100
"""Of a run: with fewer, five blocks hold too few for a slope."""


@dataclass(frozen=True, kw_only=True)
class DynamicsSettings:
    """What is simulated.

    Parameters
    ----------
    temperature
        Temperatures, with commas between.
    ps
        Length of each run, after the equilibration.
    equilibration
        Time at the target temperature before the run; it does not count.
    ion
        Element that diffuses, with its charge if it is not the usual one (Na, Cu2+); without it there is no diffusion.
    timestep
        Time between two steps.
    supercell
        Cells along the three lattice vectors, a,b,c; auto repeats the cell until it is 8 Å wide, up to 200 sites.
    ensemble
        nvt holds the temperature, nve the energy (after an equilibration with the thermostat); the cell stays.
    thermostat
        bussi rescales all velocities and hardly disturbs the diffusion; langevin has friction and noise on each atom.
    damping
        Time in which the thermostat acts.
    interval
        Time between two frames of the trajectory.
    seed
        Seed of velocities and thermostats.
    time_limit
        A run that takes more seconds ends early.
    """

    temperature: Annotated[
        tuple[Annotated[float, Gt(0.0)], ...], SettingInfo(unit="K", commas=True, metavar="T1,T2,...", default="600")
    ] = (600.0,)
    ps: Annotated[float, Gt(0.0), SettingInfo(unit="ps")] = 20.0
    equilibration: Annotated[float, Ge(0.0), SettingInfo(unit="ps")] = 1.0
    ion: str = ""
    timestep: Annotated[float, Gt(0.0), SettingInfo(unit="fs")] = 2.0
    supercell: Annotated[str, SettingInfo(metavar="auto|a,b,c")] = "auto"
    ensemble: Ensembles = "nvt"
    thermostat: ThermostatNames = "bussi"
    damping: Annotated[float, Gt(0.0), SettingInfo(unit="fs")] = 100.0
    interval: Annotated[float, Gt(0.0), SettingInfo(unit="fs")] = 20.0
    seed: Annotated[int, Ge(0)] = 0
    time_limit: Annotated[float, Gt(0.0), SettingInfo(unit="s")] = 86400.0

    def __post_init__(self) -> None:
        if not self.temperature:
            raise UsageError("--temperature names no temperature; give one or several, e.g. 600,800,1000")
        if len(set(self.temperature)) < len(self.temperature):
            raise UsageError("--temperature names a temperature twice; --seed gives another run at the same one")
        if self.frames < LEAST_FRAMES:
            raise UsageError(
                f"--ps {self.ps:g} and --interval {self.interval:g} give {self.frames} frames, and the errors need at "
                f"least {LEAST_FRAMES}: raise --ps or lower --interval"
            )
        _ = self.repeats

    @property
    def repeats(self) -> tuple[int, int, int] | None:
        """Cells along the lattice vectors; None for as many as it takes.

        Raises
        ------
        UsageError
            If these are not three whole numbers from 1 on.
        """
        if self.supercell == "auto":
            return None
        parts = [part.strip() for part in self.supercell.split(",")]
        if len(parts) != 3 or not all(part.isdecimal() and int(part) for part in parts):
            raise UsageError(f"--supercell {self.supercell!r} is neither auto nor three whole numbers such as 2,2,1")
        return int(parts[0]), int(parts[1]), int(parts[2])

    @property
    def stride(self) -> int:
        """Steps between two frames."""
        return max(1, round(self.interval / self.timestep))

    @property
    def frames(self) -> int:
        """Of a whole run, that at its start too."""
        return 1 + round(1000.0 * self.ps / (self.timestep * self.stride))

    @property
    def steps_before(self) -> int:
        """Of the equilibration."""
        return round(1000.0 * self.equilibration / self.timestep)

    @property
    def steps(self) -> int:
        """Of equilibration and run."""
        return self.steps_before + (self.frames - 1) * self.stride

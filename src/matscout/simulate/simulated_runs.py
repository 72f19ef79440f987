"""Runs of molecular dynamics: several crystals move together, and one that explodes is given up alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.read_only import lock
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.force_field import ForceField, Reason
from matscout.simulate.moving_batch import MovingBatch
from matscout.simulate.relax_endings import LARGEST_FORCE
from matscout.simulate.relaxing_batch import joined_crystals
from matscout.simulate.thermostats import make_thermostat, temperature_of

Floats = NDArray[np.float64]

RUNAWAY, HOTTER = 10.0, 5000.0
"""Times the temperature of the bath, and K above it: what is hotter than both explodes. Structures that are not relaxed
turn some tenths of an eV per atom into heat at the start."""

CALMER = "relax the structure first, or take a shorter --timestep"


@dataclass(frozen=True, eq=False)
class RunStart:
    """A crystal that is to move at a temperature.

    Parameters
    ----------
    number
        Of the run; with the seed it decides velocities and noise.
    row
        Which material it is.
    temperature
        K.
    crystal
        The supercell; one crystal.
    charge
        Of the cell that was given, elementary charges.
    """

    number: int
    row: int
    temperature: float
    crystal: Crystals
    charge: float = 0.0


@dataclass(frozen=True, eq=False)
class FrameSeries:
    """f frames of a run with s sites.

    Parameters
    ----------
    positions
        float64 [f, s, 3], Å; atoms that leave the cell are not put back.
    energies
        float64 [f, 4]: potential energy, kinetic energy, heat that the thermostat has removed (eV, of the cell), and
        pressure (GPa).
    """

    positions: Floats
    energies: Floats

    def __post_init__(self) -> None:
        lock(self)

    def __len__(self) -> int:
        return len(self.energies)

    @classmethod
    def joined(cls, parts: Sequence[FrameSeries]) -> FrameSeries:
        """One behind the other."""
        return cls(np.concatenate([one.positions for one in parts]), np.concatenate([one.energies for one in parts]))

    @classmethod
    def of_none(cls, sites: int) -> FrameSeries:
        """No frames."""
        return cls(np.zeros((0, sites, 3)), np.zeros((0, 4)))


@dataclass(frozen=True, eq=False)
class SimulatedRun:
    """What became of a run.

    Parameters
    ----------
    start
        Where it began.
    frames
        After the equilibration; the first one is at its end.
    spacing
        ps between frames.
    reason
        Why it was given up or ended early, and what to do; None for one that is whole.
    dropped
        Whether it was given up.
    """

    start: RunStart
    frames: FrameSeries
    spacing: float
    reason: Reason | None = None
    dropped: bool = False

    @property
    def sites(self) -> int:
        """Of the cell."""
        return len(self.start.crystal.fractional)

    @property
    def times(self) -> Floats:
        """ps, [f]."""
        return np.asarray(self.spacing * np.arange(len(self.frames)), dtype=np.float64)

    @property
    def length(self) -> float:
        """Ps."""
        return self.spacing * max(0, len(self.frames) - 1)

    @property
    def temperatures(self) -> Floats:
        """K, [f], of the kinetic energy."""
        return temperature_of(self.frames.energies[:, 1], self.sites)

    @property
    def conserved(self) -> Floats:
        """Total energy and what the thermostat has removed, eV/atom [f]: should not change."""
        return np.asarray(self.frames.energies[:, :3].sum(axis=1) / self.sites, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class GroupState:
    """Where a group of runs is.

    Parameters
    ----------
    batch
        The runs that go on.
    frames
        By number of the run, since the beginning.
    seconds
        That each run has taken, by its number.
    ended
        Number of each run that goes no further -> why, what to do, and whether it was given up.
    """

    batch: MovingBatch
    frames: dict[int, list[FrameSeries]]
    seconds: dict[int, float]
    ended: dict[int, tuple[str, str, bool]]


class Keeper(Protocol):
    """Keeps where a group of runs is, so that one that was killed goes on."""

    def load(self) -> GroupState | None:
        """Where it was; None if it is at its start."""
        ...

    def keep(self, state: GroupState, at_end: bool) -> None:
        """Called after each frame."""
        ...


class KeepsNothing:
    """For runs that are not gone on with."""

    def load(self) -> GroupState | None:
        """Nothing."""
        return None

    def keep(self, state: GroupState, at_end: bool) -> None:
        """Do nothing."""


def simulated(
    starts: Sequence[RunStart],
    field: ForceField,
    settings: DynamicsSettings,
    keeper: Keeper | None = None,
    beat: Callable[[int], None] = lambda step: None,
) -> tuple[SimulatedRun, ...]:
    """Move some crystals together, from drawn velocities to their last frame.

    Parameters
    ----------
    starts
        What begins.
    field
        The force field.
    settings
        How long, and in which ensemble.
    keeper
        Where the runs are kept while they go on.
    beat
        Called with the number of steps that are done, after each.
    """
    keeper = keeper or KeepsNothing()
    state = keeper.load() or _begun(starts, field, settings)
    thermostat = make_thermostat(settings.thermostat, settings.damping)
    while len(state.batch) and state.batch.step < settings.steps:
        calm = state.batch.step < settings.steps_before or settings.ensemble == "nvt"
        began = time.perf_counter()
        moved = state.batch.stepped(field, settings.timestep, thermostat if calm else None, settings.seed)
        state = _judged(moved, state, field, settings, time.perf_counter() - began)
        if _is_frame(state.batch.step, settings):
            _record(state, settings)
            keeper.keep(state, at_end=False)
        beat(moved.step)
    keeper.keep(state, at_end=True)
    return tuple(_run_of(start, state, settings) for start in starts)


def _begun(starts: Sequence[RunStart], field: ForceField, settings: DynamicsSettings) -> GroupState:
    numbers = np.array([one.number for one in starts], dtype=np.int64)
    temperatures = np.array([one.temperature for one in starts])
    batch = MovingBatch.at_start(
        numbers, joined_crystals([one.crystal for one in starts]), temperatures, field, settings.seed
    )
    nothing = GroupState(batch, {int(number): [] for number in numbers}, dict.fromkeys(map(int, numbers), 0.0), {})
    state = _judged(batch, nothing, field, settings, 0.0)
    if _is_frame(0, settings):
        _record(state, settings)
    return state


def _is_frame(step: int, settings: DynamicsSettings) -> bool:
    return step >= settings.steps_before and (step - settings.steps_before) % settings.stride == 0


def _record(state: GroupState, settings: DynamicsSettings) -> None:
    """Add a frame to each run that goes on."""
    batch = state.batch
    kinetic, pressure, places = batch.kinetic, batch.pressure, batch.crystals.positions
    for row, number in enumerate(batch.numbers.tolist()):
        sites = slice(batch.crystals.offsets[row], batch.crystals.offsets[row + 1])
        energies = np.array([[batch.energies.energy[row], kinetic[row], batch.heat[row], pressure[row]]])
        state.frames[number].append(FrameSeries(places[None, sites], energies))


def _judged(
    batch: MovingBatch, state: GroupState, field: ForceField, settings: DynamicsSettings, spent: float
) -> GroupState:
    """Without the runs that fail, or take too long."""
    sites = np.diff(batch.crystals.offsets)
    shares = dict(zip(batch.numbers.tolist(), (spent * sites / sites.sum()).tolist(), strict=True))
    seconds = {number: used + shares.get(number, 0.0) for number, used in state.seconds.items()}
    ended = {
        **{number: (*reason, False) for number, reason in _late(batch, seconds, settings).items()},
        **{number: (*reason, True) for number, reason in _failures(batch, field, settings).items()},
    }
    keep = ~np.isin(batch.numbers, list(ended))
    return GroupState(batch.kept(keep), state.frames, seconds, {**state.ended, **ended})


def _late(batch: MovingBatch, seconds: dict[int, float], settings: DynamicsSettings) -> dict[int, Reason]:
    """Number of each run that has taken too long -> what is said of it."""
    time_is = f"after {batch.step * settings.timestep / 1000.0:.3g} ps, equilibration included"
    what = f"the time limit of {settings.time_limit:g} s is over {time_is}"
    late = [number for number in batch.numbers.tolist() if seconds[number] > settings.time_limit]
    return dict.fromkeys(late, (what, "raise it with --time-limit, or take fewer --ps"))


def _failures(batch: MovingBatch, field: ForceField, settings: DynamicsSettings) -> dict[int, Reason]:
    """Number of each run that cannot go on -> why, and what to do."""
    failed: dict[int, Reason] = {}
    after = f"after {batch.step * settings.timestep:g} fs"
    for problem in batch.energies.problems:
        failed[int(batch.numbers[problem.row - 1])] = (f"{after} {problem.reason}", problem.advice)
    force = np.maximum.reduceat(np.linalg.norm(batch.energies.forces, axis=1), batch.crystals.offsets[:-1])
    hot = temperature_of(batch.kinetic, np.diff(batch.crystals.offsets))
    for row, number in enumerate(batch.numbers.tolist()):
        if np.isnan(batch.energies.energy[row]) or np.isnan(force[row]):
            why, advice = field.undefined(batch.crystals[np.array([row])])
            failed.setdefault(number, (f"{after} {why}", advice))
        elif force[row] > LARGEST_FORCE:
            failed.setdefault(number, (f"it explodes: {after} a force on it is {force[row]:,.0f} eV/Å", CALMER))
        elif hot[row] > max(RUNAWAY * batch.temperatures[row], batch.temperatures[row] + HOTTER):
            what = f"it explodes: {after} it is {hot[row]:,.0f} K hot instead of {batch.temperatures[row]:g} K"
            failed.setdefault(number, (what, CALMER))
    return failed


def _run_of(start: RunStart, state: GroupState, settings: DynamicsSettings) -> SimulatedRun:
    parts = state.frames[start.number]
    frames = FrameSeries.joined(parts) if parts else FrameSeries.of_none(len(start.crystal.fractional))
    spacing = settings.stride * settings.timestep / 1000.0
    what = state.ended.get(start.number)
    if what is None:
        return SimulatedRun(start, frames, spacing)
    return SimulatedRun(start, frames, spacing, what[:2], what[2])

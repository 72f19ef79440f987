"""``matscout.dynamics``: materials -> molecular dynamics with a force field, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.data.given import Given, readable_materials
from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, in_notebooks
from matscout.settings.checking import check_settings
from matscout.simulate.arrhenius import ArrheniusFit, arrhenius_fit
from matscout.simulate.choice import make_force_field
from matscout.simulate.conservation import Conservation, conservation
from matscout.simulate.diffusion import Ion, diffusion
from matscout.simulate.dynamics_plan import DynamicsPlan, dynamics_plan
from matscout.simulate.dynamics_settings import LEAST_FRAMES, DynamicsSettings
from matscout.simulate.dynamics_warnings import dynamics_warnings
from matscout.simulate.force_field import ForceField
from matscout.simulate.rock_salt import rock_salt
from matscout.simulate.simulated_runs import RunStart, SimulatedRun, simulated
from matscout.simulate.trajectory import DynamicsResult, Trajectory

STEP, CHECKING = "moving atoms", "checking the force field"

MOST_CHECKED = 40
"""Sites of a crystal on which a force field is checked: that takes 6 evaluations for each."""

GroupRunner = Callable[[Sequence[tuple[RunStart, ...]], Progress], Iterable[tuple[SimulatedRun, ...]]]
"""Groups of runs -> what became of each, in their order."""


def dynamics(
    materials: Given, force_field: Any = "chgnet", *, progress: Progress = in_notebooks, **settings: Any
) -> Trajectory:
    """Move the atoms of structures with a force field, at constant temperature or energy, in a cell that stays.

    Parameters
    ----------
    materials
        Materials with ordered, periodic structures, or what :func:`matscout.read_materials` reads. The cell is not
        relaxed before: see :func:`matscout.relax`.
    force_field
        A name (``"chgnet"``, ``"7net-0"``, ``"7net-l3i5"``), a calculator of ASE, or the address
        ``"package.module:factory"`` of what makes one.
    progress
        Told how many steps are done.
    settings
        The fields of :class:`~matscout.simulate.dynamics_settings.DynamicsSettings` by name, such as
        ``temperature=(600, 800, 1000)`` (K), ``ps=20``, ``ion="Na"``, ``ensemble="nve"``.

    Raises
    ------
    UsageError
        If a setting is wrong, there is no such force field, no row has a structure, or constant energy is asked of a
        force field whose forces are not the slopes of its energy.
    MissingExtraError
        If the package of the force field is not installed.
    """
    asked = check_settings(DynamicsSettings, settings, "dynamics")
    given, unread = readable_materials(materials)
    field = make_force_field(force_field)
    trajectory = trajectory_of(given, field, asked, in_turn(field, asked), progress)
    return replace(trajectory, unread=unread)


def in_turn(field: ForceField, settings: DynamicsSettings) -> GroupRunner:
    """Runs groups in this process, one after the other."""

    def runner(groups: Sequence[tuple[RunStart, ...]], progress: Progress) -> Iterator[tuple[SimulatedRun, ...]]:
        total, before = steps_of(groups, settings), 0
        for group in groups:
            yield simulated(group, field, settings, beat=partial(_step_done, progress, before, len(group), total))
            before += settings.steps * len(group)
        progress(STEP, total, total)

    return runner


def _step_done(progress: Progress, before: int, runs: int, total: int, step: int) -> None:
    progress(STEP, before + step * runs, total)


def steps_of(groups: Sequence[tuple[RunStart, ...]], settings: DynamicsSettings) -> int:
    """Of all runs together."""
    return settings.steps * sum(map(len, groups))


def trajectory_of(
    materials: Materials, field: ForceField, settings: DynamicsSettings, runner: GroupRunner, progress: Progress
) -> Trajectory:
    """The same with everything chosen; errors as :func:`dynamics`."""
    plan = dynamics_plan(materials, field, settings)
    progress(CHECKING, 0, 1)
    checked = _checked(field, plan, settings)
    runs = [run for group in runner(plan.groups, progress) for run in group]
    ion = Ion.of(settings.ion) if settings.ion else None
    results = tuple(_result(run, ion, field, settings, checked) for run in runs)
    problems = (*plan.problems, *_problems(results, materials))
    return Trajectory(
        materials,
        results,
        plan.repeats,
        _fits(results, settings),
        settings,
        field.described,
        checked,
        tuple(sorted(problems, key=lambda problem: problem.row)),
    )


def _checked(field: ForceField, plan: DynamicsPlan, settings: DynamicsSettings) -> Conservation | None:
    """Whether the force field conserves energy, as far as it can be checked; None if nothing is run.

    Raises
    ------
    UsageError
        If it does not, and should.
    """
    if not plan.starts:
        return None
    report = _conservation(field, plan.starts)
    if settings.ensemble == "nve" and report is not None and not report.conservative:
        raise UsageError(f"{report.verdict}; --ensemble=nve would heat or cool without a cause: use nvt")
    return report


def _conservation(field: ForceField, starts: Sequence[RunStart]) -> Conservation | None:
    """On rock salt, as ``check-force-field`` has it; with elements that it does not know on the smallest cell."""
    smallest = min((one.crystal for one in starts), key=lambda crystal: len(crystal.fractional))
    for crystal in (rock_salt(field), _rattled(smallest)):
        if len(crystal.fractional) <= MOST_CHECKED:
            try:
                return conservation(field, crystal)
            except ValueError:
                continue
    return None


def _rattled(crystal: Crystals) -> Crystals:
    """With atoms that are moved by about .05 Å: symmetry would hide a lot."""
    moves = np.random.default_rng(0).normal(0.0, 0.05, crystal.fractional.shape)
    return replace(crystal, fractional=crystal.fractional + moves @ np.linalg.inv(crystal.lattices[0]))


def _result(
    run: SimulatedRun, ion: Ion | None, field: ForceField, settings: DynamicsSettings, checked: Conservation | None
) -> DynamicsResult:
    """What a run shows, as far as it came."""
    too_short = len(run.frames) < LEAST_FRAMES
    if run.dropped or too_short:
        nothing = float("nan")
        return DynamicsResult(run, None, nothing, nothing, nothing, nothing, nothing, ())
    heat = run.frames.energies[:, 2] / run.sites
    drift = float(np.polyfit(run.times, run.conserved, 1)[0])
    return DynamicsResult(
        run,
        diffusion(run, ion) if ion is not None else None,
        drift,
        float(heat[-1] - heat[0]) / run.length,
        float(run.temperatures.mean()),
        float(run.temperatures.std()),
        float(run.frames.energies[:, 3].mean()),
        dynamics_warnings(run, field, settings, checked, drift),
    )


def _fits(results: Sequence[DynamicsResult], settings: DynamicsSettings) -> dict[int, ArrheniusFit]:
    fits = {}
    for row in sorted({one.run.start.row for one in results}):
        known = [one for one in results if one.run.start.row == row and one.diffusion is not None]
        fit = arrhenius_fit(
            [one.run.start.temperature for one in known],
            [one.diffusion.coefficient for one in known if one.diffusion is not None],
            [one.diffusion.error for one in known if one.diffusion is not None],
        )
        if fit is not None:
            fits[row] = fit
    return fits


def _problems(results: Sequence[DynamicsResult], materials: Materials) -> Iterator[RowProblem]:
    """Of runs that were given up, or ended early."""
    for one in results:
        start, reason = one.run.start, one.run.reason
        if reason is not None:
            what = f"at {start.temperature:g} K {reason[0]}"
            yield RowProblem(
                start.row + 1,
                str(materials.formulas[start.row]),
                what,
                reason[1],
                dropped=bool(np.isnan(one.temperature)),
            )

"""``matscout dynamics``: atoms of structures moved with a force field, and how fast an ion diffuses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matscout.app.console import note, progress_display, say, show_problems, show_reading, show_table
from matscout.app.force_field_settings import ForceFieldRun
from matscout.app.index_settings import SourceSettings
from matscout.app.session import partly
from matscout.counting import counted
from matscout.settings.command_options import with_options
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.places import result_folder

if TYPE_CHECKING:
    from matscout.simulate.trajectory import DynamicsResult, Trajectory
    from matscout.workflow.moving import DynamicsFiles

SHOWN_RUNS = 20
TITLES = ("id", "T (K)", "D", "σ (S/cm)", "MSD (Å²)", "host MSD (Å²)", "drift (meV/atom/ps)")


@with_options
def dynamics(
    *, given: SourceSettings, asked: ForceFieldRun, reading: MaterialSettings, settings: DynamicsSettings
) -> None:
    """Molecular dynamics with a force field: diffusion and conductivity of an ion, trajectories, energies, pictures.

    All structures run at all temperatures, several in one graph, on all processors. A run that explodes is given up
    alone. A command that was stopped or killed goes on where it was when it is started again.
    """
    from matscout.workflow.moving import TABLE

    folder = result_folder(asked.out, TABLE)

    from matscout.data.files import atomic_folder
    from matscout.workflow.graph import Workflow
    from matscout.workflow.moving import PROBLEMS, discard, move_dataset, refuse_no_runs
    from matscout.workflow.result_files import write_workflow
    from matscout.workflow.steps.dynamics import DynamicsStep

    dataset = reading.read_materials(given.source)
    show_reading(dataset)
    step = DynamicsStep.of(reading, file=given.source, force_field=asked.force_field, **vars(settings))
    unfinished = folder.with_name(f"{folder.name}.parts")
    with atomic_folder(folder) as place:
        with progress_display() as progress:
            done = move_dataset(dataset, asked.force_field, settings, place, unfinished, progress=progress)
        write_workflow(Workflow.linked({"dynamics": step}), place, folder)
    discard(unfinished)
    show_problems(done.problems, lists_all=f"all of them: {folder / PROBLEMS}")
    _show(done.trajectory)
    refuse_no_runs(done)
    say(f"{done.trajectory.in_a_line()}: {folder}")
    _end(done)


def _end(done: DynamicsFiles) -> None:
    if failed := sum(problem.dropped for problem in done.problems):
        partly(f"{counted(failed, 'structure or run', 'structures or runs')} failed")


def _show(trajectory: Trajectory) -> None:
    """The first runs, and what follows from several temperatures."""
    finished = [one for one in trajectory.results if not one.run.dropped]
    rows = [_cells(trajectory, one) for one in finished[:SHOWN_RUNS]]
    if rows:
        show_table(TITLES, rows)
    for one in finished[:SHOWN_RUNS]:
        _remark(one)
    for row, fit in trajectory.arrhenius.items():
        say(f"{trajectory.materials.formulas[row]}: activation energy {fit.in_a_line()}")
    if any(one.diffusion and math.isfinite(one.diffusion.conductivity) for one in finished):
        note("conductivities by Nernst and Einstein with a Haven ratio of 1: ions are taken to move independently")


def _remark(one: DynamicsResult) -> None:
    """Why there is no number, and what is doubtful."""
    words = (
        [f"diffusion is not resolved: {one.diffusion.unresolved}"]
        if one.diffusion and not one.diffusion.resolved
        else []
    )
    for text in [*words, *map(str, one.warnings)]:
        note(f"  at {one.run.start.temperature:g} K {text}")


def _cells(trajectory: Trajectory, one: DynamicsResult) -> list[str]:
    known, start = one.diffusion, one.run.start
    name, drift = str(trajectory.materials.ids[start.row]), f"{1e3 * one.energy_drift:+.3f}"
    if known is None:
        return [name, f"{start.temperature:g}", "", "", "", "", drift]
    conductivity = f"{known.conductivity:.2g}" if math.isfinite(known.conductivity) else ""
    squares = [f"{value:.2f}" if math.isfinite(value) else "" for value in (known.msd[-1], known.host_msd[-1])]
    return [name, f"{start.temperature:g}", known.words, conductivity, *squares, drift]

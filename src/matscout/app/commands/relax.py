"""``matscout relax``: structures relaxed with a force field, and what became of each."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matscout.app.console import note, progress_display, say, show_problems
from matscout.app.force_field_settings import ForceFieldRun
from matscout.app.index_settings import SourceSettings
from matscout.app.reading import open_collection
from matscout.counting import counted, part_of, was
from matscout.settings.command_options import with_options
from matscout.simulate.relax_settings import RelaxSettings
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.places import result_folder


@with_options
def relax(*, given: SourceSettings, asked: ForceFieldRun, reading: MaterialSettings, settings: RelaxSettings) -> None:
    """Relax structures with a force field: relaxed.extxyz, and relaxed.parquet with what became of each.

    All processors take part, each with many structures in one graph. A structure that fails is given up alone. A run
    that was stopped goes on where it was when it is started again.
    """
    from matscout.workflow.relaxing import TABLE

    folder = result_folder(asked.out, TABLE)

    from matscout.data.files import atomic_folder
    from matscout.simulate.choice import make_force_field
    from matscout.simulate.relaxing_apart import PART
    from matscout.workflow.graph import Workflow
    from matscout.workflow.relaxing import PROBLEMS, RelaxJob, discard, refuse_too_few, relax_collection
    from matscout.workflow.result_files import write_workflow
    from matscout.workflow.steps.relax import RelaxStep

    field = make_force_field(asked.force_field)
    collection = open_collection(reading, given.source, PART)
    unfinished = folder.with_name(f"{folder.name}.parts")
    step = RelaxStep.of(reading, file=given.source, force_field=asked.force_field, **vars(settings))
    job = RelaxJob(asked.force_field, settings)
    with _kept_if_full(unfinished), atomic_folder(folder) as place:
        with progress_display() as progress:
            done = relax_collection(collection, job, place, unfinished, progress=progress)
        write_workflow(Workflow.linked({"relaxed": step}), place, folder)
    discard(unfinished)
    show_problems(done.problems, lists_all=f"all of them: {folder / PROBLEMS}")
    if done.taken_over:
        note(f"{part_of(done.taken_over, done.materials, 'structure')} {was(done.taken_over)} done before")
    say(
        f"{counted(done.relaxed, 'structure')} of {done.materials:,} relaxed by {field.title}, {done.converged:,} "
        f"converged, energies {field.scheme}: {folder}"
    )
    if done.doubtful:
        note(f"{part_of(done.doubtful, done.relaxed, 'structure')} with warnings: see {folder / TABLE}")
    refuse_too_few(done, reading.max_bad, folder)


@contextmanager
def _kept_if_full(unfinished: Path) -> Iterator[None]:
    """Say on a full disk what is done so far.

    Raises
    ------
    InputError
        If the disk is full.
    """
    from matscout.errors import InputError

    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise InputError(
            f"the disk of {unfinished.parent} is full: free some space and run the same command again; what is "
            f"finished stays in {unfinished}"
        ) from error

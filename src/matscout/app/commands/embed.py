"""``matscout embed``: vectors of materials as a table for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from matscout.app.at_hand import representation_at_hand
from matscout.app.console import note, progress_display, say, show_problems
from matscout.app.index_settings import SourceSettings, WorkSettings
from matscout.app.reading import open_collection
from matscout.app.stores import note_lost_vectors
from matscout.counting import counted, part_of, was
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.places import result_file


@dataclass(frozen=True)
class EmbedSettings:
    """What makes the vectors, and where they go.

    Parameters
    ----------
    representation
        Representation (`matscout representations` lists them).
    out
        File for the vectors.
    cell
        Cell to which structures are converted.
    """

    representation: Annotated[str, SettingInfo(key="with", metavar="NAME")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT.parquet")]
    cell: Literal["as-given", "primitive", "conventional"] = "as-given"


@with_options
def embed(*, given: SourceSettings, asked: EmbedSettings, reading: MaterialSettings, work: WorkSettings) -> None:
    """Turn materials into vectors: a Parquet file with id, formula and one column per component.

    Collections of structures of any size, also in a column of a Parquet or CSV file, are processed part by part on all
    processors. The same command resumes a stopped run.
    """
    result_file(asked.out, given.source, endings=(".parquet",))
    representation_at_hand(asked.representation)

    from matscout.represent.embedding import make_representation
    from matscout.workflow.embedding import (
        EmbedOptions,
        embed_collection,
        problems_file,
        refuse_too_many,
        write_problems,
    )
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import workflow_beside
    from matscout.workflow.steps.embed import EmbedStep

    collection = open_collection(reading, given.source)
    note_lost_vectors(work.cache and work.ray is None)
    options = EmbedOptions(asked.cell, work.ray, work.cache)
    with progress_display() as progress:
        written = embed_collection(collection, asked.representation, asked.out, options, progress)
    show_problems(
        written.problems,
        lists_all=f"all of them: {problems_file(asked.out)}",
    )
    write_problems(written.problems, asked.out)
    step = EmbedStep.of(
        reading, file=given.source, representation=asked.representation, cell=asked.cell, cache=work.cache
    )
    workflow_beside(Workflow.linked({"vectors": step}), asked.out)
    if written.taken_over:
        note(f"{part_of(written.taken_over, written.materials, 'material')} {was(written.taken_over)} done before")
    say(f"{counted(written.rows, 'vector')} of {make_representation(asked.representation).dim} columns: {written.path}")
    refuse_too_many(written, reading.max_bad)

"""``matscout map``: a picture of a data set, for a paper or to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from matscout.app.at_hand import representation_at_hand
from matscout.app.console import events_display, note, say, show_problems, show_reading
from matscout.app.stores import run_store
from matscout.data.reading_settings import ReadingSettings
from matscout.data.table_writing import ENDINGS
from matscout.errors import UsageError
from matscout.remarks import codes
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.workflow.map_settings import MapSettings
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.workflow.kind import StepKind


@dataclass(frozen=True)
class MapPlaces:
    """What is drawn, and where it goes.

    Parameters
    ----------
    source
        File, folder or archive of materials, labelled or not.
    out
        File for the map.
    """

    source: Annotated[Path, SettingInfo(argument=True, metavar="INPUT")]
    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT.svg|pdf|png")]


@dataclass(frozen=True, kw_only=True)
class MapOptions(MapSettings):
    """How a map is drawn, and what is written besides.

    Parameters
    ----------
    table
        Also write the coordinates to this file.
    """

    table: Annotated[Path | None, SettingInfo(metavar="OUT.csv|parquet|xlsx|json", panel="Map options")] = None


@with_options
def map(  # noqa: A001 - the verb is called so; nothing here maps a function over a list
    *, place: MapPlaces, reading: ReadingSettings, asked: MapOptions
) -> None:
    """Draw a map of materials: neighbours are similar, colours show a property or the chemistry.

    The file extension sets the format: SVG (text stays text), PDF or PNG.
    """
    result_file(place.out, place.source)
    if asked.table is not None and asked.table.absolute() == place.out.absolute():
        raise UsageError(f"--table and -o both name {place.out}; name two files")
    result_file(asked.table, place.source, endings=ENDINGS)
    if asked.representation is not None:
        representation_at_hand(asked.representation)

    from matscout.evaluation.map_plot import check_ending
    from matscout.workflow.graph import Workflow
    from matscout.workflow.label_settings import MaterialSettings
    from matscout.workflow.result_files import workflow_beside
    from matscout.workflow.running import WorkflowRun
    from matscout.workflow.steps.materials import MaterialsStep

    check_ending(place.out)
    materials = MaterialsStep.of(MaterialSettings.of(reading), file=place.source, column=asked.colour)
    run = WorkflowRun(Workflow.linked({"materials": materials, "map": _step(asked, place.out)}), run_store())
    with events_display() as run.events:
        dataset = run.result("materials")
    show_reading(dataset)
    for remark in dataset.provenance.remarks:
        if codes([remark]) == ["coloured-by-chemistry"]:
            note(remark)
    with events_display() as run.events:
        drawn = run.result("map")
    show_problems(
        drawn.problems,
        lists_all=f"`matscout embed --with {drawn.representation}` lists them all",
    )
    for remark in drawn.remarks:
        note(remark)
    written = drawn.save(place.out, asked.width)
    say(f"map of {len(drawn):,} materials by {drawn.representation}, coloured by {drawn.colour.label}: {written}")
    if asked.table is not None:
        say(f"places: {drawn.write_table(asked.table)}")
    workflow_beside(run.workflow, place.out)


def _step(asked: MapOptions, out: Path) -> StepKind:
    from matscout.app.steps.map import MapStep

    form: Any = out.suffix.lower().removeprefix(".")
    return taken_over(MapStep, asked, labels="materials", form=form)

"""``matscout view``: one structure as a picture and as a page to turn it on, with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from matscout.app.console import note, say, show_problems, show_reading, show_table
from matscout.app.reading import read_labels
from matscout.data.reading_settings import ReadingSettings
from matscout.errors import UsageError
from matscout.extras import require
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.app.viewing.nearest import NearLabels
    from matscout.workflow.kind import StepKind

ENDINGS = (".png", ".html")
BEFORE = "-before"
"""How the names of files end that show the structure as it was."""


@dataclass(frozen=True)
class ViewSettings:
    """What is shown.

    Parameters
    ----------
    what
        Structure file, or id of a structure in --in.
    collection
        Folder, archive, file or table that contains the id.
    before
        Collection with the same id as it was before, e.g. what was relaxed: shown beside it.
    out
        Write OUT.png and OUT.html (with --before also OUT-before.png and OUT-before.html).
    labels
        Show the most similar of these labelled rows.
    neighbours
        Number of similar labels to show.
    target
        Target column of --labels (repeatable; default: detected).
    """

    what: Annotated[str, SettingInfo(argument=True, metavar="FILE|ID")]
    collection: Annotated[Path | None, SettingInfo(key="in", metavar="COLLECTION")] = None
    before: Annotated[Path | None, SettingInfo(metavar="COLLECTION")] = None
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT")] = None
    labels: Annotated[Path | None, SettingInfo(metavar="LABELS")] = None
    neighbours: Annotated[int, Ge(1)] = 8
    target: Annotated[tuple[str, ...], SettingInfo(metavar="COL", panel="Fit options")] = ()


@with_options
def view(*, asked: ViewSettings, reading: ReadingSettings) -> None:
    """Show one structure: symmetry, cell, density, a picture, an interactive page, and the most similar labels.

    The input options apply to the tables of --in and of --labels.
    """
    files = () if asked.out is None else _files(asked.out)
    if files:
        require("plotly", extra="view")
    earlier_files = _files(asked.out, BEFORE) if asked.out is not None and asked.before is not None else ()
    sources = (Path(asked.what), asked.collection, asked.before, asked.labels)
    for path in (*files, *earlier_files):
        result_file(path, *(place for place in sources if place is not None))

    from matscout.app.viewing.facts import facts_of, side_by_side
    from matscout.app.viewing.picking import pick
    from matscout.data.dataset import only_compounds
    from matscout.workflow.graph import Workflow
    from matscout.workflow.label_settings import LabelSettings, MaterialSettings
    from matscout.workflow.result_files import workflow_beside

    picked = pick(asked.what, asked.collection, MaterialSettings.of(reading))
    show_problems(picked.problems)
    earlier = None if asked.before is None else pick(picked.id, asked.before, MaterialSettings.of(reading))
    labelled = LabelSettings.of(reading, target=asked.target)
    dataset = None if asked.labels is None else only_compounds(read_labels(labelled, asked.labels))
    if dataset is not None:
        show_reading(dataset)
    facts = facts_of(picked.structure)
    if earlier is None:
        show_table(("", picked.id), [(fact.name, fact.value) for fact in facts.lines])
    else:
        show_table(("", f"{picked.id} before", "after"), side_by_side(facts_of(earlier.structure), facts))
    if facts.words:
        say(facts.words)
    nearest = None
    if dataset is not None:
        from matscout.app.viewing.nearest import nearest_labelled

        nearest = nearest_labelled(picked.material(facts.formula), dataset, asked.neighbours)
        _show(nearest)
    if files:
        from matscout.app.viewing.files import write_view

        write_view(picked, facts, nearest, *files)
        if earlier is not None and earlier_files:
            write_view(earlier, facts_of(earlier.structure), None, *earlier_files)
            say(f"before: {earlier_files[0]}, {earlier_files[1]}")
        say(f"picture: {files[0]}")
        say(f"page: {files[1]}")
        workflow_beside(Workflow.linked(_steps(asked, reading, picked.id)), files[1])


def _steps(asked: ViewSettings, reading: ReadingSettings, name_there: str) -> dict[str, StepKind]:
    from matscout.app.goal_settings import read_step
    from matscout.app.steps.view import ViewStep
    from matscout.workflow.label_settings import LabelSettings, MaterialSettings

    labelled = LabelSettings.of(reading, target=asked.target)
    labels: dict[str, StepKind] = {} if asked.labels is None else {"labels": read_step(asked.labels, labelled)}
    place, name = (Path(asked.what), None) if asked.collection is None else (asked.collection, asked.what)
    shown = ViewStep.of(
        MaterialSettings.of(reading), file=place, id=name, labels=next(iter(labels), None), neighbours=asked.neighbours
    )
    if asked.before is None:
        return {**labels, "view": shown}
    earlier = ViewStep.of(MaterialSettings.of(reading), file=asked.before, id=name_there)
    return {**labels, "view": shown, "before": earlier}


def _files(out: Path, ending: str = "") -> tuple[Path, Path]:
    """The picture and the page, whose names may end with something."""
    bare = out.with_suffix("") if out.suffix.lower() in ENDINGS else out
    if not bare.name:
        raise UsageError(f"{out} does not name a file; give a name such as -o quartz")
    picture, page = (bare.with_name(bare.name + ending + kind) for kind in ENDINGS)
    return picture, page


def _show(nearest: NearLabels) -> None:
    rows = [(row.id, row.formula, row.nearness, *row.measured) for row in nearest.rows]
    show_table(("id", "formula", nearest.measure, *nearest.targets), rows, title="Nearest labelled materials")
    note(nearest.how)

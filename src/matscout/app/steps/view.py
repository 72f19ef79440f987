"""One structure as a picture and as an interactive page, with its properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from matscout.app.viewing.facts import facts_of
from matscout.app.viewing.files import write_view
from matscout.app.viewing.nearest import nearest_labelled
from matscout.app.viewing.picking import pick
from matscout.workflow.kind import Input, SourceFile, StepKind, StepWork, WrittenFiles
from matscout.workflow.label_settings import MaterialSettings


@dataclass(frozen=True, kw_only=True)
class ViewStep(MaterialSettings, StepKind):
    """Show a structure.

    Parameters
    ----------
    file
        File of a structure, or a collection that holds it.
    id
        Which structure of a collection (else the only one).
    labels
        Labelled rows of which the nearest are named.
    neighbours
        How many of them.
    """

    file: Annotated[Path, SourceFile()]
    id: str | None = None
    labels: Annotated[str | None, Input("Dataset")] = None
    neighbours: Annotated[int, Ge(1)] = 8

    output: ClassVar[str] = "Report"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of ``view.html`` and ``view.png``."""
        path = work.source(self.file)
        reading = self.placed(work.folder)
        picked = pick(str(path), None, reading) if self.id is None else pick(self.id, path, reading)
        facts, labels = facts_of(picked.structure), inputs["labels"]
        near = None if labels is None else nearest_labelled(picked.material(facts.formula), labels, self.neighbours)
        folder = work.scratch / "view"
        folder.mkdir()
        write_view(picked, facts, near, folder / "view.png", folder / "view.html")
        return WrittenFiles(folder, "view.html", f"{picked.id}: {facts.formula}")

    def summary(self, result: WrittenFiles) -> str:
        """What it shows."""
        return result.words

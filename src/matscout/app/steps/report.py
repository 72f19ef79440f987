"""The report on a shortlist: the data, the quality of the model, what to make next and why, with tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from matscout.app.output import write_scouting
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import Input, StepKind, StepWork, WrittenFiles
from matscout.workflow.results import scouting_of


@dataclass(frozen=True)
class ReportStep(StepKind):
    """Write a report.

    Parameters
    ----------
    shortlist
        The ranked candidates.
    quality
        Scores of the models.
    models
        Those that ranked.
    labels
        Labelled rows, as the models learned from them.
    rounds
        What became of earlier proposals.
    learning_curves, back_tests
        What more labels would bring, and what a search would have found.
    command
        How to run the same again.
    """

    shortlist: Annotated[str, Input("Ranking")] = ""
    quality: Annotated[tuple[str, ...], Input("Evaluation")] = ("",)
    models: Annotated[tuple[str, ...], Input("Model")] = ("",)
    labels: Annotated[str, Input("Dataset")] = ""
    rounds: Annotated[str | None, Input("RoundReview")] = None
    learning_curves: Annotated[tuple[str, ...], Input("LearningCurve")] = ()
    back_tests: Annotated[tuple[str, ...], Input("BackTest")] = ()
    command: Annotated[str, SettingInfo(default=False)] = "matscout run workflow.yaml -o OUT_DIR"

    output: ClassVar[str] = "Report"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of ``report.html``, ``shortlist.csv``, ``predictions.csv``, ``scouting.json`` and ``model``."""
        scouting = scouting_of(
            inputs["labels"],
            inputs["shortlist"],
            inputs["models"],
            inputs["quality"],
            learning_curves=inputs["learning_curves"],
            back_tests=inputs["back_tests"],
            review=inputs["rounds"],
            seconds=work.seconds,
            command=self.command,
        )
        written = write_scouting(scouting, work.scratch / "report")
        n = len(scouting.ranking.shortlist)
        return WrittenFiles(work.scratch / "report", "report.html", f"report on {n:,} candidates: {written.command}")

    def summary(self, result: WrittenFiles) -> str:
        """What it is about."""
        return result.words.partition(":")[0].removeprefix("report on ")

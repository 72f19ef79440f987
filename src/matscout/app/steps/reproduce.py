"""A reproduced figure of a paper, compared with the original."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from matscout.extras import require
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import StepKind, StepWork, WrittenFiles


@dataclass(frozen=True, kw_only=True)
class ReproduceStep(StepKind):
    """Make a figure again.

    Parameters
    ----------
    figure
        Name of a plan in experiments, e.g. deep-infomax/fig8.
    changes
        scale=smoke|cpu|full and other changes, KEY=VALUE.
    """

    figure: str
    changes: Annotated[tuple[str, ...], SettingInfo(key="set")] = ()

    output: ClassVar[str] = "Run"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> WrittenFiles:
        """The folder of the figure; a run that was stopped goes on where it was."""
        require("torch", "lightning", "hydra", extra="torch")
        from matscout.studies.running import StudyPlan, reproduce, result_folder_of

        place = work.lasting("figures", self.figure, self.changes)
        plan = StudyPlan.read(self.figure, self.changes)
        made = reproduce(plan, place, work.progress)
        verdicts = "; ".join(f"{one.verdict}: {one.statement}" for one in made.findings)
        return WrittenFiles(result_folder_of(plan, place), made.svg.name, verdicts)

    def summary(self, result: WrittenFiles) -> str:
        """What the comparison says."""
        return result.words

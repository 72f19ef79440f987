"""Strategies compared: which would have found the best labelled rows with the fewest measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.data.csv_files import write_csv
from matscout.discover.strategy_comparison import StrategyComparison
from matscout.progress import WorkPart
from matscout.settings.fields import SettingInfo
from matscout.settings.sharing import taken_over
from matscout.store import Store
from matscout.workflow.contest_settings import ContestSettings
from matscout.workflow.kind import Input, StepKind, StepWork
from matscout.workflow.strategy_contest import StrategyContest


@dataclass(frozen=True, kw_only=True)
class CompareStrategiesStep(ContestSettings, StepKind):
    """Play campaigns of several strategies on labelled rows.

    Parameters
    ----------
    labels
        Labelled rows.
    goal
        What is looked for.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    goal: Annotated[str | float, SettingInfo(words="a goal such as 'gap=1:2' or max")]

    output: ClassVar[str] = "StrategyComparison"
    information: ClassVar[str] = "Repeats of a material are one row; of more than 1,000 rows a random part plays."
    predicts: ClassVar[bool] = True
    divides: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> StrategyComparison:
        """All campaigns."""
        store = None if work.store is None else Store(work.store)
        return self._contest(inputs).play(store, work.progress)

    def parts(self, inputs: Mapping[str, Any], work: StepWork) -> list[WorkPart]:
        """Every campaign."""
        return [] if work.store is None else self._contest(inputs).parts(Store(work.store))

    def _contest(self, inputs: Mapping[str, Any]) -> StrategyContest:
        return StrategyContest.of(inputs["labels"], str(self.goal), taken_over(ContestSettings, self))

    def summary(self, result: StrategyComparison) -> str:
        """The verdict."""
        return result.verdict

    def write(self, result: StrategyComparison, folder: Path) -> None:
        """Write ``strategies.csv``, ``campaigns.csv`` and the curves, ``campaigns.png``."""
        from matscout.evaluation.campaign_plot import campaign_plot

        write_csv(result.to_frame(), folder / "strategies.csv")
        write_csv(result.campaigns(), folder / "campaigns.csv")
        campaign_plot(result).savefig(folder / "campaigns.png", dpi=200)

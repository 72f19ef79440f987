"""Replay of the search on your own labels, compared with a random order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import polars as pl
from annotated_types import Ge

from matscout.data.csv_files import write_csv
from matscout.discover.back_test import BackTest
from matscout.discover.goals import parse_goals
from matscout.evaluation.plan import EvaluationPlan
from matscout.settings.fields import SettingInfo
from matscout.workflow.findings import play_back
from matscout.workflow.kind import Input, StepKind, StepWork


@dataclass(frozen=True, kw_only=True)
class BackTestStep(StepKind):
    """Play a search back on labelled rows.

    Parameters
    ----------
    labels
        Labelled rows.
    goal
        What is looked for.
    seed
        Of random choices.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    goal: Annotated[str | float, SettingInfo(words="a goal such as 'gap=1:2' or max")]
    seed: Annotated[int, Ge(0)] = 0

    output: ClassVar[str] = "BackTest"
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> BackTest | None:
        """The campaigns; None if the labels are too few."""
        labels = inputs["labels"]
        (goal,) = parse_goals([str(self.goal)], labels.targets)
        return play_back(labels, goal, EvaluationPlan(seed=self.seed), work.progress)

    def summary(self, result: BackTest | None) -> str:
        """What would have been found."""
        return "too few labels" if result is None else result.sentence

    def write(self, result: BackTest | None, folder: Path) -> None:
        """Write ``back-test.csv``: rows measured so far, what was found by then, and what chance would find."""
        if result is not None:
            curves = {"measured": result.measured, "found": result.curve, "found_by_chance": result.curve_by_random}
            write_csv(pl.DataFrame(curves), folder / "back-test.csv")

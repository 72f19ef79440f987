"""What one run of the main job found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matscout.data.dataset import Dataset
from matscout.discover.base import Goal
from matscout.workflow.check import CheckSummary
from matscout.workflow.findings import Finding
from matscout.workflow.search import Ranking, Search
from matscout.workflow.side_by_side import Plan
from matscout.workflow.summary import summarise


@dataclass(frozen=True, eq=False)
class Scouting:
    """Everything one run of the main job found.

    Parameters
    ----------
    dataset
        The labels.
    check
        What was read and what was left out.
    goals
        What was looked for.
    findings
        Target name -> model, scores, learning curve and back-test.
    ranking
        The candidates, their predictions, the shortlist, and where watched materials rank.
    plan, search
        The settings of the run.
    seconds
        Wall time.
    command
        How to run the same again: a command line, or a call from Python.
    folder
        Where the results lie; None if they were not written.
    """

    dataset: Dataset
    check: CheckSummary
    goals: tuple[Goal, ...]
    findings: Mapping[str, Finding]
    ranking: Ranking
    plan: Plan
    search: Search
    seconds: float
    command: str
    folder: Path | None = None

    def summary(self) -> str:
        """The run in a few lines, for the terminal."""
        parts = (self.check, tuple(self.findings.values()), self.ranking, self.goals)
        return "\n".join(summarise(*parts, batch=self.search.batch, seconds=self.seconds, folder=self.folder))

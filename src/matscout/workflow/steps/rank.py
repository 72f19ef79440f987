"""The shortlist: candidates in the order in which to try them, with predictions, evidence and remarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, MinLen

from matscout.counting import counted
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import Input, StepKind, StepWork
from matscout.workflow.learning_settings import GoalWords, RankSettings
from matscout.workflow.ranking import rank_for_goals
from matscout.workflow.search import GivenCandidates, Ranking, Search
from matscout.workflow.shortlist_files import write_shortlist


@dataclass(frozen=True, kw_only=True)
class RankStep(RankSettings, StepKind):
    """Rank candidates.

    Parameters
    ----------
    candidates
        What is ranked.
    models
        A model of each target of the goals.
    labels
        The labelled rows.
    quality
        Scores of these models: chances are corrected by what came true.
    back_tests
        Searches played back: where one does no better than chance, nothing is proposed.
    rounds
        What became of earlier proposals: those that are not measured yet are marked.
    goal
        What is wanted, one or several.
    elements
        Elements that candidates may hold (else all).
    watch
        Formulas that are added, and whose rank is reported.
    define
        Name -> law of properties that follow from others.
    seed
        Of random choices.
    """

    candidates: Annotated[str, Input("Candidates")]
    models: Annotated[tuple[str, ...], Input("Model")] = ("",)
    labels: Annotated[str, Input("Dataset")] = ""
    quality: Annotated[tuple[str, ...], Input("Evaluation")] = ()
    back_tests: Annotated[tuple[str, ...], Input("BackTest")] = ()
    rounds: Annotated[str | None, Input("RoundReview")] = None
    goal: Annotated[tuple[GoalWords, ...], MinLen(1)]
    elements: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ()
    watch: Annotated[tuple[str, ...], SettingInfo(commas=True)] = ()
    define: Mapping[str, str] = field(default_factory=dict)
    seed: Annotated[int, Ge(0)] = 0

    output: ClassVar[str] = "Ranking"
    predicts: ClassVar[bool] = True

    @property
    def search(self) -> Search:
        """How it is ranked; the candidates are among its inputs."""
        return Search(
            elements=self.elements,
            exclude=self.exclude,
            require=self.require,
            must=self.elements_held,
            allow=self.allow,
            settings=self.set_to,
            order=self.order,
            batch=self.batch,
            watch=self.watch,
            seed=self.seed,
        )

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Ranking:
        """The order."""
        return rank_for_goals(
            inputs["labels"],
            [str(goal) for goal in self.goal],
            inputs["models"],
            inputs["quality"],
            candidates=GivenCandidates(inputs["candidates"]),
            search=self.search,
            definitions=self.define,
            back_tests=[one for one in inputs["back_tests"] if one is not None],
            level=self.level,
            rounds=() if inputs["rounds"] is None else inputs["rounds"].rounds,
            progress=work.progress,
        )

    def summary(self, result: Ranking) -> str:
        """How many are ranked, and what comes first."""
        table = result.shortlist.table
        first = f"; first {', '.join(table['formula'][:3].to_list())}" if len(table) else ""
        return f"{counted(int((result.shortlist.ranks > 0).sum()), 'candidate')} ranked{first}"

    def write(self, result: Ranking, folder: Path) -> None:
        """Write ``shortlist.csv`` and ``shortlist.xlsx``."""
        write_shortlist(result.shortlist, folder)

"""What all steps have in common that make candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import polars as pl

from matscout.counting import counted
from matscout.data.csv_files import write_csv
from matscout.discover.base import Goal
from matscout.generate.base import Candidates, Generator
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import Input, StepKind, StepWork
from matscout.workflow.parsing import parse_must
from matscout.workflow.search import Search, find_candidates, find_must

Symbols = Annotated[tuple[str, ...], SettingInfo(commas=True)]


@dataclass(frozen=True)
class CandidateSettings(StepKind):
    """A step that makes candidates for labels.

    Parameters
    ----------
    labels
        Labelled rows.
    targets
        Rows with a value of one of these count as labelled (else all rows).
    must
        Elements that candidates must hold; auto: those in 95 % of at least 20 labels.
    exclude
        Elements that they must not hold.
    conditions
        Context columns that are set, so that candidates need not bring them.
    seed
        Of random choices.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    targets: tuple[str, ...] = ()
    must: Symbols = ("auto",)
    exclude: Symbols = ()
    conditions: Annotated[Mapping[str, str | float], SettingInfo(key="set")] = field(default_factory=dict)
    seed: int = 0

    output: ClassVar[str] = "Candidates"

    def search(self, work: StepWork) -> Search:
        """Where the candidates come from."""
        return Search()

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Candidates:
        """The candidates, before any filter."""
        labels = inputs["labels"]
        search = replace(
            self.search(work),
            must=parse_must(", ".join(self.must)),
            exclude=self.exclude,
            settings={name: str(value) for name, value in self.conditions.items()},
            seed=self.seed,
        )
        goals = [Goal(labels.target(name).name, 0.0, 0.0) for name in self.targets]
        return find_candidates(labels, search, work.progress, find_must(labels, search, goals))

    def summary(self, result: Candidates) -> str:
        """How many."""
        return counted(len(result), "candidate")

    def write(self, result: Candidates, folder: Path) -> None:
        """Write ``candidates.csv``."""
        write_candidates(result, folder)


def write_candidates(candidates: Candidates, folder: Path) -> Path:
    """Write ids, formulas, facts and origins as ``candidates.csv``."""
    from matscout.generate.facts import columns_of

    materials = candidates.materials
    columns: dict[str, Any] = {"id": materials.ids.astype(str), "formula": materials.formulas.astype(str)}
    columns |= columns_of(candidates.facts.values(), columns)
    columns["origin"] = candidates.origins.astype(str)
    return write_csv(pl.DataFrame(columns), folder / "candidates.csv")


def made_by(generator: Generator) -> Search:
    """The search among what a generator makes."""
    return Search(candidates=generator)

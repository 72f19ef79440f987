"""Review of the proposals of earlier rounds: which are measured now, and how well predictions and chances held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from matscout.data.csv_files import write_csv
from matscout.data.files import write_text_whole
from matscout.workflow.kind import Input, SourceFile, StepKind, StepWork
from matscout.workflow.round_review import RoundReview, review_rounds
from matscout.workflow.round_tables import review_as_json, rounds_table
from matscout.workflow.round_words import measured_sentence
from matscout.workflow.rounds import read_rounds


@dataclass(frozen=True, kw_only=True)
class MeasuredStep(StepKind):
    """Add the results of a round.

    Parameters
    ----------
    labels
        Labelled rows, with those that were measured since.
    since
        Folder of the earlier result.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    since: Annotated[Path, SourceFile()]

    output: ClassVar[str] = "RoundReview"

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> RoundReview:
        """Proposals compared with measurements, over all rounds."""
        return review_rounds(read_rounds(work.source(self.since)), inputs["labels"])

    def summary(self, result: RoundReview) -> str:
        """How many proposals are measured."""
        return measured_sentence(result)

    def write(self, result: RoundReview, folder: Path) -> None:
        """Write ``rounds.csv`` and ``round.json``."""
        write_csv(rounds_table(result), folder / "rounds.csv")
        text = json.dumps(review_as_json(result), indent=1, allow_nan=False, ensure_ascii=False)
        write_text_whole(folder / "round.json", f"{text}\n")

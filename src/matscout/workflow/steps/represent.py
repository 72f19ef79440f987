"""Vectors of materials by one representation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import polars as pl

from matscout.counting import part_of
from matscout.represent.base import Embedding
from matscout.represent.embedding import embed, make_representation
from matscout.settings.fields import SettingInfo
from matscout.workflow.kind import Input, StepKind, StepWork, placed_address


@dataclass(frozen=True, kw_only=True)
class RepresentStep(StepKind):
    """Turn materials into vectors.

    Parameters
    ----------
    labels
        Materials, labelled or not.
    representation
        Which representation.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    representation: Annotated[str, SettingInfo(key="with")]

    output: ClassVar[str] = "Embedding"
    information: ClassVar[str] = "Each representation documents what it keeps and which symmetries it respects."
    predicts: ClassVar[bool] = True

    def run(self, inputs: Mapping[str, Any], work: StepWork) -> Embedding:
        """The vectors, and why materials have none."""
        return embed(inputs["labels"].materials, placed_address(self.representation, work.folder))

    def summary(self, result: Embedding) -> str:
        """How many, and how long."""
        dropped = sum(problem.dropped for problem in result.problems)
        rows = len(result.rows)
        return f"{part_of(rows, rows + dropped, 'vector')} of {len(result.columns)} columns by {self.representation}"

    def write(self, result: Embedding, folder: Path) -> None:
        """Write ``vectors.parquet``: the number of the row from 1, and a column for each component."""
        columns = {name: result.vectors[:, place] for place, name in enumerate(result.columns)}
        pl.DataFrame({"row": result.rows + 1, **columns}).write_parquet(folder / "vectors.parquet")

    def origin(self, folder: Path) -> object:
        """Weights and tables of the representation."""
        return make_representation(placed_address(self.representation, folder)).origin

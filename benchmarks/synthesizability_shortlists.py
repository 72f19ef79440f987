"""Cells of ``benchmarks/synthesizability.py``: what likeness to known materials changes in the first of a shortlist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from ledger import CODE, Measured

import matscout
from matscout.discover.likeness import PREFIX

FIRST = 50
KEEP = 0.3
"""Share of the shortlist, the most like known materials, among which the first are taken with likeness."""
PLACE, SEEN = f"{PREFIX}_percentile_unlabelled", f"{PREFIX}_seen"


@dataclass(frozen=True)
class ShortlistCell(Measured):
    """A run of ``scout`` on an example that comes with matscout."""

    example: str
    target: str
    goal: str

    decided_by: ClassVar[tuple[str, ...]] = (*CODE, "matscout.generate", "matscout.discover")

    @property
    def name(self) -> str:
        return f"shortlist, {self.example}, {self.target}={self.goal}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """The first 50 without and with likeness: known ones, predicted value, chance of the goal."""
        table = Path(matscout.__file__).parent / "examples" / f"{self.example}.csv"
        labels = matscout.read(table, target=self.target)
        made = matscout.scout(labels, f"{self.target}={self.goal}", fast=True, seed=0)
        rows = made.ranking.shortlist.table.sort("rank")
        like = rows.filter(pl.col(PLACE) >= rows[PLACE].quantile(1 - KEEP))
        return {
            "example": self.example,
            "goal": f"{self.target} {self.goal}",
            "candidates": len(rows),
            "without": self._of(rows.head(FIRST)),
            "with": self._of(like.head(FIRST)),
        }

    def _of(self, rows: pl.DataFrame) -> dict[str, float]:
        known = rows["known"].fill_null("").to_numpy()
        columns = {"seen": SEEN, "likeness": PLACE, "predicted": f"{self.target}_predicted"}
        columns["chance"] = f"{self.target}_goal_probability"
        means = {name: float(np.mean(rows[column].to_numpy())) for name, column in columns.items()}
        return {**{word: float(np.mean(known == word)) for word in ("made", "calculated")}, **means}


def shortlist_cells() -> Iterator[ShortlistCell]:
    """The bundled example, and thermoelectrics."""
    yield ShortlistCell("band_gaps", "band gap", "1.1:1.6")
    yield ShortlistCell("thermoelectrics", "Seebeck coefficient", "absmax")

"""Structures for half of the rows: ``python benchmarks/some_structures.py [--draws N] [--labels N] ...`` (minutes).

Moduli of mp_elasticity, with the structures of a random half of the labels taken away. ``auto`` that learns from all
rows is compared on unseen formulas with what there was before: a model of formulas from all rows, and a model of
structures from the rows that have one. Finished cells are lines of ``benchmarks/results/some_structures.jsonl``; the
page is ``benchmarks/results/some_structures.md``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from jobs import CELLS, RESULTS, fail_if
from ledger import Ledger, Measured
from structure_tasks import PART, elasticity

import matscout
from matscout import __version__
from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.predict.base import Predictions

PROPERTIES = ("bulk_modulus_vrh_GPa", "shear_modulus_vrh_GPa")
LABELS = (100, 300)
TESTED = 500
MODEL = "auto-strict"
PAGE = """# Structures for half of the rows

`python benchmarks/some_structures.py`, {date}, matscout {version}, `{model}` (`fast`), {draws} draws. Mean absolute \
errors of log10 of a modulus in GPa on {tested} rows of unseen formulas, ± the standard error over draws; the ratio is
that of *both* to the better of the others, and coverage is that of 90 % intervals. *Formulas*: all labels, without
their structures. *Structures*: only the labels that have one. *Both*: all labels, as they are.

| modulus | labels | tested | formulas | structures | both | ratio | coverage of both |
|---|--:|---|--:|--:|--:|--:|--:|
{rows}
"""


@dataclass(frozen=True)
class Cell(Measured):
    """One draw of labels of one property."""

    column: str
    labels: int
    draw: int

    @property
    def name(self) -> str:
        return f"{self.column}, {self.labels} labels, draw {self.draw}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """Errors of the three models on rows with and without their structures."""
        dataset = elasticity(self.column)
        rng = np.random.default_rng([self.labels, self.draw])
        parts = dataset.table[PART].to_numpy()
        labels = dataset[np.sort(rng.permutation(np.flatnonzero(parts == "learn"))[: self.labels])]
        tested = dataset[np.sort(rng.permutation(np.flatnonzero(parts == "test"))[:TESTED])]
        known = np.sort(rng.permutation(self.labels)[: self.labels // 2])
        models = {
            "formulas": _without(labels),
            "structures": labels[known],
            "both": _with_some(labels, known),
        }
        found: dict[str, Any] = {"column": self.column, "labels": self.labels, "draw": self.draw}
        for name, given in models.items():
            model = matscout.fit(given, model=MODEL, fast=True, seed=self.draw)
            asked = {"with": tested} if name == "structures" else {"without": _without(tested)}
            for kind, rows in (
                asked.items() if name != "both" else {"with": tested, "without": _without(tested)}.items()
            ):
                said = model.predict(rows.materials, 0.9)
                assert isinstance(said, Predictions)
                true = rows.target().values
                found[f"{name} {kind}"] = {
                    "mae": float(np.abs(said.predicted - true).mean()),
                    "coverage": float(((said.lower <= true) & (true <= said.upper)).mean()),
                }
        return found


def _without(dataset: Dataset) -> Dataset:
    return replace(dataset, materials=replace(dataset.materials, structures=None))


def _with_some(dataset: Dataset, known: np.ndarray) -> Dataset:
    structures = dataset.materials.structures
    assert structures is not None
    return replace(
        dataset, materials=replace(dataset.materials, structures=structures[known].spread(known, len(dataset)))
    )


def rows(cells: list[dict[str, Any]]) -> str:
    """The lines of the table."""
    lines = []
    for column in PROPERTIES:
        for labels in LABELS:
            own = [cell for cell in cells if (cell["column"], cell["labels"]) == (column, labels)]
            for kind in ("with", "without") if own else ():
                lines.append(f"| {column.split('_')[0]} | {labels} | {kind} structure | {_numbers(own, kind)} |")
    return "\n".join(lines)


def _numbers(own: list[dict[str, Any]], kind: str) -> str:
    # A row with a structure may be asked of the model of formulas, too.
    errors = {
        "formulas": [cell["formulas without"]["mae"] for cell in own],
        "structures": [cell["structures with"]["mae"] for cell in own] if kind == "with" else None,
        "both": [cell[f"both {kind}"]["mae"] for cell in own],
    }
    means = {name: float(np.mean(of)) for name, of in errors.items() if of is not None}
    told = [f"{np.mean(of):.4f} ± {np.std(of, ddof=1) / np.sqrt(len(of)):.4f}" if of else "" for of in errors.values()]
    ratio = means["both"] / min(mean for name, mean in means.items() if name != "both")
    coverage = np.mean([cell[f"both {kind}"]["coverage"] for cell in own])
    return " | ".join([*told, f"{ratio:.3f}", f"{coverage:.1%}"])


def main() -> None:
    """Make the cells that are missing, and write the page of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--labels", action="append", type=int)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of cells and page")
    asked = parser.parse_args()
    wanted = [
        Cell(column, labels, draw)
        for draw in range(asked.draws)
        for labels in asked.labels or LABELS
        for column in PROPERTIES
    ]
    ledger = Ledger[Cell](asked.out / "some_structures.jsonl")
    failed = ledger.make(wanted, CELLS, asked.processes)
    cells = [ledger[cell] for cell in wanted if cell in ledger]
    facts = {"date": f"{datetime.now(tz=UTC):%Y-%m-%d}", "version": __version__, "model": MODEL}
    told = PAGE.format(**facts, draws=asked.draws, tested=TESTED, rows=rows(cells))
    write_text_whole(asked.out / "some_structures.md", told)
    print(told)
    fail_if(failed)


if __name__ == "__main__":
    main()

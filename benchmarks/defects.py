"""Point defects: ``python benchmarks/defects.py [--part NAME] [--seeds N]`` (an hour on one processor).

Part ``pilot``: 200 MoS2 cells of 8 x 8 with two or three defects: five random folds, learning curves, each set of
defects left out. Part ``law``: what a vacancy of Mo and one of S gain at each distance, as a picture. Part ``oxides``:
neutral oxygen vacancies by formula. Part ``speed``: reading, listing, scoring. Finished cells are lines of
``benchmarks/results/defects.jsonl``; the page is ``benchmarks/results/defects.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from defects_law import draw_law
from defects_page import page
from defects_rows import LARGE, TARGETS, oxides, pilot, whole_cells
from defects_speed import speeds
from jobs import CELLS, RESULTS, fail_if
from ledger import Ledger, Measured
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import HuberRegressor

from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.predict.base import Predictions
from matscout.predict.fitting import fit

Rows = NDArray[np.int64]

FOLDS = 5
SIZES = (25, 50, 100, 160)
TEST_ROWS = 40
FEW = 30
"""Training rows, up to which intervals are asked for at 80 %."""
PAIRS, CHOICE = "defect-pairs", "auto"
WHOLE = "ExtraTrees on structure-basic of the cell"
MODELS = (PAIRS, CHOICE, "trees=defect-pairs", "trees=defect-counts", "trees=defect-edges", WHOLE)
LAW, HOST = "law of three features", "trees=magpie"
OXIDES = (LAW, CHOICE, HOST)
RANDOM, CURVE, LEFT_OUT, FORMULAS = "random folds", "labels", "left out", "formulas"


@dataclass(frozen=True)
class Cell(Measured):
    """A model on one division of one target."""

    protocol: str
    target: str
    model: str
    part: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.protocol}, {self.target}, {self.model}, {self.part}, {self.seed}"

    def measure(self, folder: Any) -> dict[str, Any]:
        """Errors of the test rows in eV, their families, and what lies in the 90 % intervals."""
        del folder
        if self.protocol == FORMULAS:
            return self._of_oxides()
        rows = pilot()
        dataset = rows.dataset(self.target)
        errors, inside, names = [], [], []
        for train, test in self._splits():
            predicted, within = _predicted(self.model, dataset, train, test, self.seed)
            errors += np.abs(predicted - dataset.target().values[test]).tolist()
            inside += within.tolist()
            names += rows.families[test].tolist()
        return {"errors": errors, "inside": inside, "families": names}

    def _splits(self) -> Iterator[tuple[Rows, Rows]]:
        order = np.random.default_rng(self.seed).permutation(len(pilot().families))
        if self.protocol == RANDOM:
            for fold in range(FOLDS):
                test = order[fold::FOLDS]
                yield np.setdiff1d(order, test), test
        elif self.protocol == CURVE:
            yield np.sort(order[TEST_ROWS : TEST_ROWS + int(self.part)]), np.sort(order[:TEST_ROWS])
        else:
            own = pilot().families == self.part
            yield np.flatnonzero(~own), np.flatnonzero(own)

    def _of_oxides(self) -> dict[str, Any]:
        dataset = oxides()
        assert dataset.groups is not None
        formulas = np.random.default_rng(self.seed).permutation(np.unique(dataset.groups))
        errors, inside = [], []
        for fold in range(FOLDS):
            own = np.isin(dataset.groups, formulas[fold::FOLDS])
            train, test = np.flatnonzero(~own), np.flatnonzero(own)
            predicted, within = _predicted(self.model, dataset, train, test, self.seed)
            errors += np.abs(predicted - dataset.target().values[test]).tolist()
            inside += within.tolist()
        return {"errors": errors, "inside": inside, "families": [""] * len(errors)}


def _predicted(
    model: str, dataset: Dataset, train: Rows, test: Rows, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values = dataset.target().values
    nothing = np.zeros(0, dtype=np.bool_)
    if model == WHOLE:
        forest = ExtraTreesRegressor(500, random_state=seed).fit(whole_cells()[train], values[train])
        return forest.predict(whole_cells()[test]), nothing
    if model == LAW:
        columns = np.column_stack(list(dataset.materials.context.values())).astype(np.float64)
        law = HuberRegressor(max_iter=1000).fit(columns[train], values[train])
        return law.predict(columns[test]), nothing
    fitted = fit(dataset[train], model=model, seed=seed)
    predictions = fitted.predict(dataset.materials[test], level=0.9 if len(train) > FEW else 0.8)
    assert isinstance(predictions, Predictions)
    truth = values[test]
    return predictions.predicted, (predictions.lower <= truth) & (truth <= predictions.upper)


def cells(seeds: int) -> Iterator[Cell]:
    """All that is measured."""
    for target in TARGETS:
        for model in MODELS:
            for family in LARGE:
                yield Cell(LEFT_OUT, target, model, family, 0)
            for seed in range(seeds):
                yield Cell(RANDOM, target, model, "", seed)
            for size in SIZES if model in (PAIRS, CHOICE, "trees=defect-pairs") else ():
                for seed in range(seeds):
                    yield Cell(CURVE, target, model, str(size), seed)


def cells_of_oxides(seeds: int) -> Iterator[Cell]:
    """Those of the oxygen vacancies."""
    for model in OXIDES:
        for seed in range(seeds):
            yield Cell(FORMULAS, "Ev", model, "", seed)


def main() -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("pilot", "law", "oxides", "speed"), default=None)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    ledger: Ledger[Cell] = Ledger(RESULTS / "defects.jsonl")
    wanted = {"pilot": list(cells(asked.seeds)), "oxides": list(cells_of_oxides(asked.seeds))}
    failed: list[str] = []
    for part, own in wanted.items():
        if asked.part in (None, part):
            failed += ledger.make(own, CELLS, asked.jobs)
    if asked.part in (None, "law"):
        draw_law(RESULTS / "defects-law.png")
    if asked.part in (None, "speed"):
        write_text_whole(RESULTS / "defects-speed.json", speeds())
    known = {cell: ledger[cell] for own in wanted.values() for cell in own if cell in ledger}
    write_text_whole(RESULTS / "defects.md", page(known, RESULTS / "defects-speed.json"))
    fail_if(failed)


if __name__ == "__main__":
    main()

"""Known and unlabelled materials: ``python benchmarks/synthesizability.py [--draws N] [--jobs N]`` (half an hour).

Learners of likeness beside trivial rivals and published scores: perovskites on the published split (94 known rows held
out, and a fifth of the unlabelled rows, draw after draw) and on five folds by formula; crystals of the Materials
Project under four protocols; what became known after 2020 (``synthesizability_parts.py``). Finished cells are lines of
``benchmarks/results/synthesizability.jsonl``; the page is ``benchmarks/results/synthesizability.md``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from jobs import CELLS, RESULTS, fail_if
from ledger import Ledger, Measured
from numpy.typing import NDArray
from synthesizability_page import page
from synthesizability_parts import later_cells, mp_cells
from synthesizability_shortlists import shortlist_cells
from synthesizability_tables import COLUMNS, ELEMENTS, Perovskites, perovskites

from matscout import __version__
from matscout.data.files import write_text_whole
from matscout.evaluation.folds import deal_groups
from matscout.predict.likeness_learner import LikenessExamples, likeness_learner
from matscout.predict.recall_curves import SHARES, RecallCurve, recall_of

PUBLISHED, FORMULA = "published split", "folds by formula"
PUBLISHED_SHARE = 0.0937
"""Of the unlabelled rows that the published score puts above 0.5."""
DRAWS, FOLDS = 5, 5
HELD_OUT = 0.2
CLASS_PRIOR = 0.15
"""For nnpu, which needs one."""
LEARNERS = ("naive", "bag", "spies", "nnpu")
RIVALS = ("element-popularity", "known-systems")
SCORE = "published score"
STRUCTURES = "composition and structure"
RESAMPLED = 400


@dataclass(frozen=True)
class Cell(Measured):
    """A learner on columns, and one draw of a protocol, or one fold of it."""

    protocol: str
    columns: str
    learner: str
    draw: int

    @property
    def name(self) -> str:
        return f"{self.protocol}, {self.learner}, {self.columns}, {self.draw}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """Recall of the known test rows, and the processor time of fitting and scoring."""
        rows = perovskites(folder)
        train, test = split(rows, self.protocol, self.draw)
        if self.columns != STRUCTURES:
            train = without_others_of(rows, train, test)
        start = time.process_time()
        scores = rows.published[test] if self.learner == SCORE else self._scores(rows, train, test)
        seconds = time.process_time() - start
        facts = {"protocol": self.protocol, "columns": self.columns, "learner": self.learner, "draw": self.draw}
        return {**facts, **told(rows, train, test, scores, self.draw), "seconds": seconds}

    def _scores(self, rows: Perovskites, train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.float64]:
        vectors = rows.vectors[self.columns].astype(np.float64)
        examples = LikenessExamples(
            vectors[train], rows.known[train], class_prior=CLASS_PRIOR, seed=self.draw, fast=False
        )
        return likeness_learner(self.learner)().fit(examples).score(vectors[test])


def split(rows: Perovskites, protocol: str, draw: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Training and test rows."""
    if protocol == FORMULA:
        rng = np.random.default_rng(0)
        inside = deal_groups(rows.formulas, rows.known.astype(np.int64), FOLDS, rng) == draw
    else:
        drawn = np.random.default_rng(draw).random(len(rows.known)) < HELD_OUT
        inside = np.where(rows.known, rows.held_out, drawn)
    return np.flatnonzero(~inside), np.flatnonzero(inside)


def without_others_of(rows: Perovskites, train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.int64]:
    """Training rows without unlabelled structures of a test formula: by composition alone they are the test row."""
    return train[rows.known[train] | ~np.isin(rows.formulas[train], rows.formulas[test])]


def told(
    rows: Perovskites,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    scores: NDArray[np.float64],
    draw: int,
) -> dict[str, Any]:
    """Area with a bootstrap over formulas, and recall of all known test rows and of those with new formulas."""
    known = rows.known[test]
    familiar = np.isin(rows.formulas[test], rows.formulas[train][rows.known[train]])
    curve = RecallCurve.of(scores[known], scores[~known], draw)
    of_new = RecallCurve.of(scores[known & ~familiar], scores[~known & ~familiar], draw)
    low, high = interval(curve, rows.formulas[test], known)
    return {
        "n_known": int(known.sum()),
        "n_unlabelled": int((~known).sum()),
        "n_new": int((known & ~familiar).sum()),
        "area": float(curve.ahead().mean()),
        "area_low": low,
        "area_high": high,
        "recall": {f"{share:g}": recall_of(curve.shares(), share) for share in (PUBLISHED_SHARE, *SHARES)},
        "new": recall_of(of_new.shares(), PUBLISHED_SHARE),
        "area_new": float(of_new.ahead().mean()),
    }


def interval(curve: RecallCurve, formulas: NDArray[np.str_], known: NDArray[np.bool_]) -> tuple[float, float]:
    """5th and 95th percentile of the area over draws of formulas."""
    names, units = np.unique(formulas, return_inverse=True)
    rng, areas = np.random.default_rng(0), []
    for _ in range(RESAMPLED):
        counts = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names))).astype(np.float64)[units]
        if counts[known].any():
            areas.append(float(np.average(curve.ahead(counts[~known]), weights=counts[known])))
    low, high = np.quantile(areas, [0.05, 0.95])
    return float(low), float(high)


def cells(draws: int) -> Iterator[Cell]:
    """All that is measured."""
    for protocol, n in ((PUBLISHED, draws), (FORMULA, FOLDS)):
        for draw in range(n):
            if protocol == PUBLISHED:
                yield Cell(protocol, STRUCTURES, SCORE, draw)
            for learner in RIVALS:
                yield Cell(protocol, ELEMENTS, learner, draw)
            for columns in COLUMNS:
                for learner in LEARNERS:
                    yield Cell(protocol, columns, learner, draw)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--jobs", type=int, default=1, help="processes; 0 writes the page only")
    parser.add_argument("--again", action="store_true", help="also cells that other code has made")
    parser.add_argument("--list", action="store_true", help="name what is missing")
    asked = parser.parse_args(arguments)
    ledger: Ledger[Measured] = Ledger(RESULTS / "synthesizability.jsonl")
    parts: list[list[Measured]] = [
        list(cells(asked.draws)),
        list(mp_cells()),
        list(later_cells()),
        list(shortlist_cells()),
    ]
    wanted = [cell for part in parts for cell in part]
    if asked.list:
        print("\n".join(cell.name for cell in wanted if cell not in ledger))
        return
    failed = ledger.make(wanted, CELLS, asked.jobs, again=asked.again)
    made = [[ledger[cell] for cell in part if cell in ledger] for part in parts]
    date = datetime.now(tz=UTC).strftime("%Y-%m-%d")
    write_text_whole(RESULTS / "synthesizability.md", page(made, date, __version__, asked.draws, len(wanted)))
    fail_if(failed)


if __name__ == "__main__":
    main()

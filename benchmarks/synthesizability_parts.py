"""Cells of ``benchmarks/synthesizability.py`` on the Materials Project: protocols, and what became known later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ledger import Measured
from numpy.typing import NDArray
from scipy.stats import rankdata
from synthesizability_mp import MpCrystals, mp_crystals, snapshots

from matscout.evaluation.folds import deal_groups
from matscout.predict.likeness_learner import LikenessExamples, likeness_learner
from matscout.predict.likeness_learners.boosted import Boosted
from matscout.predict.recall_curves import SHARES, RecallCurve, recall_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

RANDOM, FORMULA, SYSTEM, DATE = "random", "formula", "chemical system", "date"
FOLDS, RUN = 5, {RANDOM: 1, FORMULA: 1, SYSTEM: 1, DATE: 1}
"""Folds of each protocol, and how many of them are run."""
LAST_YEAR = 2013
"""Of entries that are learned from, by date."""
COMPOSITION, STRUCTURE, HULL = "composition", "structure", "hull distance"
LEARNED = (COMPOSITION, f"{COMPOSITION}, {STRUCTURE}", f"{COMPOSITION}, {HULL}", f"{COMPOSITION}, {STRUCTURE}, {HULL}")
"""Columns that a learner sees, with commas between them."""
TWO_RANKS = "two ranks"
"""Learned on composition and structure, its rank plus half the rank of minus the hull distance."""
TRIVIAL = ("minus hull distance", "element-popularity", "known-systems")
LEARNER, TREES = "boosted", "naive"
STEPS, LEAVES = 200, 31
"""Of boosted trees: so many rows bear them, so nothing is tried."""
RESAMPLED = 100
OTHERS = 5000
"""Unlabelled rows beside those that became known."""
TRAINED_ON = (16_000, 70_000)
"""Rows that are learned from in the prospective part."""
DRAWS = 3
KEPT = (0.8, 0.9)
"""Shares of the rows that became known for which the share of the others is stated."""


@dataclass(frozen=True)
class MpCell(Measured):
    """A learner on columns, or a trivial rival, on one fold of a protocol."""

    protocol: str
    columns: str
    learner: str
    fold: int

    @property
    def name(self) -> str:
        return f"MP, {self.protocol}, {self.learner}, {self.columns}, {self.fold}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """Scores on the test rows, with a bootstrap over chemical systems."""
        rows = mp_crystals(folder)
        train, test = mp_split(rows, self.protocol, self.fold)
        start = time.process_time()
        scores = self._scores(rows, train, test)
        facts = {"protocol": self.protocol, "columns": self.columns, "learner": self.learner, "fold": self.fold}
        known = rows.known[test] == 1
        measured = measured_scores(scores, known, rows.systems[test], self.fold)
        return {**facts, **measured, "n_train": len(train), "seconds": time.process_time() - start}

    def _scores(self, rows: MpCrystals, train: Rows, test: Rows) -> Floats:
        known = rows.known == 1
        if self.learner == TRIVIAL[0]:
            return -rows.above[test]
        if self.learner == TWO_RANKS:
            learned = _fitted(LEARNER, mp_vectors(rows, self.columns), known, train, test)
            return _ranks(learned) + 0.5 * _ranks(-rows.above[test])
        vectors = rows.elements if self.learner in TRIVIAL else mp_vectors(rows, self.columns)
        return _fitted(self.learner, vectors, known, train, test)


def _fitted(learner: str, vectors: NDArray[np.float32], known: Flags, train: Rows, test: Rows) -> Floats:
    inputs = vectors.astype(np.float64)
    examples = LikenessExamples(inputs[train], known[train])
    if learner == LEARNER:
        return Boosted().boost(examples, STEPS, LEAVES).score(inputs[test])
    return likeness_learner(learner)().fit(examples).score(inputs[test])


def _ranks(values: Floats) -> Floats:
    """Ranks from 0 to 1, ties in the middle: most known rows tie at 0 above the hull."""
    return np.asarray(rankdata(values) / len(values), dtype=np.float64)


def mp_vectors(rows: MpCrystals, columns: str) -> NDArray[np.float32]:
    """The columns of these names, [n, d]."""
    parts = {COMPOSITION: rows.composition, STRUCTURE: rows.structure, HULL: rows.above[:, None].astype(np.float32)}
    return np.concatenate([parts[name] for name in columns.split(", ")], axis=1)


def mp_split(rows: MpCrystals, protocol: str, fold: int) -> tuple[Rows, Rows]:
    """Training and test rows, all with an energy above the hull."""
    there, known = np.isfinite(rows.above), (rows.known == 1).astype(np.int64)
    if protocol == DATE:
        dated = there & (rows.year > 0)
        early = rows.year <= LAST_YEAR
        return np.flatnonzero(dated & early), np.flatnonzero(dated & ~early)
    units = {RANDOM: np.arange(len(known)).astype(np.str_), FORMULA: rows.formulas, SYSTEM: rows.systems}[protocol]
    inside = deal_groups(units, known, FOLDS, np.random.default_rng(0)) == fold
    return np.flatnonzero(there & ~inside), np.flatnonzero(there & inside)


def measured_scores(scores: Floats, known: Flags, units: NDArray[np.str_], seed: int) -> dict[str, Any]:
    """Area and recalls with ties in random order, and the 5th and 95th percentile over draws of units."""
    curve = RecallCurve.of(scores[known], scores[~known], seed)
    names, places = np.unique(units, return_inverse=True)
    rng, drawn = np.random.default_rng(0), []
    for _ in range(RESAMPLED):
        counts = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names))).astype(np.float64)[places]
        shares, ahead = curve.both(counts[~known])
        weights = counts[known]
        drawn.append([float(np.average(ahead, weights=weights)), recall_of(shares, 0.1, weights)])
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return {
        "n_known": int(known.sum()),
        "n_unlabelled": int((~known).sum()),
        "area": float(curve.ahead().mean()),
        "area_low": float(low[0]),
        "area_high": float(high[0]),
        "recall_low": float(low[1]),
        "recall_high": float(high[1]),
        "recall": {f"{share:g}": recall_of(curve.shares(), share) for share in SHARES},
    }


@dataclass(frozen=True)
class LaterCell(Measured):
    """Those that became known after 2020 among others that did not, by what was known in 2020."""

    learner: str
    n_train: int
    draw: int

    @property
    def name(self) -> str:
        return f"later, {self.learner}, {self.n_train}, {self.draw}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """Recall of those that became known, and the share of the others that must be kept for 80 and 90 % of them."""
        rows = snapshots(folder)
        rng = np.random.default_rng(self.draw)
        became = np.flatnonzero(~rows.known_2020 & rows.known_later)
        never = np.flatnonzero(~rows.known_2020 & ~rows.known_later)
        test = np.concatenate([became, np.random.default_rng(0).choice(never, OTHERS, replace=False)])
        free = np.setdiff1d(np.arange(len(rows.known_2020)), test)
        train = rng.choice(free, min(self.n_train, len(free)), replace=False) if self.n_train else free
        start = time.process_time()
        scores = self._scores(folder, train, free, test)
        facts = {"learner": self.learner, "n_train": self.n_train, "draw": self.draw}
        known = np.arange(len(test)) < len(became)
        measured = measured_scores(scores, known, rows.formulas[test], self.draw)
        shares = np.sort(RecallCurve.of(scores[known], scores[~known], self.draw).shares())
        kept = {f"{share:g}": float(shares[int(np.ceil(share * len(shares))) - 1]) for share in KEPT}
        return {**facts, **measured, "kept": kept, "seconds": time.process_time() - start}

    def _scores(self, folder: Path, train: Rows, free: Rows, test: Rows) -> Floats:
        rows = snapshots(folder)
        if self.learner == "published score":
            return rows.published[test]
        if self.learner == "formula known":
            return np.isin(rows.formulas[test], rows.formulas[free][rows.known_2020[free]]).astype(np.float64)
        vectors = rows.elements if self.learner in TRIVIAL else rows.composition
        return _fitted(self.learner, vectors, rows.known_2020, train, test)


def mp_cells() -> Iterator[MpCell]:
    """All that is measured on crystals of the Materials Project."""
    for protocol, n in RUN.items():
        for fold in range(n):
            yield MpCell(protocol, HULL, TRIVIAL[0], fold)
            for rival in TRIVIAL[1:]:
                yield MpCell(protocol, "elements", rival, fold)
            for columns in LEARNED:
                yield MpCell(protocol, columns, LEARNER, fold)
    for protocol in (SYSTEM, DATE):
        for columns in LEARNED[:2]:
            yield MpCell(protocol, columns, TWO_RANKS, 0)
    yield MpCell(SYSTEM, LEARNED[0], TREES, 0)


def later_cells() -> Iterator[LaterCell]:
    """All that is measured on what became known."""
    for learner in ("published score", "formula known", "element-popularity"):
        yield LaterCell(learner, 0, 0)
    for n_train in TRAINED_ON:
        for draw in range(DRAWS if n_train == TRAINED_ON[0] else 1):
            yield LaterCell(LEARNER, n_train, draw)

"""Supervised networks from several initial weights, compared with small networks on frozen vectors (figs. 7 and 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import polars
from annotated_types import Ge, MinLen
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.crystal.crystals import Crystals
from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.represent.crystal_store import CrystalStore
from matscout.represent.fine_tuning import FewLabels, Lesson, fine_tune
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.pretraining.stages import TrainingStage
from matscout.settings.checking import check_settings
from matscout.store import key_of
from matscout.studies.base import CheckedStatement, ContestantComparison, CrystalStudy
from matscout.studies.boxes import box_plot, spread_table
from matscout.studies.checks import require_energy_and_gap, require_labels
from matscout.studies.crystals import LabelledCrystals
from matscout.studies.figures.frozen_vectors import TRAINED, UNTRAINED, FrozenVectors
from matscout.studies.networks import Pretraining, finished, untrained
from matscout.studies.parts import keep_table, table_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

RANDOM = "random start"
START = "start from {}"
FROZEN = "head on the vector, {}"
JUDGING_SHARE = 6
"""A sixth of the labels says when a network was best."""


@dataclass(frozen=True)
class Draw:
    """Labels of one property, by a seed that all starts share."""

    target: str
    size: int
    seed: int


@dataclass(frozen=True, eq=False)
class Lessons:
    """Crystals that every network can take, and the same prepared for them."""

    crystals: LabelledCrystals
    store: CrystalStore


class StartingWeights(CrystalStudy):
    """Whole networks of one kind learn from the same labels, from several starting weights.

    Parameters
    ----------
    crystals, folder
        See :class:`~matscout.studies.base.CrystalStudy`.
    weights
        Self-supervised networks that are trained already; empty to train them.
    pretraining
        Section ``experiment``, ``overrides``, ``seeds`` of the self-supervised start; the k-th draw takes the k-th
        seed, over and over.
    supervised
        The same of the start from the other property, without its name; null to leave it out.
    labels
        Numbers of labels.
    draws
        Of labels.
    epochs, learning_rate
        Of the supervised training; the weights are those that were best on a sixth of the labels.
    frozen
        Draws of labels for small networks on frozen vectors; 0 for none.
    untrained
        How many networks that were never trained these take.
    """

    def __init__(
        self,
        crystals: LabelledCrystals,
        folder: Path,
        *,
        weights: Sequence[str],
        pretraining: Mapping[str, object],
        supervised: Mapping[str, object] | None,
        labels: Annotated[Sequence[Annotated[int, Ge(2)]], MinLen(1)],
        draws: Annotated[int, Ge(2)],
        epochs: Annotated[int, Ge(1)],
        learning_rate: float,
        frozen: Annotated[int, Ge(0)],
        untrained: Annotated[int, Ge(0)],
    ) -> None:
        super().__init__(crystals, folder)
        require_energy_and_gap(crystals)
        self._labels = require_labels(labels, crystals)
        if frozen == 1 or (frozen and not untrained):
            raise UsageError(f"frozen vectors take at least 2 draws and 1 untrained network; got {frozen}, {untrained}")
        self._weights, self._given = weights, finished(weights, crystals, made_up=True)
        self._pretraining, self._made = pretraining, check_settings(Pretraining, pretraining, "pretraining")
        self._supervised = None if supervised is None else check_settings(Pretraining, supervised, "supervised")
        self._draws, self._frozen, self._untrained = draws, frozen, untrained
        self._stage = TrainingStage(encoder_moves=True, learning_rate=learning_rate, epochs=epochs, patience=epochs)

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """The MAE of every network, on all tested crystals."""
        trained = self._given or self._made.networks(self.crystals, self.folder, progress)
        tables = [self._heads(progress)] if self._frozen else []
        starts = {target: self._starts(target, trained, progress) for target in self.crystals.values}
        draws = [
            Draw(target, size, seed)
            for target in self.crystals.values
            for size in self._labels
            for seed in range(self._draws)
        ]
        crystals, left_out = self.crystals.known_to(trained[0])
        require_labels(self._labels, crystals)
        assert crystals.materials.structures is not None
        lessons = Lessons(crystals, trained[0].store(Crystals.from_structures(crystals.materials.structures)))
        done, count = 0, sum(len(starts[draw.target]) for draw in draws)
        for draw in draws:
            for start, networks in starts[draw.target].items():
                tables.append(self._cell(draw, start, networks[draw.seed % len(networks)], lessons))
                done += 1
                progress("networks from several starts", done, count)
        return polars.concat(tables).with_columns(left_out=polars.lit(left_out))

    def figure(self, runs: polars.DataFrame) -> Figure:
        """Boxes for each start, a column for each property."""
        return box_plot(runs, "start", None)

    def tables(self, runs: polars.DataFrame) -> str:
        """Mean, spread, median and trimean of every box, and how many crystals no network can take."""
        left_out = f"Crystals without a vector, which are neither learned from nor tested: {runs['left_out'][0]}."
        return f"{spread_table(runs, ('target', 'labels', 'start'))}\n\n{left_out}"

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """Those of the paper on this figure."""
        energy, gap = list(self.crystals.values)
        infomax = START.format(TRAINED)
        if self._frozen:
            return tuple(
                CheckedStatement.lower(
                    f"{target}: a whole network beats a head on the frozen vector, even with the fewest labels (vii)",
                    [
                        *self._compare(runs, target, (infomax, FROZEN.format(TRAINED))),
                        *self._compare(runs, target, (RANDOM, FROZEN.format(UNTRAINED))),
                    ],
                )
                for target in (energy, gap)
            )
        few = self._compare(runs, energy, (infomax, RANDOM), (0, 250))
        many = self._compare(runs, energy, (RANDOM, infomax), (1000, 10**9))
        statements = [
            CheckedStatement.lower(f"{energy}: a start from Deep InfoMax helps with 50 to 250 labels (iii)", few)
        ]
        if many:
            statements.append(CheckedStatement.lower(f"{energy}: and hurts with 1,000 (iii)", many))
        if self._supervised is not None:
            from_energy, from_gap = START.format(energy), START.format(gap)
            best = [one for other in (RANDOM, infomax) for one in self._compare(runs, gap, (from_energy, other))]
            statements.append(
                CheckedStatement.lower(f"{gap}: the start from {energy} is best at every number of labels (iv)", best)
            )
            harms = self._compare(runs, energy, (RANDOM, from_gap))
            statements.append(
                CheckedStatement.lower(f"{energy}: the start from {gap} harms at every number of labels (v)", harms)
            )
        return tuple(statements)

    def _compare(
        self, runs: polars.DataFrame, target: str, pair: tuple[str, str], sizes: tuple[int, int] = (0, 10**9)
    ) -> list[ContestantComparison]:
        """The first of two starts beside the second on the draws that both have, for numbers of labels from .. to."""
        comparisons, pool = [], len(self.crystals.known(target, tested=False))
        for size in [size for size in self._labels if sizes[0] <= size <= sizes[1]]:
            first, second = (
                runs.filter(target=target, labels=size, start=start).sort("draw")["mae"].to_numpy() for start in pair
            )
            n = min(len(first), len(second))
            name = f"{' / '.join(pair)}, {target}, {size} labels"
            comparisons.append(ContestantComparison.between(name, first[:n], second[:n], size / pool))
        return comparisons

    def _starts(
        self, target: str, trained: list[CrystalNetwork], progress: Progress
    ) -> dict[str, list[CrystalNetwork]]:
        starts = {RANDOM: untrained(trained[0], range(self._draws)), START.format(TRAINED): trained}
        if self._supervised is None:
            return starts
        (other,) = (name for name in self.crystals.values if name != target)
        made = self._supervised
        named = replace(made, overrides=(*made.overrides, f"data.targets=['{other}']"))
        return starts | {START.format(other): named.networks(self.crystals, self.folder, progress)}

    def _heads(self, progress: Progress) -> polars.DataFrame:
        heads = FrozenVectors(
            self.crystals,
            self.folder,
            weights=self._weights,
            pretraining=self._pretraining,
            untrained=self._untrained,
            labels=self._labels,
            draws=self._frozen,
            engineered=False,
            paper=8,
        )
        runs = heads.run(progress).filter(head="network")
        start = polars.format(FROZEN, "vectors").alias("start")
        return runs.select("target", "labels", start, "draw", "mae")

    def _cell(self, draw: Draw, start: str, network: CrystalNetwork, lessons: Lessons) -> polars.DataFrame:
        """One network, trained and tested."""
        key = key_of(digest_of_code(__name__), network.origin, draw, start, self._stage, lessons.crystals.digest)
        table = table_of(self.store, key)
        if table is None:
            error = self._error(draw, network, lessons)
            named = {"target": draw.target, "labels": draw.size, "start": start, "draw": draw.seed, "mae": error}
            table = keep_table(self.store, key, polars.DataFrame([named]))
        return table

    def _error(self, draw: Draw, network: CrystalNetwork, lessons: Lessons) -> float:
        values, store = lessons.crystals.values[draw.target], lessons.store
        pool, tested = (lessons.crystals.known(draw.target, tested=part) for part in (False, True))
        rows = np.random.default_rng([draw.size, draw.seed]).permutation(pool)[: draw.size]
        judges = max(1, len(rows) // JUDGING_SHARE)
        nothing = np.zeros((len(values), 0))
        lesson = Lesson(
            store,
            FewLabels(np.nan_to_num(values), np.ones(len(values)), nothing),
            rows[judges:],
            rows[:judges],
            seed=draw.seed,
        )
        predicted = fine_tune(network.encoder, (self._stage,), lesson).predict(store, nothing, tested)[:, 0]
        return float(np.abs(predicted - values[tested]).mean())

"""Linear models and small networks on frozen vectors: trained, untrained and engineered ones (figs. 8 and 12)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import polars
from annotated_types import Ge, MinLen
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.progress import Progress, silent
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation
from matscout.settings.checking import check_settings
from matscout.store import Store, key_of
from matscout.studies.base import CheckedStatement, ContestantComparison, CrystalStudy
from matscout.studies.boxes import box_plot, spread_table
from matscout.studies.checks import require_energy_and_gap, require_labels
from matscout.studies.crystals import LabelledCrystals
from matscout.studies.networks import Pretraining, finished, untrained
from matscout.studies.parts import keep_table, keep_vectors, runs_of, vectors_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

TRAINED, UNTRAINED, FOREST = "Deep InfoMax", "untrained", "extra trees on magpie"
ENGINEERED = {"orbital field matrix": "orbital-field-matrix", "X-ray diffraction": "xrd-pattern"}
RANDOM = "random element vectors"
WITHOUT_MADE_UP = 12
"""The figure whose networks learned without made-up false samples."""


@dataclass(frozen=True, eq=False)
class BoxOfDraws:
    """All draws of one box.

    Parameters
    ----------
    store, key
        Where its errors are kept, and by what.
    vectors
        Keys of float32 [N, d], one for each seed; draw k takes the k-th, over and over.
    values, pool, tested
        float64 [N], and rows.
    asked
        target, labels, vectors, head.
    draws
        How many.
    """

    store: Store
    key: str
    vectors: tuple[str, ...]
    values: Floats
    pool: NDArray[np.int64]
    tested: NDArray[np.int64]
    asked: tuple[str, int, str, str]
    draws: int

    @property
    def title(self) -> str:
        """Which it is in words."""
        return ", ".join(map(str, self.asked))


class FrozenVectors(CrystalStudy):
    """The k-th draw of labels is the same for all vectors; of networks it takes that of the k-th seed, over and over.

    Vectors of networks that were never trained are brought to mean 0 and spread 1, as in the paper.

    Parameters
    ----------
    crystals, folder
        See :class:`~matscout.studies.base.CrystalStudy`.
    weights
        Networks that are trained already (``RUN/artefact``, or names of representations); empty to train them.
    pretraining
        Section ``experiment``, ``overrides``, ``seeds`` of those that are trained.
    untrained
        How many networks that were never trained.
    labels
        Numbers of labels.
    draws
        Of labels.
    engineered
        Whether descriptors are compared too.
    paper
        What the paper says: 8 with false samples that are made up, 12 without.
    """

    def __init__(
        self,
        crystals: LabelledCrystals,
        folder: Path,
        *,
        weights: Sequence[str],
        pretraining: Mapping[str, object],
        untrained: Annotated[int, Ge(1)],
        labels: Annotated[Sequence[Annotated[int, Ge(2)]], MinLen(1)],
        draws: Annotated[int, Ge(2)],
        engineered: bool,
        paper: int,
    ) -> None:
        super().__init__(crystals, folder)
        require_energy_and_gap(crystals)
        self._labels = require_labels(labels, crystals)
        self._given = finished(weights, crystals, made_up=paper != WITHOUT_MADE_UP)
        self._pretraining, self._untrained = check_settings(Pretraining, pretraining, "pretraining"), untrained
        self._draws, self._engineered, self._paper = draws, engineered, paper

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """The MAE of every draw, on all tested crystals."""
        trained = self._given or self._pretraining.networks(self.crystals, self.folder, progress)
        makers: dict[str, list[Representation]] = {
            TRAINED: [*trained],
            UNTRAINED: [*untrained(trained[0], range(self._untrained))],
        }
        if self._engineered:
            makers |= {kind: [make_representation(name)] for kind, name in ENGINEERED.items()}
            makers |= {RANDOM: [make_representation("elements=random-200")], FOREST: [make_representation("magpie")]}
        keys = {
            kind: tuple(self._vectors(kind, place, maker, progress) for place, maker in enumerate(of_kind))
            for kind, of_kind in makers.items()
        }
        cells = [
            self._cell(keys[kind], target, size, kind, head)
            for target in self.crystals.values
            for size in self._labels
            for kind in keys
            for head in (("trees",) if kind == FOREST else ("linear", "network"))
        ]
        return runs_of(cells, fill, "heads on frozen vectors", progress)

    def figure(self, runs: polars.DataFrame) -> Figure:
        """A row of boxes for each head, a column for each property."""
        return box_plot(runs.filter(polars.col("head") != "trees"), "vectors", "head")

    def tables(self, runs: polars.DataFrame) -> str:
        """Mean, spread, median and trimean of every box."""
        return spread_table(runs, ("target", "labels", "vectors", "head"))

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """Those of the paper on this figure."""
        energy, gap = list(self.crystals.values)
        if self._paper == WITHOUT_MADE_UP:
            worse = [self._compare(runs, energy, (UNTRAINED, TRAINED), head) for head in ("linear", "network")]
            statement = f"{energy}: without made-up false samples Deep InfoMax is worse than never trained (vi)"
            return (CheckedStatement.lower(statement, [one for both in worse for one in both]),)
        others = [UNTRAINED, *(ENGINEERED if self._engineered else ())]
        beats = [
            one
            for other in others
            for head in ("linear", "network")
            for one in self._compare(runs, energy, (TRAINED, other), head)
        ]
        few = self._compare(runs, gap, (TRAINED, UNTRAINED), "network", at_most=100)
        return (
            CheckedStatement.lower(f"{energy}: Deep InfoMax beats {', '.join(others)} with every head (i)", beats),
            CheckedStatement.lower(
                f"{gap}: linear models on Deep InfoMax beat those on untrained vectors at every number of labels (ii)",
                self._compare(runs, gap, (TRAINED, UNTRAINED), "linear"),
            ),
            CheckedStatement.lower(f"{gap}: networks do so up to 100 labels (ii)", few),
        )

    def _compare(
        self, runs: polars.DataFrame, target: str, pair: tuple[str, str], head: str, at_most: int = 10**9
    ) -> list[ContestantComparison]:
        """The first of two kinds of vectors beside the second, for each number of labels."""
        comparisons, pool = [], len(self.crystals.known(target, tested=False))
        for size in [size for size in self._labels if size <= at_most]:
            first, second = (
                runs.filter(target=target, labels=size, vectors=kind, head=head).sort("draw")["mae"].to_numpy()
                for kind in pair
            )
            name = f"{' / '.join(pair)}, {target}, {size} labels, {head}"
            comparisons.append(ContestantComparison.between(name, first, second, size / pool))
        return comparisons

    def _vectors(self, kind: str, place: int, maker: Representation, progress: Progress) -> str:
        """Key of the vectors of all crystals, made once; means stand for what has none."""
        key = key_of(digest_of_code(__name__), self.crystals.digest, kind, maker.origin)
        if vectors_of(self.store, key) is None:
            progress(f"vectors: {kind} {place + 1}", 0, 1)
            embedding = maker.represent(self.crystals.materials)
            vectors = np.full((len(self.crystals.materials), embedding.vectors.shape[1]), np.nan)
            vectors[embedding.rows] = embedding.vectors
            learned = vectors[~self.crystals.tested]
            blank = np.isnan(learned).all(axis=0)
            means = np.nanmean(np.where(blank, 0.0, learned), axis=0)
            vectors = np.where(np.isnan(vectors), means, vectors)
            if kind == UNTRAINED:
                learned = vectors[~self.crystals.tested]
                spread = learned.std(axis=0)
                vectors = (vectors - learned.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
            keep_vectors(self.store, key, vectors.astype(np.float32))
        return key

    def _cell(self, vectors: tuple[str, ...], target: str, size: int, kind: str, head: str) -> BoxOfDraws:
        key = key_of(digest_of_code(__name__), vectors, target, size, kind, head, self._draws)
        pool, tested = (self.crystals.known(target, tested=part) for part in (False, True))
        values, asked = self.crystals.values[target], (target, size, kind, head)
        return BoxOfDraws(self.store, key, vectors, values, pool, tested, asked, self._draws)


def fill(cell: BoxOfDraws) -> bool:
    """Make a cell and keep it."""
    vectors = [block for key in cell.vectors if (block := vectors_of(cell.store, key)) is not None]
    target, size, kind, head = cell.asked
    errors = []
    for draw in range(cell.draws):
        rows = np.random.default_rng([size, draw]).permutation(cell.pool)[:size]
        columns = vectors[draw % len(vectors)].astype(np.float64)
        model = _head(head, draw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            predicted = model.fit(columns[rows], cell.values[rows]).predict(columns[cell.tested])
        errors.append(float(np.abs(predicted - cell.values[cell.tested]).mean()))
    table = polars.DataFrame(
        {
            "target": target,
            "labels": [size] * cell.draws,
            "vectors": kind,
            "head": head,
            "draw": range(cell.draws),
            "seed": [draw % len(vectors) for draw in range(cell.draws)],
            "mae": errors,
        }
    )
    keep_table(cell.store, cell.key, table)
    return True


def _head(name: str, seed: int) -> Any:
    from sklearn.ensemble import ExtraTreesRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.neural_network import MLPRegressor

    if name == "linear":
        return LinearRegression()
    if name == "network":
        return MLPRegressor(hidden_layer_sizes=(64,), max_iter=5000, random_state=seed)
    return ExtraTreesRegressor(100, random_state=seed)

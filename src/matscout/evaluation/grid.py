"""Models x splits: the cells of a comparison, made or taken from the store."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from matscout.code_digest import digest_of_code
from matscout.data.dataset import Dataset, Target
from matscout.evaluation.base import OutOfFold, Split
from matscout.evaluation.cells import (
    Cell,
    ModelSettings,
    cell_key,
    dataset_digest,
    run_cell,
    store_cell,
    stored_cell,
)
from matscout.evaluation.constant import constant_cell, is_constant
from matscout.evaluation.metrics import coverage_tolerance
from matscout.evaluation.scores import Scores, score
from matscout.predict.base import join_predictions
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.origins import origin_of_fit
from matscout.progress import Progress, WorkPart, silent
from matscout.store import Store, key_of


@dataclass(frozen=True, eq=False)
class Contestant:
    """One way of fitting, with its cells in the order of the splits."""

    settings: ModelSettings
    splits: tuple[Split, ...]
    cells: tuple[Cell, ...]

    def among(self, splits: Sequence[Split]) -> Contestant:
        """The same with only these of its splits."""
        wanted = {split.name for split in splits}
        kept = [(split, cell) for split, cell in zip(self.splits, self.cells, strict=True) if split.name in wanted]
        return Contestant(self.settings, tuple(split for split, _ in kept), tuple(cell for _, cell in kept))

    @cached_property
    def out_of_fold(self) -> OutOfFold:
        """The predictions of all cells as one batch."""
        return OutOfFold(
            rows=np.concatenate([split.test for split in self.splits]),
            splits=np.concatenate([np.full(len(split.test), split.name) for split in self.splits]),
            predictions=join_predictions([cell.predictions for cell in self.cells]),
        )

    def pooled_scores(self, target: Target) -> Scores:
        """Scores over the test rows of all splits together; ``target`` is that of the whole data set.

        Known rows are ranked among the unlabelled rows of their own split. ROC-AUC is the mean over the splits that can
        tell it: it compares rows with each other, and those of different splits were given their chances by different
        fits. Where the share of members differs between training parts, pooled it falls below 0.5 even for a constant
        guess (Parker et al. 2007, doi:10.1186/1471-2105-8-326).
        A row that is tested in several repeats counts each time, but only once towards the tolerance of the coverage:
        its repeats are not independent.
        """
        out_of_fold = self.out_of_fold
        scores = score(target, out_of_fold.rows, out_of_fold.predictions, out_of_fold.splits)
        if isinstance(out_of_fold.predictions, KnownLikeness):
            return scores
        distinct, level = len(np.unique(out_of_fold.rows)), out_of_fold.predictions.level
        scores["coverage_tolerance"] = coverage_tolerance(distinct, level)
        if "roc_auc" in scores:
            scores["roc_auc"] = self._mean_roc_auc(target)
        return scores

    def _mean_roc_auc(self, target: Target) -> float:
        """Mean over the splits in whose test rows two classes occur; NaN if there is none."""
        areas = [
            score(target, split.test, cell.predictions)["roc_auc"]
            for split, cell in zip(self.splits, self.cells, strict=True)
        ]
        known = [area for area in areas if not math.isnan(area)]
        return float(np.mean(known)) if known else math.nan


@dataclass(frozen=True, eq=False)
class Grid:
    """Everything that has to be fitted for one comparison.

    Parameters
    ----------
    dataset, target
        Labelled rows and the name of what is predicted.
    splits
        Their test rows are scored.
    models
        Ways of fitting; each is fitted once per split.
    level
        Nominal coverage of the intervals.
    """

    dataset: Dataset
    target: str
    splits: tuple[Split, ...]
    models: tuple[ModelSettings, ...]
    level: float

    @cached_property
    def digest(self) -> str:
        """Of all that a model can see."""
        return dataset_digest(self.dataset, self.target)

    def pairs(self) -> Iterator[tuple[ModelSettings, Split]]:
        """Model and split of each cell, model by model."""
        return ((model, split) for model in self.models for split in self.splits)

    @cached_property
    def origins(self) -> dict[str, str]:
        """Name of each model -> digest of all that its predictions rest on besides data and settings."""
        code, materials = digest_of_code("matscout.evaluation.cells"), self.dataset.materials
        names = {model.name for model in self.models}
        return {name: key_of(code, origin_of_fit(name, materials)) for name in names}

    def key(self, model: ModelSettings, split: Split) -> str:
        """What a cell is stored by."""
        return cell_key(self.origins[model.name], self.digest, split, model, self.level)

    def is_stored(self, model: ModelSettings, split: Split, store: Store) -> bool:
        """Whether a cell is in the store, or needs no making."""
        constant = is_constant(self.dataset.target(self.target), split)
        return constant or stored_cell(store, self.key(model, split)) is not None

    def is_kept(self, model: ModelSettings, split: Split, store: Store) -> bool:
        """Whether a cell had to be made, and is in the store."""
        needless = is_constant(self.dataset.target(self.target), split)
        return not needless and stored_cell(store, self.key(model, split)) is not None

    def cell(self, model: ModelSettings, split: Split, store: Store | None) -> Cell:
        """One cell, from the store if it is there; else it is made and stored."""
        if is_constant(self.dataset.target(self.target), split):
            return constant_cell(self.dataset, self.target, split, self.level)
        key = "" if store is None else self.key(model, split)
        stored = stored_cell(store, key)
        if stored is not None:
            return stored
        made = run_cell(self.dataset, self.target, split, model, self.level)
        store_cell(store, key, made)
        return made

    def parts(self, store: Store) -> list[WorkPart]:
        """Each cell as work that can be done in another process: made and kept, if it is not stored."""
        return [
            WorkPart(
                f"{model.name}, {split.name}",
                partial(self.cell, model, split, store),
                partial(self.is_kept, model, split, store),
            )
            for model, split in self.pairs()
        ]

    def run(self, store: Store | None, progress: Progress = silent) -> list[Contestant]:
        """All cells; ``progress`` is called before each of them and at the end."""
        total, cells = len(self.models) * len(self.splits), []
        for done, (model, split) in enumerate(self.pairs()):
            progress(f"{model.name}, {split.name}", done, total)
            cells.append(self.cell(model, split, store))
        progress("evaluate", total, total)
        n = len(self.splits)
        return [
            Contestant(model, self.splits, tuple(cells[number * n : (number + 1) * n]))
            for number, model in enumerate(self.models)
        ]

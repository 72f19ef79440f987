"""Probes on frozen vectors of compositions, by who learned them, beside published errors (PolySRL, tables 1, 3, 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.data.dataset import Dataset, Target
from matscout.data.files import atomic_write
from matscout.errors import UsageError
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.progress import Progress, silent
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation
from matscout.studies.base import Comparison, Finding, Study, StudyData, code_of_studies
from matscout.studies.boxes import COLOURS, INK
from matscout.studies.checks import checked_names, require_at_least
from matscout.studies.composition_networks import Method, untrained
from matscout.studies.composition_tasks import METHODS, WITHOUT_SAMPLING, CompositionTask, CompositionTasks
from matscout.studies.parts import runs_of
from matscout.studies.probe import probe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

LEARNING = ("data", "represent", "predict", "studies")
"""Rooms whose code decides what a model predicts."""
RANDOM, BY_PAPER = "random", "by paper"
FOLDS = 5
SHARED = 1.0 / FOLDS
"""Correlation of the errors of two folds that Nadeau and Bengio's test assumes: the share of rows that are tested."""


@dataclass(frozen=True, eq=False)
class Cell:
    """All folds of one task for one seed and one contestant.

    Parameters
    ----------
    path
        Where its errors are kept.
    task, split, seed
        What is tested, and how rows are divided.
    contestant
        Name in tables.
    vectors
        File with float64 [n, d], NaN rows where a material has none; None for the model called ``contestant``.
    epochs
        Of the probe.
    """

    path: Path
    task: CompositionTask
    split: str
    seed: int
    contestant: str
    vectors: Path | None
    epochs: int

    @property
    def title(self) -> str:
        """Which it is in words."""
        return f"{self.task.name}, {self.split}, {self.contestant}, seed {self.seed}"


class CompositionProbes(Study):
    """Three-layer networks on vectors, and whole models, in five folds, at random and by paper where that is known.

    Seed k divides the rows in its own way for all, and takes the k-th network of a method, over and over.

    Parameters
    ----------
    data
        Tasks, and crystals to train on.
    folder
        Where finished parts are kept.
    methods
        Name -> section, see :meth:`~matscout.studies.composition_networks.Method.of`.
    untrained
        How many encoders that were never trained.
    width
        Length of their vectors.
    rivals
        Representations whose vectors are probed as well, with mean 0 and spread 1.
    models
        Models that learn from the formulas in their own way.
    seeds
        Divisions into folds.
    epochs
        Of the probe.
    """

    reads: ClassVar[Callable[..., StudyData]] = CompositionTasks.read

    def __init__(
        self,
        data: CompositionTasks,
        folder: Path,
        *,
        methods: Mapping[str, object],
        untrained: int,
        width: int,
        rivals: Sequence[str],
        models: Sequence[str],
        seeds: int,
        epochs: int,
    ) -> None:
        require_at_least(1, untrained=untrained, seeds=seeds, epochs=epochs, width=width)
        if not isinstance(methods, Mapping):
            raise UsageError(f"methods is a section with a name for each method; got {methods!r}")
        self.data, self.folder = data, folder
        self._methods = [Method.of(name, section) for name, section in methods.items()]
        self._untrained, self._width, self._seeds, self._epochs = untrained, width, seeds, epochs
        self._rivals, self._models = checked_names(rivals), checked_names(models)
        # Wrong names are refused before anything is trained.
        for name in self._rivals:
            _ = make_representation(name).columns
        for name in self._models:
            make_model(name, seed=0)
        for method in self._methods:
            method.require(data)
        # Shared by studies of other tasks in the same folder.
        self._networks, self._parts = folder.parent / f"networks-{data.training_digest[:12]}", folder.parent / "probes"

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """The MAE of every fold."""
        made: dict[str, list[Representation]] = {METHODS[0]: [*untrained(self._width, range(self._untrained))]}
        made |= {
            method.name: [*method.networks(self.data, self._networks.resolve(), progress)] for method in self._methods
        }
        made |= {name: [make_representation(name)] for name in self._rivals}
        return runs_of(list(self._cells(made)), fill, "probes", progress)

    def _cells(self, made: Mapping[str, Sequence[Representation]]) -> Iterator[Cell]:
        for task in self.data.tasks:
            splits = (RANDOM,) if task.papers is None else (RANDOM, BY_PAPER)
            files = {
                name: [self._vectors(task, name, one, scaled=name in self._rivals) for one in makers]
                for name, makers in made.items()
            }
            for split in splits:
                for seed in range(self._seeds):
                    for name, paths in files.items():
                        yield self._cell(task, split, seed, name, paths[seed % len(paths)])
                    for model in self._models:
                        yield self._cell(task, split, seed, model, None)

    def _cell(self, task: CompositionTask, split: str, seed: int, contestant: str, vectors: Path | None) -> Cell:
        told = [task.digest, split, seed, self._epochs]
        # Models rest on more code than probes.
        told += [code_of_studies(), vectors.name] if vectors else [digest_of_code(LEARNING), contestant]
        path = self._parts / "cells" / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}.parquet"
        return Cell(path, task, split, seed, contestant, vectors, self._epochs)

    def _vectors(self, task: CompositionTask, name: str, maker: Representation, *, scaled: bool) -> Path:
        """Vectors of all rows, made once."""
        told = f"{code_of_studies()} {task.digest} {name} {maker.version} {scaled}"
        path = self._parts / "vectors" / f"{hashlib.sha256(told.encode()).hexdigest()[:24]}.npy"
        if not path.is_file():
            embedding = maker.represent(task.materials)
            vectors = np.full((len(task.values), embedding.vectors.shape[1]), np.nan)
            vectors[embedding.rows] = embedding.vectors
            if scaled:
                spread = np.nanstd(vectors, axis=0)
                vectors = (vectors - np.nanmean(vectors, axis=0)) / np.where(spread > 0, spread, 1.0)
                vectors[embedding.rows] = np.nan_to_num(vectors[embedding.rows])
            with atomic_write(path) as unfinished:
                np.save(unfinished, vectors, allow_pickle=False)
        return path

    def figure(self, runs: polars.DataFrame) -> Figure:
        """A panel for each task: mean and standard deviation over seeds and folds, hollow what was published."""
        from matplotlib.figure import Figure

        columns = min(3, len(self.data.tasks))
        rows = -(-len(self.data.tasks) // columns)
        names = runs["contestant"].unique(maintain_order=True).to_list()
        figure = Figure(figsize=(3.9 * columns, (0.24 * len(names) + 0.9) * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, task in zip(grid, self.data.tasks, strict=False):
            _panel(axes, task, runs.filter(task=task.name), names)
        for axes in grid[len(self.data.tasks) :]:
            axes.set_visible(False)
        for label, look in (
            ("rows divided at random", {"mfc": COLOURS[0], "mec": COLOURS[0], "ms": 3.5}),
            ("by paper", {"mfc": COLOURS[1], "mec": COLOURS[1], "ms": 3.5}),
            ("published, at random", {"mfc": "none", "mec": INK, "ms": 5.5}),
        ):
            grid[0].plot([], [], "o", label=label, **look)
        figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
        return figure

    def tables(self, runs: polars.DataFrame) -> str:
        """Mean and standard deviation over seeds and folds, rows tested in each seed, and what was published."""
        lines = ["| task | rows divided | vectors or model | n | MAE | sd | published |", "|" + " --- |" * 7]
        for (name, split, contestant), found in runs.group_by("task", "split", "contestant", maintain_order=True):
            task = next(one for one in self.data.tasks if one.name == name)
            errors = found["mae"].to_numpy()
            said = _published(task).get(str(contestant)) if split == RANDOM else None
            spread = errors.std(ddof=1)
            lines.append(
                f"| {task.described.title} ({task.described.unit}) | {split} | {contestant} | "
                f"{found['tested'].sum() // self._seeds} | {errors.mean():.3f} | {spread:.3f} | {said or ''} |"
            )
        return "\n".join(lines)

    def findings(self, runs: polars.DataFrame) -> tuple[Finding, ...]:
        """The paper's on frozen vectors, as far as the methods are there."""
        told = (
            (
                "vectors that know of structures beat those that do not",
                [
                    ("Infomax-3D", METHODS[0]),
                    ("Infomax-3D", "GraphCL"),
                    ("PolySRL", METHODS[0]),
                    ("PolySRL", "GraphCL"),
                ],
            ),
            ("knowing of polymorphs beats 3D Infomax", [("PolySRL", "Infomax-3D")]),
            ("sampling helps", [("PolySRL", WITHOUT_SAMPLING)]),
        )
        there = {*runs["contestant"].to_list()}
        found = []
        for statement, pairs in told:
            chosen = [pair for pair in pairs if {*pair} <= there]
            if chosen:
                found.append(
                    Finding.lower(
                        statement, [self._compare(runs, task, pair) for task in self.data.tasks for pair in chosen]
                    )
                )
        return tuple(found)

    def _compare(self, runs: polars.DataFrame, task: CompositionTask, pair: tuple[str, str]) -> Comparison:
        """Errors of two contestants in the same random folds."""
        first, second = (
            runs.filter(task=task.name, split=RANDOM, contestant=name).sort("seed", "fold")["mae"].to_numpy()
            for name in pair
        )
        return Comparison.between(f"{' / '.join(pair)}, {task.described.title}", first, second, SHARED)


def _published(task: CompositionTask) -> dict[str, float]:
    return dict(zip((*METHODS, WITHOUT_SAMPLING), task.described.published, strict=False))


def _panel(axes: Axes, task: CompositionTask, runs: polars.DataFrame, names: Sequence[str]) -> None:
    said = _published(task)
    for place, name in enumerate(names):
        for split, colour, shift in ((RANDOM, COLOURS[0], 0.12), (BY_PAPER, COLOURS[1], -0.12)):
            errors = runs.filter(contestant=name, split=split)["mae"].to_numpy()
            if len(errors):
                axes.errorbar(
                    errors.mean(), -place + shift, xerr=errors.std(ddof=1), fmt="o", ms=3.5, lw=1, color=colour
                )
        if name in said:
            axes.plot(said[name], -place + 0.12, "o", ms=5.5, mfc="none", mec=INK, mew=0.8)
    axes.set_yticks([-place for place in range(len(names))], names, fontsize=7)
    axes.set_ylim(0.5 - len(names), 0.5)
    axes.set_title(task.described.title, fontsize=8.5, color=INK)
    axes.set_xlabel(f"MAE ({task.described.unit})" if task.described.unit else "MAE", fontsize=8)
    axes.tick_params(labelsize=7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color="#9aa4ae", alpha=0.25, lw=0.6)


def divided(task: CompositionTask, split: str, seed: int) -> NDArray[np.int64]:
    """The fold of each row, [n]: rows at random, or whole papers."""
    rng = np.random.default_rng(seed)
    if split == RANDOM:
        return rng.permutation(len(task.values)) % FOLDS
    assert task.papers is not None
    _, owner = np.unique(task.papers, return_inverse=True)
    return np.asarray((rng.permutation(owner.max() + 1) % FOLDS)[owner])


def fill(cell: Cell) -> bool:
    """Make a cell and keep it."""
    folds, errors = divided(cell.task, cell.split, cell.seed), []
    for fold in range(FOLDS):
        learned, tested = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        predicted = _predicted(cell, learned, tested)
        errors.append(np.abs(predicted - cell.task.values[tested]))
    table = polars.DataFrame(
        {
            "task": cell.task.name,
            "split": cell.split,
            "contestant": cell.contestant,
            "seed": [cell.seed] * FOLDS,
            "fold": range(FOLDS),
            "mae": [float(np.nanmean(one)) for one in errors],
            "tested": [int(np.isfinite(one).sum()) for one in errors],
        }
    )
    with atomic_write(cell.path) as unfinished:
        table.write_parquet(unfinished)
    return True


def _predicted(cell: Cell, learned: NDArray[np.int64], tested: NDArray[np.int64]) -> Floats:
    """Predictions for tested rows, NaN where a material has no vector."""
    if cell.vectors is None:
        dataset = Dataset(cell.task.materials, {cell.task.name: Target(cell.task.name, cell.task.values)})
        model = make_model(cell.contestant, seed=cell.seed).fit(dataset[learned], cell.task.name)
        predictions = model.predict(dataset[tested].materials)
        assert isinstance(predictions, Predictions)
        return predictions.predicted
    vectors = np.load(cell.vectors)
    known = np.isfinite(vectors).all(axis=1)
    found, asked = np.full(len(tested), np.nan), tested[known[tested]]
    batch = cell.task.described.batch
    found[known[tested]] = probe(
        vectors, cell.task.values, learned[known[learned]], asked, seed=cell.seed, epochs=cell.epochs, batch=batch
    )
    return found

"""What studies of vectors of compositions share: contestants, folds, and predictions that are kept."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import polars
from annotated_types import Ge
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.predict.fitting import make_model
from matscout.progress import Progress, silent
from matscout.represent.base import Representation
from matscout.represent.embedding import make_representation
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.represent.trained_network import TrainedNetwork
from matscout.store import Store, key_of
from matscout.studies.base import Study, StudyData
from matscout.studies.composition_networks import Method, untrained
from matscout.studies.composition_tasks import CompositionTask, CompositionTasks
from matscout.studies.described_tasks import METHODS
from matscout.studies.learners import PROBING, Probe, TaskLearner, WholeModel, side_by_side
from matscout.studies.parts import keep_table, keep_vectors, runs_of, vectors_of
from matscout.studies.probe import Fold

Floats = NDArray[np.float64]

RANDOM, BY_PAPER = "random", "by paper"
FOLDS = 5
SHARED = 1.0 / FOLDS
"""Correlation of the errors of two folds that Nadeau and Bengio's test assumes: the share of rows that are tested."""


@dataclass(frozen=True, eq=False)
class ProbedTask:
    """All folds of one task for one seed and one contestant.

    Parameters
    ----------
    store
        Where its predictions are kept.
    task, split, seed
        What is tested, and how rows are divided.
    contestant
        Name in tables.
    learner
        How it learns.
    """

    store: Store
    task: CompositionTask
    split: str
    seed: int
    contestant: str
    learner: TaskLearner

    @cached_property
    def key(self) -> str:
        """What its predictions are kept by."""
        return key_of(self.task.digest, self.split, self.seed, self.contestant, self.learner.digest)

    @property
    def title(self) -> str:
        """Which it is in words."""
        return f"{self.task.name}, {self.split}, {self.contestant}, seed {self.seed}"


class ProbingStudy(Study, ABC):
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
        Representations whose vectors are probed as well, with mean 0 and spread 1; ``A+B`` for both side by side.
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
        untrained: Annotated[int, Ge(1)],
        width: Annotated[int, Ge(1)],
        rivals: Sequence[str],
        models: Sequence[str],
        seeds: Annotated[int, Ge(1)],
        epochs: Annotated[int, Ge(1)],
    ) -> None:
        self.data, self.folder = data, folder
        self._methods = [Method.of(name, section) for name, section in methods.items()]
        self._untrained, self._width, self._seeds, self._epochs = untrained, width, seeds, epochs
        self._rivals, self._models = tuple(rivals), tuple(models)
        # Wrong names are refused before anything is trained.
        for name in self._rivals:
            _ = [one.columns for one in made(name)]
        for name in self._models:
            make_model(name, seed=0)
        for method in self._methods:
            method.require(data)
        # Shared by studies of other tasks in the same folder.
        self._networks, self._parts = folder.parent / f"networks-{data.training_digest[:12]}", shared_parts(folder)

    def predictions(self, progress: Progress) -> polars.DataFrame:
        """Of every row of every task in its fold: task, split, contestant, seed, fold, row, truth and predicted.

        ``predicted`` is NaN where a material has no vector.
        """
        return runs_of(list(self._cells(self.networks(progress))), fill, "probes", progress)

    def networks(self, progress: Progress) -> dict[str, Sequence[CompositionNetwork]]:
        """Those that were never trained, and those of each method; what is finished is read."""
        return {
            METHODS[0]: untrained(self._width, range(self._untrained)),
            **{one.name: one.networks(self.data, self._networks.resolve(), progress) for one in self._methods},
        }

    def pretrained(self) -> dict[str, TrainedNetwork]:
        """The first network of each method, and the rivals that learned before."""
        methods = {name: ones[0] for name, ones in self.networks(silent).items() if name != METHODS[0]}
        rivals = {one: make_representation(one) for name in self._rivals for one in name.split("+")}
        return {**methods, **{name: one for name, one in rivals.items() if isinstance(one, TrainedNetwork)}}

    def _cells(self, networks: Mapping[str, Sequence[CompositionNetwork]]) -> Iterator[ProbedTask]:
        for task in self.data.tasks:
            splits = (RANDOM,) if task.papers is None else (RANDOM, BY_PAPER)
            learners = self._learners(task, networks)
            for split in splits:
                for seed in range(self._seeds):
                    for name, ways in learners.items():
                        yield ProbedTask(self._parts, task, split, seed, name, ways[seed % len(ways)])

    def _learners(
        self, task: CompositionTask, networks: Mapping[str, Sequence[CompositionNetwork]]
    ) -> dict[str, list[TaskLearner]]:
        """How each contestant learns this task, once for each of its networks."""
        learners = {name: [self._on_network(task, one) for one in ones] for name, ones in networks.items()}
        learners |= {
            name: [probe_on(self._parts, task, made(name), epochs=self._epochs, scaled=True)] for name in self._rivals
        }
        return {**learners, **{name: [WholeModel(name)] for name in self._models}}

    def _on_network(self, task: CompositionTask, network: CompositionNetwork) -> TaskLearner:
        """How a task is learned on a network of compositions."""
        return probe_on(self._parts, task, [network], epochs=self._epochs)


def shared_parts(folder: Path) -> Store:
    """Where studies keep their parts that stand in one folder, whatever their tasks."""
    return Store(folder.parent / "probes")


def made(name: str) -> list[Representation]:
    """The representations that are joined by ``+`` in a name."""
    return [make_representation(one) for one in name.split("+")]


def probe_on(
    store: Store,
    task: CompositionTask,
    makers: Sequence[Representation],
    *,
    epochs: int,
    scaled: bool = False,
) -> Probe:
    """A probe on the vectors of ``makers``, side by side; they are made once and kept."""
    key = key_of(digest_of_code(*PROBING), task.digest, [maker.origin for maker in makers], scaled)
    if vectors_of(store, key) is None:
        keep_vectors(store, key, side_by_side(makers, task, scaled=scaled))
    return Probe(store, key, epochs)


def divided(task: CompositionTask, split: str, seed: int) -> NDArray[np.int64]:
    """The fold of each row, [n]: rows at random, or whole papers."""
    rng = np.random.default_rng(seed)
    if split == RANDOM:
        return rng.permutation(len(task.values)) % FOLDS
    assert task.papers is not None
    _, owner = np.unique(task.papers, return_inverse=True)
    return np.asarray((rng.permutation(owner.max() + 1) % FOLDS)[owner])


def fill(cell: ProbedTask) -> bool:
    """Make a cell and keep it."""
    folds, values = divided(cell.task, cell.split, cell.seed), cell.task.values
    predicted = np.full(len(values), np.nan)
    asked = [
        Fold(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(cell.task.described.folds)
    ]
    for fold, estimates in zip(asked, cell.learner.predict(cell.task, asked, cell.seed), strict=True):
        predicted[fold.tested] = estimates
    table = polars.DataFrame(
        {
            "task": cell.task.name,
            "split": cell.split,
            "contestant": cell.contestant,
            "seed": cell.seed,
            "fold": folds,
            "row": range(len(values)),
            "truth": values,
            "predicted": predicted,
        }
    )
    keep_table(cell.store, cell.key, table)
    return True

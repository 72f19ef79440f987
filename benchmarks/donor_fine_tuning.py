"""Frozen or fine-tuned: networks that go on learning from few labels, judged on the same draws as everything else.

Each judgement is the mean and the median of five networks, one for each inner fold, which stops that network early;
so every label is learnt from and none is wasted on stopping. The forest on the donor's frozen columns stands beside.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from donor_judges import BASE, against_base, are_judged, missing_cells, n_draws
from donor_records import DONOR, donor_weights
from jobs import Job
from networks import LabelledRows, Lesson, predict, train
from peers import Forest, Peer, PeerCell
from tasks import Benchmark

from matscout import registry
from matscout.data.dataset import Dataset
from matscout.evaluation.base import Split
from matscout.predict.folds import divisions, inner_folds
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.pretrained.composition_donor_strict import CompositionDonorStrict
from matscout.represent.pretraining.module import PretrainingModule
from matscout.represent.pretraining.stages import TrainingStage
from matscout.represent.trainable import Encoder

N_NETWORKS = 5


@dataclass(frozen=True)
class Tuned(Peer):
    """A network that learns one property in stages, from pretrained or from random weights; its head is always new."""

    stages: tuple[TrainingStage, ...]
    pretrained: bool

    def fit_and_predict(self, dataset: Dataset, target: str, split: Split) -> PeerCell:
        """Mean and median of the networks of all inner folds."""
        labelled, unseen = dataset.materials[split.train], dataset.materials[split.test]
        names = dataset.groups[split.train] if dataset.groups is not None else labelled.compositions.keys()
        corpus = LabelledRows(labelled, dataset.target(target).values[split.train])
        folds = inner_folds(np.unique(names, return_inverse=True)[1], N_NETWORKS, seed=0)
        lessons = [
            Lesson(corpus, np.flatnonzero(learn), np.flatnonzero(judge), seed)
            for seed, (learn, judge) in enumerate(divisions(folds))
        ]
        predictions = np.stack([predict(self._network(lesson), unseen) for lesson in lessons])
        return PeerCell(predictions.mean(axis=0), np.median(predictions, axis=0))

    def _network(self, lesson: Lesson) -> PretrainingModule:
        with torch.random.fork_rng():
            torch.manual_seed(lesson.seed)
            encoder = _encoder(self.pretrained)
            objective = MultiTask.for_corpus(lesson.corpus, lesson.learn, {"composition": encoder.width})
            return [train(stage, encoder, objective, lesson) for stage in self.stages][-1]


def _encoder(pretrained: bool) -> Encoder:
    shipped = CompositionDonorStrict().encoder
    if pretrained:
        return copy.deepcopy(shipped)
    fresh: Encoder = registry.load_class("encoders", "set-transformer")(**shipped.settings)
    # What is known of the elements is known without training.
    known = ("tokens.values", "tokens.listed")
    elements = {name: value for name, value in shipped.state_dict().items() if name in known}
    fresh.load_state_dict(elements, strict=False)
    return fresh


HEAD = TrainingStage(encoder_moves=False, learning_rate=2e-3, epochs=100, patience=20)
ALL = TrainingStage(encoder_moves=True, learning_rate=3e-4, epochs=60, patience=15)
SCRATCH = TrainingStage(encoder_moves=True, learning_rate=1e-3, epochs=100, patience=20)


def contestants() -> dict[str, Peer]:
    """Row of the table -> who makes it."""
    weights = donor_weights()[:16]
    return {
        "forest on the frozen donor's columns and descriptors": Forest(f"fine-tuning, forest {weights}", ALL_COLUMNS),
        "forest on the frozen donor's columns alone": Forest(f"fine-tuning, donor forest {weights}", (DONOR,)),
        "network: new head on the frozen donor": Tuned(f"fine-tuning, head {weights}", (HEAD,), True),
        "network: new head, then all weights": Tuned(f"fine-tuning, all {weights}", (HEAD, ALL), True),
        "the same network from random weights": Tuned("fine-tuning, from scratch", (SCRATCH,), False),
    }


ALL_COLUMNS = (*BASE.columns, DONOR)


def tuning_jobs(tasks: Sequence[Benchmark], folder: Path) -> Iterator[Job]:
    """The cells that are not stored yet."""
    yield from missing_cells(tasks, [BASE, *contestants().values()], folder)


def tuning_part(tasks: Sequence[Benchmark], folder: Path) -> dict[str, Any]:
    """Errors of every contestant whose cells are all there, each draw beside the forest on descriptors."""
    everyone = contestants()
    done = {name: peer for name, peer in everyone.items() if are_judged(tasks, [peer], folder)}
    return {
        "tasks": [task.name for task in tasks],
        "draws": n_draws(tasks),
        "unfinished": [name for name in everyone if name not in done],
        "contestants": [{"name": name, "errors": against_base(tasks, peer, folder)} for name, peer in done.items()],
    }

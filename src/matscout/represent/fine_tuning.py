"""Fine-tuning: a trained encoder of crystals and a small new head learn one property from few labels."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import Dataset

from matscout.crystal.crystals import Crystals
from matscout.data.materials import Materials
from matscout.registry import load_class, name_of
from matscout.represent.artefact import Pretrained
from matscout.represent.base import Embedding
from matscout.represent.crystal_encoder import CrystalEncoder
from matscout.represent.crystal_store import CrystalStore
from matscout.represent.pretrained.crystal_network import CrystalNetwork, network_named
from matscout.represent.pretraining.loading import Rows
from matscout.represent.pretraining.stages import TrainingStage, train_stage
from matscout.represent.property_head import PropertyHead
from matscout.represent.trainable import Encoder

Floats = NDArray[np.float64]

CRYSTALS_AT_ONCE = 128
"""Crystals that are predicted at once."""


STAGES: Mapping[str, tuple[TrainingStage, ...]] = {
    "head": (TrainingStage(encoder_moves=False, learning_rate=3e-3, epochs=100, patience=30),),
    "staged": (
        TrainingStage(encoder_moves=False, learning_rate=3e-3, epochs=40, patience=15),
        TrainingStage(encoder_moves=True, learning_rate=5e-4, epochs=60, patience=20),
    ),
    "all": (TrainingStage(encoder_moves=True, learning_rate=1e-3, epochs=80, patience=20),),
}
"""What moves: the head only, the head and then everything, or everything from the beginning."""


@dataclass(frozen=True, eq=False)
class FewLabels:
    """What is known of N crystals.

    Parameters
    ----------
    values
        float64 [N], numbers, or the position of the class.
    weights
        float64 [N], how much each counts.
    context
        float64 [N, k], what is known beside the structure.
    """

    values: Floats
    weights: Floats
    context: Floats

    def columns(self) -> NDArray[np.float32]:
        """As the labels of a batch, [N, 2 + k]."""
        return np.column_stack([self.values, self.weights, self.context]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Tuned:
    """An encoder with its head."""

    encoder: Encoder
    head: PropertyHead

    def predict(self, store: CrystalStore, context: Floats, chosen: Rows | None = None) -> Floats:
        """Numbers [m, 1] in their unit, or probabilities [m, c], of the rows ``chosen`` (None: of all N).

        ``context`` [N, k] is that of all crystals.
        """
        inputs, predictions = torch.from_numpy(context.astype(np.float32)), [np.zeros((0, max(self.head.classes, 1)))]
        every = np.arange(len(store)) if chosen is None else chosen
        with torch.inference_mode():
            for start in range(0, len(every), CRYSTALS_AT_ONCE):
                rows = every[start : start + CRYSTALS_AT_ONCE]
                crystal = self.encoder(store.batch(rows)).crystal
                predictions.append(self.head.predict(crystal, inputs[rows]).double().numpy())
        return np.concatenate(predictions)


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one network learns from.

    Parameters
    ----------
    store
        N crystals.
    labels
        What is known of them.
    learn, judge
        Rows that are learned from, and those on which the loss says when to stop.
    classes
        Number of classes; 0 for numbers.
    squared
        See :class:`PropertyHead`.
    seed
        Of all chance.
    """

    store: CrystalStore
    labels: FewLabels
    learn: Rows
    judge: Rows
    classes: int = 0
    squared: bool = False
    seed: int = 0


def fine_tune(encoder: Encoder, stages: Sequence[TrainingStage], lesson: Lesson) -> Tuned:
    """A copy of ``encoder`` and a new head after all stages, each ending with the weights that judged best."""
    labelled = copy.copy(lesson.store)
    labelled.labels = lesson.labels.columns()
    data = _Batches(labelled)
    with torch.random.fork_rng(), _one_thread():
        torch.manual_seed(lesson.seed)
        head = PropertyHead(encoder.width, lesson.labels.context.shape[1], lesson.classes, squared=lesson.squared)
        tuned = Tuned(copy.deepcopy(encoder), head)
        if isinstance(tuned.encoder, CrystalEncoder):
            tuned.encoder.isolated = False
        with torch.no_grad():
            known = data[lesson.learn]
            head.adapt(tuned.encoder(known).crystal, known.labels)
        for stage in stages:
            train_stage(stage, tuned.encoder, head, data=data, learn=lesson.learn, judge=lesson.judge, seed=lesson.seed)
    tuned.encoder.eval().requires_grad_(False)
    head.eval().requires_grad_(False)
    return tuned


@contextmanager
def _one_thread() -> Iterator[None]:
    """Arrays of a few crystals are too small to share: threads wait for each other longer than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Batches(Dataset[Any]):
    """Batches of crystals with their labels."""

    def __init__(self, store: CrystalStore) -> None:
        self._store = store

    def __getitem__(self, rows: Rows) -> Any:
        return self._store.batch(rows)


class TunedNetworks:
    """Copies of one network of crystals, each trained further on other rows; their average is what they say.

    Parameters
    ----------
    network
        Where they start.
    stages
        How they are trained.
    tuned
        Those that are trained already.
    """

    def __init__(
        self, network: CrystalNetwork, stages: Sequence[TrainingStage] = (), tuned: Sequence[Tuned] = ()
    ) -> None:
        self._network, self._stages, self._tuned = network, tuple(stages), list(tuned)

    @classmethod
    def start(cls, weights: str, part: str, *, shortened: bool = False) -> Self:
        """None trained yet.

        Parameters
        ----------
        weights
            Folder of an artefact, or the name of a representation that has weights.
        part
            Out of :data:`STAGES`.
        shortened
            Half the epochs.

        Raises
        ------
        ArtefactError
            If the weights are missing, damaged, or not of a network of crystals.
        """
        network = network_named(weights)
        stages = STAGES[part]
        return cls(network, tuple(stage.shortened() for stage in stages) if shortened else stages)

    @property
    def digest(self) -> str:
        """Of the weights that they start from."""
        return self._network.pretrained().digest

    def encodable(self, materials: Materials) -> Embedding:
        """Which materials can be encoded, and why the others cannot."""
        return self._network.represent(materials)

    def store(self, materials: Materials) -> CrystalStore:
        """Materials, all of which can be encoded, as the networks see them."""
        assert materials.structures is not None
        return self._network.store(Crystals.from_structures(materials.structures))

    def learn(self, lesson: Lesson) -> Floats:
        """Train one more; what it says of all N crystals, [N, 1] or [N, c]."""
        self._tuned.append(
            fine_tune(self._network.encoder, self._stages, replace(lesson, seed=lesson.seed + len(self._tuned)))
        )
        return self._tuned[-1].predict(lesson.store, lesson.labels.context)

    def forget(self) -> None:
        """Drop all that were trained."""
        self._tuned.clear()

    def predict(self, materials: Materials, context: Floats) -> Floats:
        """The average of what they say of n materials, all of which can be encoded, [n, 1] or [n, c]."""
        store = self.store(materials)
        return np.asarray(np.mean([tuned.predict(store, context) for tuned in self._tuned], axis=0))

    def seen(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that the network was pretrained on, [n]."""
        return self._network.seen(materials)

    def stored(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What :meth:`restored` needs, as JSON and arrays; the weights that it started from are not."""
        start = self._network.pretrained()
        encoder, head = self._network.encoder, self._tuned[0].head
        spec = {
            "encoder": {"name": name_of(type(encoder)), "settings": dict(encoder.settings)},
            "head": dict(head.settings),
            "data": start.facts["experiment"]["data"],
            "digest": start.digest,
            "count": len(self._tuned),
        }
        arrays = {
            f"{at}/{key}": value.numpy()
            for at, tuned in enumerate(self._tuned)
            for key, value in nn.ModuleList([tuned.encoder, tuned.head]).state_dict().items()
        }
        return spec, {**arrays, "seen": start.seen}

    @classmethod
    def restored(cls, spec: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The trained networks again; they predict, and learn no more."""
        tuned = []
        for at in range(spec["count"]):
            encoder = load_class("encoders", spec["encoder"]["name"])(**spec["encoder"]["settings"])
            head, start = PropertyHead(**spec["head"]), f"{at}/"
            own = {
                key.removeprefix(start): torch.from_numpy(value)
                for key, value in arrays.items()
                if key.startswith(start)
            }
            nn.ModuleList([encoder, head]).load_state_dict(own)
            encoder.eval().requires_grad_(False)
            tuned.append(Tuned(encoder, head.eval().requires_grad_(False)))
        facts = {"experiment": {"data": spec["data"]}}
        first = Pretrained({"crystal": tuned[0].encoder}, tuned[0].head, arrays["seen"], facts, spec["digest"])
        return cls(CrystalNetwork.of(first), tuned=tuned)

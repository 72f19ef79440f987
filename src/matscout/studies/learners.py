"""How a contestant learns a task of compositions: a probe on vectors, a whole model, a network that goes on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from matscout.code_digest import digest_of_code
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.predict.origins import origin_of_fit
from matscout.represent.base import Representation
from matscout.represent.composition_batches import CompositionStore
from matscout.represent.encoders.set2set import Set2set
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.represent.table_representation import drop_unlisted
from matscout.represent.trainable import Encoder
from matscout.store import Store, key_of
from matscout.studies.composition_tasks import CompositionTask
from matscout.studies.parts import vectors_of
from matscout.studies.probe import Fold, new_head, probe

Floats = NDArray[np.float64]

PROBING = (__name__, "matscout.studies.probing")
"""Modules whose code decides what a learner predicts; how a study draws and tells it is not among them."""

RATES = (1e-4, 5e-4, 1e-3)
"""Learning rates that a network that goes on chooses from; the paper's are lost."""
VALIDATION = 0.2
"""Share of the learned rows on which the rate is chosen; the paper's is lost."""
TRIAL = 0.5
"""Share of the epochs after which rates are compared."""


class TaskLearner(Protocol):
    """One way to learn."""

    @property
    def digest(self) -> str:
        """What its predictions hang on, beside task, rows and seed."""
        ...

    def predict(self, task: CompositionTask, folds: Sequence[Fold], seed: int) -> list[Floats]:
        """Predictions of each fold's tested rows, NaN where a material is not known."""
        ...


@dataclass(frozen=True)
class Probe:
    """A small network on vectors that a store keeps by a key, float64 [n, d], NaN rows where a material has none."""

    store: Store
    key: str
    epochs: int

    @property
    def digest(self) -> str:
        """Of the code, the vectors and the epochs."""
        return key_of(digest_of_code(*PROBING), self.key, self.epochs)

    def predict(self, task: CompositionTask, folds: Sequence[Fold], seed: int) -> list[Floats]:
        """See :func:`matscout.studies.probe.probe`."""
        vectors = vectors_of(self.store, self.key)
        assert vectors is not None, "they are made before the probe"
        known = np.isfinite(vectors).all(axis=1)
        asked = [Fold(fold.learned[known[fold.learned]], fold.tested[known[fold.tested]]) for fold in folds]
        predictions = probe(vectors, task.values, asked, seed=seed, epochs=self.epochs, batch=task.described.batch)
        estimates = [np.full(len(fold.tested), np.nan) for fold in folds]
        for fold, place, predicted in zip(folds, estimates, predictions, strict=True):
            place[known[fold.tested]] = predicted
        return estimates


@dataclass(frozen=True)
class WholeModel:
    """A model that learns from formulas in its own way."""

    name: str

    @property
    def digest(self) -> str:
        """Of the code of the model."""
        return key_of(digest_of_code(*PROBING), origin_of_fit(self.name, Materials.from_formulas([])))

    def predict(self, task: CompositionTask, folds: Sequence[Fold], seed: int) -> list[Floats]:
        """As ``matscout fit`` and ``predict``."""
        dataset = Dataset(task.materials, {task.name: Target(task.name, task.values)})
        estimates = []
        for fold in folds:
            model = make_model(self.name, seed=seed).fit(dataset[fold.learned], task.name)
            predictions = model.predict(dataset[fold.tested].materials)
            assert isinstance(predictions, Predictions)
            estimates.append(predictions.predicted)
        return estimates


@dataclass(frozen=True, eq=False)
class Transfer:
    """The network and a head on it learn together (table 4 of doi:10.48550/arXiv.2312.13289).

    Adam, absolute errors; the learning rate is chosen on :data:`VALIDATION` of the learned rows after :data:`TRIAL` of
    the epochs, then network and head begin anew and learn from all of them. Means of compositions go on, variances do
    not.
    """

    network: CompositionNetwork
    epochs: int

    @property
    def digest(self) -> str:
        """Of the code, the weights and the epochs."""
        return key_of("transfer", digest_of_code(*PROBING), self.network.origin, self.epochs)

    def predict(self, task: CompositionTask, folds: Sequence[Fold], seed: int) -> list[Floats]:
        """Rows with an element that the network does not know are neither learned from nor predicted."""
        rows, _ = drop_unlisted(task.materials, self.network.encoder.listed.numpy(), self.network.name)
        known = np.isin(np.arange(len(task.values)), rows)
        return [self._predicted(task, fold, known, seed) for fold in folds]

    def _predicted(self, task: CompositionTask, fold: Fold, known: NDArray[np.bool_], seed: int) -> Floats:
        """Predictions for one fold."""
        learned, asked = fold.learned[known[fold.learned]], fold.tested[known[fold.tested]]
        estimates = np.full(len(fold.tested), np.nan)
        if not len(asked) or len(learned) < 2:
            return estimates
        shuffled = np.random.default_rng(seed).permutation(learned)
        held, rest = np.split(shuffled, [max(1, round(VALIDATION * len(shuffled)))])
        few = math.ceil(TRIAL * self.epochs)
        tried = [self._trained(task, Fold(rest, held), seed, rate, few) for rate in RATES]
        best = RATES[int(np.argmin([np.abs(predicted - task.values[held]).mean() for predicted in tried]))]
        estimates[known[fold.tested]] = self._trained(task, Fold(learned, asked), seed, best, self.epochs)
        return estimates

    def _trained(self, task: CompositionTask, fold: Fold, seed: int, rate: float, epochs: int) -> Floats:
        """Predictions for the tested rows of a fold whose materials are all known."""
        store, truth = CompositionStore(task.materials.compositions), torch.from_numpy(task.values).float()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            encoder = _of_means(self.network.encoder).train().requires_grad_(True)
            head = new_head(encoder.width)
            adam = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=rate, fused=True)
            order = torch.from_numpy(fold.learned)
            for _ in range(epochs):
                for rows in torch.split(order[torch.randperm(len(order))], task.described.batch):
                    adam.zero_grad()
                    loss = (_outputs(encoder, head, store, rows) - truth[rows]).abs().mean()
                    torch.autograd.backward(loss)
                    adam.step()
            with torch.inference_mode():
                return np.asarray(_outputs(encoder.eval(), head, store, torch.from_numpy(fold.tested)).double().numpy())


def _of_means(encoder: Encoder) -> Encoder:
    """A copy that computes no variances, which no head sees."""
    copy = deepcopy(encoder)
    if isinstance(copy, Set2set):
        copy.log_variance = None
    return copy


def _outputs(encoder: Encoder, head: nn.Module, store: CompositionStore, rows: Tensor) -> Tensor:
    """What head and network say of these rows, [len(rows)]."""
    # A batch goes by the number of elements.
    order = np.argsort(store.lengths[rows.numpy()], kind="stable")
    outputs = head(encoder(store.batch(rows.numpy()[order])).crystal)[:, 0]
    return torch.as_tensor(outputs[torch.from_numpy(np.argsort(order))])


def side_by_side(makers: Sequence[Representation], task: CompositionTask, *, scaled: bool) -> Floats:
    """Vectors of all rows [n, d], side by side, NaN where a material has none; mean 0 and spread 1 if ``scaled``."""
    return np.hstack([_vectors(maker, task, scaled=scaled) for maker in makers])


def _vectors(maker: Representation, task: CompositionTask, *, scaled: bool) -> Floats:
    embedding = maker.represent(task.materials)
    vectors = np.full((len(task.values), embedding.vectors.shape[1]), np.nan)
    vectors[embedding.rows] = embedding.vectors
    if scaled:
        spread = np.nanstd(vectors, axis=0)
        vectors = (vectors - np.nanmean(vectors, axis=0)) / np.where(spread > 0, spread, 1.0)
        vectors[embedding.rows] = np.nan_to_num(vectors[embedding.rows])
    return vectors

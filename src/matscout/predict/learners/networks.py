"""Small neural networks whose disagreement is their uncertainty (Lakshminarayanan 2017, arXiv:1612.01474)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.ensembles import (
    average_probabilities,
    bootstrap_rows,
    bootstrap_rows_of_all,
    over_members,
)
from matscout.predict.learner import Classifier, Estimate, Floats, Learner, Regressor
from matscout.predict.scaling import Scaling

Layers = tuple[tuple[Floats, Floats], ...]
"""Weights and biases of each layer."""


@dataclass(eq=False, kw_only=True)
class _Ensemble(Learner):
    """What the regressor and the classifier share: members as lists of (weights, biases).

    Parameters
    ----------
    n_members
        Networks, each from its own random start and on its own bootstrap of the rows.
    hidden
        Widths of the hidden layers (ReLU).
    penalty
        Weight of the squared weights in the loss.
    n_epochs
        Passes over the rows.
    seed
        Seed of all random choices.
    """

    n_members: int = 4
    hidden: tuple[int, ...] = (64, 64)
    penalty: float = 0.01
    n_epochs: int = 60
    seed: int = 0
    scaling: Scaling = field(init=False)
    members: tuple[Layers, ...] = field(init=False)

    def _train(self, vectors: Floats, targets: NDArray[Any], weights: Floats, *, classify: bool) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        maker = MLPClassifier if classify else MLPRegressor
        rng = np.random.default_rng(self.seed)
        self.scaling = Scaling.fit(vectors)
        inputs = self.scaling.transform(vectors)
        members = []
        for seed in rng.integers(2**31 - 1, size=self.n_members):
            member = maker(
                hidden_layer_sizes=self.hidden,
                alpha=self.penalty,
                learning_rate_init=3e-3,
                batch_size=min(64, len(inputs)),
                max_iter=self.n_epochs,
                random_state=int(seed),
            )
            rows = bootstrap_rows_of_all(rng, targets) if classify else bootstrap_rows(rng, len(targets))
            with warnings.catch_warnings():
                # The number of epochs is the chosen regularisation; the networks are not meant to converge.
                warnings.simplefilter("ignore", ConvergenceWarning)
                member.fit(inputs[rows], targets[rows], sample_weight=weights[rows])
            members.append(tuple(zip(member.coefs_, member.intercepts_, strict=True)))
        self.members = tuple(members)

    def _raw(self, vectors: Floats) -> Floats:
        """Output of each member before any link function, [n_members, m, k]."""
        inputs = self.scaling.transform(vectors)
        outputs = []
        for layers in self.members:
            signal = inputs
            for weights, biases in layers[:-1]:
                signal = np.maximum(signal @ weights + biases, 0.0)
            weights, biases = layers[-1]
            outputs.append(signal @ weights + biases)
        return np.stack(outputs)


@dataclass(eq=False, kw_only=True)
class NetworksClassifier(_Ensemble, Classifier):
    """Small networks for classes; probabilities are averaged over the members.

    Options as in :class:`Networks`. A class absent from the training rows gets probability 0.
    """

    present: NDArray[np.int64] = field(init=False)
    n_classes: int = field(init=False)

    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and classes [n] (two or more different ones)."""
        self.present = np.unique(classes)
        self.n_classes = n_classes
        self._train(vectors, classes, np.ones(len(classes)) if weights is None else weights, classify=True)
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Probabilities for vectors [m, d]: [m, c]."""
        return average_probabilities(self._raw(vectors), self.present, self.n_classes)


@dataclass(eq=False, kw_only=True)
class Networks(_Ensemble, Regressor):
    """Small networks for numbers on standardised inputs and values; mean, median and spread over the members.

    Options: ``n_members``, ``hidden`` (widths), ``penalty``, ``n_epochs``, ``seed``.
    """

    classifier = NetworksClassifier
    extrapolates = True
    column_sets = ("mat2vec", "drfp")
    turn = 50

    centre: float = field(init=False)
    scale: float = field(init=False)

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d], values [n] and optional weights [n]."""
        self.centre = float(values.mean())
        self.scale = float(values.std()) or 1.0
        importance = np.ones(len(values)) if weights is None else weights
        self._train(vectors, (values - self.centre) / self.scale, importance, classify=False)
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Statistics over the members for vectors [m, d]."""
        return over_members(self.centre + self.scale * self._raw(vectors)[:, :, 0])

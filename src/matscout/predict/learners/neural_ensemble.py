"""A few small neural networks; where they disagree they do not know (Lakshminarayanan 2017, arXiv:1612.01474)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from matscout.predict.learners.base import Classifier, Estimate, Floats, Regressor
from matscout.predict.learners.ensembles import (
    average_probabilities,
    bootstrap_rows,
    bootstrap_rows_of_all,
    over_members,
)
from matscout.predict.learners.scaling import Scaling
from matscout.predict.states import State

Layers = list[tuple[Floats, Floats]]


class _Ensemble:
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

    def __init__(
        self,
        *,
        n_members: int = 4,
        hidden: Sequence[int] = (64, 64),
        penalty: float = 0.01,
        n_epochs: int = 60,
        seed: int = 0,
    ) -> None:
        self.n_members = n_members
        self.hidden = tuple(hidden)
        self.penalty = penalty
        self.n_epochs = n_epochs
        self.seed = seed
        self._scaling: Scaling
        self._members: list[Layers]

    def state(self) -> State:
        """The weights of all members and the options."""
        names = ("n_members", "penalty", "n_epochs", "seed")
        spec = {**{name: getattr(self, name) for name in names}, "hidden": list(self.hidden)}
        arrays = dict(self._scaling.arrays())
        for i, layers in enumerate(self._members):
            for j, (weights, biases) in enumerate(layers):
                arrays |= {f"weights_{i}_{j}": weights, f"biases_{i}_{j}": biases}
        return State(spec, arrays)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again."""
        learner = cls(**state.spec)
        learner._scaling = Scaling.from_arrays(state.arrays)
        learner._members = [
            [
                (state.arrays[f"weights_{i}_{j}"], state.arrays[f"biases_{i}_{j}"])
                for j in range(len(learner.hidden) + 1)
            ]
            for i in range(learner.n_members)
        ]
        return learner

    def _train(
        self, maker: type[MLPRegressor] | type[MLPClassifier], vectors: Floats, targets: NDArray[Any], weights: Floats
    ) -> None:
        rng = np.random.default_rng(self.seed)
        self._scaling = Scaling.fit(vectors)
        inputs = self._scaling.transform(vectors)
        self._members = []
        for seed in rng.integers(2**31 - 1, size=self.n_members):
            member = maker(
                hidden_layer_sizes=self.hidden,
                alpha=self.penalty,
                learning_rate_init=3e-3,
                batch_size=min(64, len(inputs)),
                max_iter=self.n_epochs,
                random_state=int(seed),
            )
            classify = maker is MLPClassifier
            rows = bootstrap_rows_of_all(rng, targets) if classify else bootstrap_rows(rng, len(targets))
            with warnings.catch_warnings():
                # The number of epochs is the chosen regularisation; the networks are not meant to converge.
                warnings.simplefilter("ignore", ConvergenceWarning)
                member.fit(inputs[rows], targets[rows], sample_weight=weights[rows])
            self._members.append(list(zip(member.coefs_, member.intercepts_, strict=True)))

    def _raw(self, vectors: Floats) -> Floats:
        """Output of each member before any link function, [n_members, m, k]."""
        inputs = self._scaling.transform(vectors)
        outputs = []
        for layers in self._members:
            signal = inputs
            for weights, biases in layers[:-1]:
                signal = np.maximum(signal @ weights + biases, 0.0)
            weights, biases = layers[-1]
            outputs.append(signal @ weights + biases)
        return np.stack(outputs)


class NeuralEnsemble(_Ensemble, Regressor):
    """Small networks for numbers on standardised inputs and values; mean, median and spread over the members.

    Options: ``n_members``, ``hidden`` (widths), ``penalty``, ``n_epochs``, ``seed``.
    """

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d], values [n] and optional weights [n]."""
        self._centre = float(values.mean())
        self._scale = float(values.std()) or 1.0
        importance = np.ones(len(values)) if weights is None else weights
        self._train(MLPRegressor, vectors, (values - self._centre) / self._scale, importance)
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Statistics over the members for vectors [m, d]."""
        return over_members(self._centre + self._scale * self._raw(vectors)[:, :, 0])

    def state(self) -> State:
        """The weights of all members, the options and the scale of the values."""
        state = super().state()
        return State({"options": dict(state.spec), "centre": self._centre, "scale": self._scale}, state.arrays)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again."""
        learner = super().from_state(State(state.spec["options"], state.arrays))
        learner._centre, learner._scale = state.spec["centre"], state.spec["scale"]
        return learner


class NeuralEnsembleClassifier(_Ensemble, Classifier):
    """Small networks for classes; probabilities are averaged over the members.

    Options as in :class:`NeuralEnsemble`. A class absent from the training rows gets probability 0.
    """

    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and classes [n] (two or more different ones)."""
        self._present = np.unique(classes)
        self._n_classes = n_classes
        self._train(MLPClassifier, vectors, classes, np.ones(len(classes)) if weights is None else weights)
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Probabilities for vectors [m, d]: [m, c]."""
        return average_probabilities(self._raw(vectors), self._present, self._n_classes)

    def state(self) -> State:
        """The weights of all members, the options and the classes that were present."""
        state = super().state()
        spec = {"options": dict(state.spec), "n_classes": self._n_classes}
        return State(spec, {**state.arrays, "present": self._present})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again."""
        learner = super().from_state(State(state.spec["options"], state.arrays))
        learner._n_classes, learner._present = state.spec["n_classes"], state.arrays["present"]
        return learner

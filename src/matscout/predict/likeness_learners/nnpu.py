"""A small network trained on the non-negative risk of positive-unlabelled learning (Kiryo and others 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner

HIDDEN = 64
EPOCHS, FAST_EPOCHS = 60, 20
BATCHES = 20
"""Parts that known and unlabelled rows are divided into in each epoch."""
RATE, DECAY = 1e-3, 1e-3
"""Step of Adam, and weight decay."""
CLIP = 5.0
"""Standard deviations beyond which an input counts as being there."""


@dataclass(eq=False)
class Nnpu(LikenessLearner):
    """R = pi R_P+ + max(0, R_U- - pi R_P-) with the sigmoid loss; a negative bracket is stepped up again.

    One hidden layer. It needs the class prior pi, and errs where that is wrong (doi:10.48550/arXiv.1703.00593).
    """

    needs_prior = True

    centre: Floats = field(init=False)
    spread: Floats = field(init=False)
    layers: tuple[NDArray[np.float64], ...] = field(init=False)
    risks: Floats = field(init=False)
    """The risk of all rows after each epoch, [epochs]."""

    def fit(self, examples: LikenessExamples) -> Self:
        """Take steps of Adam over batches that hold known and unlabelled rows as there are."""
        assert examples.class_prior is not None, "needs_prior"
        vectors, prior = examples.vectors, examples.class_prior
        self.centre, spread = vectors.mean(axis=0), vectors.std(axis=0)
        self.spread = np.where(spread > 0, spread, 1.0)
        inputs, rng = self._scaled(vectors), np.random.default_rng(examples.seed)
        layers, adam, risks = _initial(inputs.shape[1], rng), _Adam(), []
        for _ in range(FAST_EPOCHS if examples.fast else EPOCHS):
            for known, unlabelled in _batches(examples.known, rng):
                rows = np.concatenate([known, unlabelled])
                slopes, _ = _slopes_of_risk(_outputs(layers, inputs[rows]), len(known), prior)
                adam.step(layers, _gradients(layers, inputs[rows], slopes))
            order = np.argsort(~examples.known, kind="stable")
            risks.append(_slopes_of_risk(_outputs(layers, inputs[order]), int(examples.known.sum()), prior)[1])
        self.layers, self.risks = tuple(layers), np.array(risks)
        return self

    def score(self, vectors: Floats) -> Floats:
        """The logistic of the output."""
        return np.asarray(expit(_outputs(list(self.layers), self._scaled(vectors))), dtype=np.float64)

    def _scaled(self, vectors: Floats) -> Floats:
        return np.clip((vectors - self.centre) / self.spread, -CLIP, CLIP)


def _initial(n_columns: int, rng: np.random.Generator) -> list[Floats]:
    """Weights and offsets of both layers."""
    return [
        rng.normal(0.0, np.sqrt(2.0 / max(n_columns, 1)), (n_columns, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0.0, np.sqrt(1.0 / HIDDEN), HIDDEN),
        np.zeros(1),
    ]


def _batches(known: NDArray[np.bool_], rng: np.random.Generator) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Known and unlabelled rows of each batch of an epoch; each batch has some of both."""
    parts = [rng.permutation(np.flatnonzero(chosen)) for chosen in (known, ~known)]
    n = max(1, min(BATCHES, *map(len, parts)))
    yield from zip(*(np.array_split(part, n) for part in parts), strict=True)


def _hidden(layers: list[Floats], inputs: Floats) -> Floats:
    return np.maximum(inputs @ layers[0] + layers[1], 0.0)


def _outputs(layers: list[Floats], inputs: Floats) -> Floats:
    return np.asarray(_hidden(layers, inputs) @ layers[2] + layers[3][0])


def _slopes_of_risk(outputs: Floats, n_known: int, prior: float) -> tuple[Floats, float]:
    """The slope of the risk to be stepped along by each output, known rows first, and the risk itself.

    The loss of an output z for a label y is the logistic of -y z; that of both labels adds up to 1.
    """
    n_unlabelled = len(outputs) - n_known
    steep = expit(outputs) * expit(-outputs)
    wrong = expit(outputs)  # the loss as a negative
    bracket = wrong[n_known:].mean() - prior * wrong[:n_known].mean()
    risk = prior * (1.0 - wrong[:n_known]).mean() + max(0.0, bracket)
    as_negative = np.concatenate([-prior * steep[:n_known] / n_known, steep[n_known:] / n_unlabelled])
    if bracket < 0:
        return -as_negative, float(risk)
    as_positive = np.concatenate([-prior * steep[:n_known] / n_known, np.zeros(n_unlabelled)])
    return as_positive + as_negative, float(risk)


def _gradients(layers: list[Floats], inputs: Floats, slopes: Floats) -> list[Floats]:
    hidden = _hidden(layers, inputs)
    back = np.outer(slopes, layers[2]) * (hidden > 0)
    return [inputs.T @ back + DECAY * layers[0], back.sum(axis=0), hidden.T @ slopes, np.array([slopes.sum()])]


class _Adam:
    """Steps of Adam (Kingma and Ba 2015) with its usual settings."""

    def __init__(self) -> None:
        self.n = 0
        self.first: list[Floats] = []
        self.second: list[Floats] = []

    def step(self, layers: list[Floats], gradients: list[Floats]) -> None:
        """Change the layers in place."""
        if not self.first:
            self.first, self.second = ([np.zeros_like(one) for one in layers] for _ in range(2))
        self.n += 1
        for place, gradient in enumerate(gradients):
            self.first[place] += 0.1 * (gradient - self.first[place])
            self.second[place] += 0.001 * (gradient**2 - self.second[place])
            mean, square = self.first[place] / (1 - 0.9**self.n), self.second[place] / (1 - 0.999**self.n)
            layers[place] -= RATE * mean / (np.sqrt(square) + 1e-8)

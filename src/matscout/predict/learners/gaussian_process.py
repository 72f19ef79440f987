"""Gaussian process with Matérn and linear kernels per block of columns (Rasmussen 2006, ISBN 978-0-262-18253-9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matscout.predict.learner import Classifier, Estimate, Floats, Learner, Regressor
from matscout.predict.scaling import Scaling
from matscout.predict.states import State, Stored

ROWS_AT_ONCE = 2048
SAME = 1e-5
"""Rows nearer than this are the same, as far as rounding tells."""
LOWEST_NOISE = 1e-4
"""Smallest noise variance relative to the variance of the values; keeps the Cholesky factor well conditioned."""

FLAT = 1e-4
"""The search for a kernel ends where a step changes the log likelihood by less than this fraction."""

Blocks = tuple[NDArray[np.int64], ...]
"""Positions of the columns that a part of the kernel sees; a column may be in several."""


@dataclass(frozen=True)
class KernelPart(Stored):
    """rough * matern(|x - x'| / length) + linear * x.x' / d of the d columns of a block, values of unit variance.

    ``matern`` is the Matern function with smoothness 3/2, ``(1 + a) exp(-a)`` with ``a = sqrt(3) r``. The linear part
    lets the mean go on beyond the training data.
    """

    rough: float
    length: float
    linear: float

    def covariance(self, left: Floats, right: Floats) -> Floats:
        """Covariance of the noise-free function between rows left [n, d] and right [m, d]: [n, m]."""
        return self.rough * _matern(_distances(left, right) / self.length) + self.linear * _inner(left, right)

    def variance(self, inputs: Floats) -> Floats:
        """Prior variance of the noise-free function at each row, [n]."""
        return np.asarray(self.rough + self.linear * (inputs**2).mean(axis=1), dtype=np.float64)


@dataclass(frozen=True)
class Kernel(Stored):
    """A sum of parts, one for each block of columns; ``noise`` is the variance of a measurement of weight 1.

    Blocks are what a chemist would call different views of a material, such as its elements and its bonds. Each finds
    its own length, and one that says nothing is switched off, where one distance over all columns would drown in it.
    """

    parts: tuple[KernelPart, ...]
    noise: float

    @classmethod
    def from_logs(cls, logs: Floats) -> Kernel:
        """From the logarithms of each part's three numbers, part by part, and of the noise, [3 b + 1]."""
        numbers = [float(number) for number in np.exp(logs)]
        parts = [KernelPart(*numbers[at : at + 3]) for at in range(0, len(numbers) - 1, 3)]
        return cls(tuple(parts), numbers[-1])

    def covariance(self, left: Sequence[Floats], right: Sequence[Floats]) -> Floats:
        """Covariance of the noise-free function; rows are given block by block, [n, d] and [m, d] -> [n, m]."""
        pairs = zip(self.parts, left, right, strict=True)
        return np.asarray(sum(part.covariance(one, other) for part, one, other in pairs), dtype=np.float64)

    def variance(self, inputs: Sequence[Floats]) -> Floats:
        """Prior variance of the noise-free function at each row, [n]."""
        pairs = zip(self.parts, inputs, strict=True)
        return np.asarray(sum(part.variance(block) for part, block in pairs), dtype=np.float64)


def _matern(scaled: Floats) -> Floats:
    a = np.sqrt(3.0) * scaled
    return np.asarray((1.0 + a) * np.exp(-a), dtype=np.float64)


def _distances(left: Floats, right: Floats) -> Floats:
    """Euclidean distances [n, m] by one matrix product: many times faster than one by one, exact to about 1e-6."""
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1) - 2.0 * (left @ right.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), dtype=np.float64)


def _inner(left: Floats, right: Floats) -> Floats:
    return np.asarray(left @ right.T / left.shape[1], dtype=np.float64)


def log_likelihood(
    logs: Floats, distances: Sequence[Floats], inner: Sequence[Floats], values: Floats, noise_shape: Floats
) -> tuple[float, Floats]:
    """Log marginal likelihood of values [n] and its gradient in the logarithms of the kernel's numbers.

    Equations 5.8 and 5.9 of Rasmussen and Williams; distances and inner are the packed lower triangles of each block
    (:func:`lower_triangle`), in the order of :meth:`Kernel.from_logs`; noise_shape [n] multiplies the noise.
    """
    kernel = Kernel.from_logs(logs)
    covariance = np.diag(kernel.noise * noise_shape)
    smooth, slow = [], []
    for part, apart, alike in zip(kernel.parts, distances, inner, strict=True):
        a = (np.sqrt(3.0) / part.length) * apart
        decay = part.rough * np.exp(-a)
        smooth.append((1.0 + a) * decay)
        slow.append(a * a * decay)
        _add(covariance, smooth[-1] + part.linear * alike)
    factor = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve((factor, True), values, check_finite=False)
    inverse, _ = dpotri(factor, lower=1)
    slope = _slope(inverse.T, weights)
    slopes = [
        (slope @ rough, slope @ length, part.linear * (slope @ alike))
        for part, rough, length, alike in zip(kernel.parts, smooth, slow, inner, strict=True)
    ]
    noise = kernel.noise * np.sum((weights**2 - np.diag(inverse)) * noise_shape)
    log_determinant = 2.0 * np.log(np.diag(factor)).sum()
    value = -0.5 * (values @ weights + log_determinant + len(values) * np.log(2.0 * np.pi))
    return float(value), 0.5 * np.array([*np.ravel(slopes), noise])


def lower_triangle(matrix: Floats) -> Floats:
    """The lower triangle of a symmetric matrix [n, n], row by row: [n (n + 1) / 2]."""
    return np.asarray(matrix[np.tril_indices(len(matrix))], dtype=np.float64)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _add(covariance: Floats, packed: Floats) -> None:
    """Add a packed triangle to the lower triangle."""
    at = 0
    for i in range(len(covariance)):
        for j in range(i + 1):
            covariance[i, j] += packed[at]
            at += 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def _slope(inverse: Floats, weights: Floats) -> Floats:
    """W w' - K^-1 packed, off the diagonal twice, so that its product with dK is the trace; from an upper triangle."""
    packed = np.empty(len(weights) * (len(weights) + 1) // 2)
    at = 0
    for i in range(len(weights)):
        for j in range(i):
            packed[at] = 2.0 * (weights[i] * weights[j] - inverse[j, i])
            at += 1
        packed[at] = weights[i] * weights[i] - inverse[i, i]
        at += 1
    return packed


def most_likely_kernel(inputs: Sequence[Floats], values: Floats, noise_shape: Floats) -> Kernel:
    """The kernel of greatest marginal likelihood for inputs [n, d] of each block and values [n] of unit variance."""
    distances = [lower_triangle(_distances(block, block)) for block in inputs]
    inner = [lower_triangle(_inner(block, block)) for block in inputs]
    share, start, bounds = 1.0 / len(inputs), [], []
    for apart in distances:
        typical = float(np.median(apart[apart > SAME])) if (apart > SAME).any() else 1.0
        start += [share, typical, 0.1 * share]
        bounds += [(1e-2 * share, 1e2), (0.05 * typical, 20.0 * typical), (1e-5, 1e1)]

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(logs, distances, inner, values, noise_shape)
        return -value, -gradient

    limits = np.log([*bounds, (LOWEST_NOISE, 2.0)])
    options = {"maxiter": 60, "ftol": FLAT}
    from scipy.optimize import minimize

    best = minimize(loss, np.log([*start, 0.1]), jac=True, method="L-BFGS-B", bounds=limits, options=options)
    return Kernel.from_logs(best.x)


@dataclass(eq=False, kw_only=True)
class _Process(Learner):
    """What the regressor and the classifier share: k outputs with one kernel.

    Parameters
    ----------
    max_rows
        Most training rows used; a seeded random subset beyond.
    max_rows_kernel
        Most rows used to find the kernel.
    seed
        Seed of the subsets.
    blocks
        Columns of each part of the kernel; None for one part that sees all.
    """

    max_rows: int = 3000
    max_rows_kernel: int = 500
    seed: int = 0
    blocks: Blocks | None = None
    kernel: Kernel = field(init=False)
    scaling: Scaling = field(init=False)
    inputs: Floats = field(init=False)
    noise_shape: Floats = field(init=False)
    centre: Floats = field(init=False)
    scale: float = field(init=False)
    targets: Floats = field(init=False)
    rows: NDArray[np.int64] = field(init=False, metadata={"stored": False})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted process again; the Cholesky factor is computed anew."""
        process = super().from_state(state)
        process._condition()
        return process

    @property
    def n_rows(self) -> int:
        """Training rows in use: at most ``max_rows``."""
        return len(self.inputs)

    def left_out(self, units: NDArray[np.int64]) -> Floats:
        """Predictions [n_rows, k] for the training rows in use, each without the rows of its unit [n_rows].

        In closed form, ``y_U - (K^-1_UU)^-1 (K^-1 y)_U`` for the rows U of a unit (equation 5.12 of Rasmussen and
        Williams for a single row), with the kernel of all rows.
        """
        inverse, _ = dpotri(self._factor, lower=1)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        predicted = np.empty_like(self.targets)
        for unit in np.unique(units):
            rows = np.flatnonzero(units == unit)
            predicted[rows] = self.targets[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], self._weights[rows])
        return np.asarray(self.centre + self.scale * predicted, dtype=np.float64)

    def _by_block(self, inputs: Floats) -> list[Floats]:
        """Scaled rows [n, d] as each part of the kernel sees them."""
        return [inputs] if self.blocks is None else [inputs[:, block] for block in self.blocks]

    def _learn(self, vectors: Floats, targets: Floats, weights: Floats | None) -> None:
        """Fit k outputs, targets [n, k]; a row's noise variance is inversely proportional to its weight."""
        importance = np.ones(len(vectors)) if weights is None else np.asarray(weights, dtype=np.float64)
        usable = np.flatnonzero(importance > 0)
        rng = np.random.default_rng(self.seed)
        rows = np.sort(rng.permutation(usable)[: self.max_rows])
        self.rows = rows
        self.scaling = Scaling.fit(vectors[rows])
        self.inputs = self.scaling.transform(vectors[rows])
        self.noise_shape = importance[rows].mean() / importance[rows]
        self.centre = targets[rows].mean(axis=0)
        self.scale = float(np.sqrt(targets[rows].var(axis=0).mean())) or 1.0
        self.targets = (targets[rows] - self.centre) / self.scale
        few = np.sort(rng.permutation(len(rows))[: self.max_rows_kernel])
        # One kernel for all outputs: the output of largest variance speaks for the others.
        loudest = int(self.targets.var(axis=0).argmax())
        # Matrices this small are factorised faster by one thread than by several that wait for each other.
        with threadpool_limits(limits=1, user_api="blas"):
            inputs = self._by_block(self.inputs[few])
            self.kernel = most_likely_kernel(inputs, self.targets[few, loudest], self.noise_shape[few])
        self._condition()

    def _condition(self) -> None:
        """Cholesky factor and weights of the training rows (algorithm 2.1 of Rasmussen and Williams)."""
        inputs = self._by_block(self.inputs)
        covariance = self.kernel.covariance(inputs, inputs)
        covariance[np.diag_indices_from(covariance)] += self.kernel.noise * self.noise_shape
        self._factor = cholesky(covariance, lower=True, overwrite_a=True)
        self._weights = cho_solve((self._factor, True), self.targets)

    def _posterior(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Mean [m, k] and standard deviation [m] of a new measurement of weight 1, in the units of the targets."""
        means, stds, known = [], [], self._by_block(self.inputs)
        for start in range(0, max(len(vectors), 1), ROWS_AT_ONCE):
            inputs = self._by_block(self.scaling.transform(vectors[start : start + ROWS_AT_ONCE]))
            cross = self.kernel.covariance(inputs, known)
            means.append(self.centre + self.scale * (cross @ self._weights))
            explained = (solve_triangular(self._factor, cross.T, lower=True, overwrite_b=True) ** 2).sum(axis=0)
            variance = np.maximum(self.kernel.variance(inputs) - explained, 0.0) + self.kernel.noise
            stds.append(self.scale * np.sqrt(variance))
        return np.concatenate(means), np.concatenate(stds)


@dataclass(eq=False, kw_only=True)
class GaussianProcessClassifier(_Process, Classifier):
    """Regression on class indicators; means clipped to [0, 1] and scaled to sum to 1 serve as probabilities.

    A least-squares classifier (Rasmussen and Williams, section 6.5): exact, quick, and storable, at the price of
    probabilities that are only roughly calibrated. Options as in :class:`GaussianProcess`.
    """

    def fit(self, vectors: Floats, classes: NDArray[np.int64], n_classes: int, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and classes [n] in 0..n_classes - 1."""
        self._learn(vectors, np.eye(n_classes)[classes], weights)
        return self

    def predict(self, vectors: Floats) -> Floats:
        """Probabilities for vectors [m, d]: [m, c]."""
        mean, _ = self._posterior(vectors)
        return as_probabilities(mean)


@dataclass(eq=False, kw_only=True)
class GaussianProcess(_Process, Regressor):
    """Exact process on standardised columns (clipped to 6 standard deviations).

    Hyperparameters maximise the marginal likelihood of at most ``max_rows_kernel`` rows. Options: ``max_rows`` (a
    seeded random subset of the training rows beyond), ``max_rows_kernel``, ``seed``, ``blocks``.
    """

    classifier = GaussianProcessClassifier
    extrapolates = True
    column_sets = (
        "chemistry",
        "cgnf",
        "chemistry and donated",
        "donor vector",
        "chemistry and structure",
        "chemistry, structure and sites",
        "chemistry, structure and donated",
        "chemistry, structure, sites and donated",
    )
    by_distances = True
    on_trial = False
    turn = 10

    def fit(self, vectors: Floats, values: Floats, weights: Floats | None = None) -> Self:
        """Learn from vectors [n, d] and values [n]; a row's noise variance is inversely proportional to its weight."""
        self._learn(vectors, np.asarray(values, dtype=np.float64)[:, None], weights)
        return self

    def predict(self, vectors: Floats) -> Estimate:
        """Mean and standard deviation of a new measurement at vectors [m, d] (noise included)."""
        mean, std = self._posterior(vectors)
        return Estimate(mean[:, 0], mean[:, 0], std)


def as_probabilities(means: Floats) -> Floats:
    """Means of class indicators [m, c], clipped to [0.001, 1] and scaled to sum to 1."""
    clipped = np.clip(means, 1e-3, 1.0)
    return np.asarray(clipped / clipped.sum(axis=1, keepdims=True), dtype=np.float64)

"""The pair law: a Gaussian process on totals of arrangements, with its posterior energies of defects and pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize

from matscout.predict.pair_kernel import (
    FIELDS,
    ClassKernel,
    PairKernel,
    PairTable,
    covariance,
    families,
    terms,
    variances,
)
from matscout.predict.states import Stored

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BOUNDS = {
    "counts": (1e-2, 1e3),
    "family": (1e-6, 1e1),
    "smooth": (1e-3, 1e2),
    "shell": (1e-3, 1e2),
    "width": (0.3, 3.0),
    "length": (0.3, 5.0),
    "reach": (1.5, 20.0),
    "noise": (1e-6, 0.3),
}
"""Of the numbers of the kernel; an interaction neither ends within a bond nor reaches beyond any cell."""
SURE = 2.0
"""Factor e to this power: how far a number usually lies from where the search starts (a weak prior)."""
SEARCHED_ROWS = 400
"""Rows, drawn at random, by which the numbers of the kernel are found."""
STEPS = 60


@dataclass(frozen=True, eq=False)
class PairLaw(Stored):
    """A fitted pair law.

    Parameters
    ----------
    kernel
        Its numbers.
    table
        The n arrangements it has learned from.
    centre, scale
        Mean and standard deviation of their totals.
    values
        float64 [n], y, the totals in units of these.
    weights
        float64 [n], K^-1 y.
    factor
        float64 [n, n], the lower Cholesky factor of K.
    """

    kernel: PairKernel
    table: PairTable
    centre: float
    scale: float
    values: Floats
    weights: Floats
    factor: Floats

    @classmethod
    def fit(
        cls,
        table: PairTable,
        totals: Floats,
        importance: Floats | None = None,
        *,
        seed: int = 0,
        kernel: PairKernel | None = None,
    ) -> PairLaw:
        """Learn from totals [n], with weights ``importance`` [n] of mean 1; a given ``kernel`` stays as it is."""
        centre, scale = float(totals.mean()), float(totals.std()) or 1.0
        values = (totals - centre) / scale
        noise = np.ones(len(values)) if importance is None else 1.0 / importance
        outcome = kernel or searched(table, values, noise, seed)
        whole = covariance(outcome, table, table) + np.diag(outcome.noise * noise)
        factor = np.ascontiguousarray(cholesky(whole, lower=True, check_finite=False))
        return cls(outcome, table, centre, scale, values, cho_solve((factor, True), values), factor)

    def left_out(self, units: Integers) -> tuple[Floats, Floats]:
        """What is said of the first n training rows without the rows of their unit [n], and the standard deviation."""
        values = self.values
        mean, spread = np.empty(len(units)), np.empty(len(units))
        inverse = inverse_of(self.factor)
        for unit in np.unique(units):
            rows = np.flatnonzero(units == unit)
            block = np.linalg.inv(inverse[np.ix_(rows, rows)])
            mean[rows] = values[rows] - block @ self.weights[rows]
            spread[rows] = np.sqrt(np.maximum(np.diag(block), 1e-12))
        return mean * self.scale + self.centre, spread * self.scale

    def expect(self, table: PairTable) -> tuple[Floats, Floats]:
        """The mean of totals of m arrangements and their standard deviation with noise, [m] each."""
        across = covariance(self.kernel, table, self.table)
        mean = across @ self.weights
        spread = variances(self.kernel, table) - self._known(across)
        return mean * self.scale + self.centre, np.sqrt(np.maximum(spread, 0.0) + self.kernel.noise) * self.scale

    def _known(self, across: Floats) -> Floats:
        """How much of a variance is known by covariances [m, n] with what was learned from, [m]."""
        halves = solve_triangular(self.factor, across.T, lower=True, check_finite=False)
        return np.asarray(np.square(halves).sum(axis=0))

    def score(self, table: PairTable) -> Floats:
        """The mean alone, [m], for very many arrangements: linear in counts and pairs, but for the families."""
        n_types = max(table.counts.shape[1], self.table.counts.shape[1])
        counts, own = table.widened(n_types), self.table.widened(n_types)
        one = self.kernel.counts * (self.weights.sum() + counts @ (own.T @ self.weights))
        kinds, which = np.unique(counts, axis=0, return_inverse=True)
        two = (self.kernel.family * families(self.kernel, kinds, own) @ self.weights)[which.ravel()]
        between = ClassKernel.between(self.kernel, table, self.table).whole
        three = table.pairs @ (between @ (self.table.pairs.T @ self.weights))
        return np.asarray((one + two + three) * self.scale + self.centre)

    @property
    def not_additive(self) -> float:
        """The share of the variance over the training rows that is that of the second term."""
        parts = [part @ self.weights for part in terms(self.kernel, self.table, self.table)]
        whole = float(np.var(np.sum(parts, axis=0)))
        return float(np.var(parts[1])) / whole if whole > 0 else 0.0

    def interaction(self, first: int, second: int, distances: Floats, heights: Floats) -> tuple[Floats, Floats]:
        """v(d) of two kinds of defects (positions in ``table.types``) and its standard deviation, [m] each.

        Where a distance and height are those of a shell that occurs, with what this shell adds.
        """
        asked = _classes(self.table, first, second, distances, heights)
        between = ClassKernel.between(self.kernel, asked, self.table).whole
        across = np.asarray((self.table.pairs @ between.T).T)
        own = np.diag(ClassKernel.between(self.kernel, asked, asked).whole)
        spread = own - self._known(across)
        return across @ self.weights * self.scale, np.sqrt(np.maximum(spread, 0.0)) * self.scale

    def alone(self) -> tuple[Floats, Floats]:
        """The total of each kind of defect alone, and its standard deviation, [T] each."""
        n = len(self.table.types)
        single = PairTable(
            self.table.types, np.eye(n), *_NO_CLASSES, np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
        )
        return self.expect(single)


def inverse_of(factor: Floats) -> Floats:
    """The inverse of a matrix with this lower Cholesky factor, [n, n]."""
    half, _ = dpotri(factor, lower=1)
    return np.asarray(np.tril(half) + np.tril(half, -1).T)


_NO_CLASSES = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


def _classes(table: PairTable, first: int, second: int, distances: Floats, heights: Floats) -> PairTable:
    """A table of no arrangements with these classes of pairs."""
    one, two = sorted((first, second))
    n = len(distances)
    return PairTable(
        table.types,
        np.zeros((0, len(table.types))),
        np.full(n, one, dtype=np.int64),
        np.full(n, two, dtype=np.int64),
        distances,
        heights,
        np.zeros(1, dtype=np.int64),
        np.zeros(0, dtype=np.int64),
    )


def searched(table: PairTable, values: Floats, noise: Floats, seed: int) -> PairKernel:
    """The numbers of the kernel that make standardised values [n] likeliest, within :data:`BOUNDS`."""
    if len(values) > SEARCHED_ROWS:
        rows = np.sort(np.random.default_rng(seed).permutation(len(values))[:SEARCHED_ROWS])
        table, values, noise = table.rows(rows), values[rows], noise[rows]
    start = PairKernel().logs
    bounds = [tuple(np.log(BOUNDS[name])) for name in FIELDS]
    goal = likelihood(table, values, noise)

    def penalised(logs: Floats) -> tuple[float, Floats]:
        value, slope = goal(logs)
        away = (logs - start) / SURE**2
        return -value + 0.5 * float((logs - start) @ away), -slope + away

    outcome = minimize(penalised, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS})
    return PairKernel.from_logs(outcome.x)


def likelihood(table: PairTable, values: Floats, noise: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    """The log marginal likelihood of values [n] and its slopes, of the logarithms of the kernel's numbers [8]."""
    pairs, n = table.pairs, len(values)
    inner = 1.0 + table.counts @ table.counts.T
    squares = np.square(table.counts[:, None] - table.counts).sum(axis=2)

    def between(classes: Floats) -> Floats:
        return np.asarray(pairs @ classes @ pairs.T)

    def goal(logs: Floats) -> tuple[float, Floats]:
        kernel = PairKernel.from_logs(logs)
        parts = ClassKernel.between(kernel, table, table)
        one, two = kernel.counts * inner, kernel.family * np.exp(-0.5 * squares / kernel.width**2)
        smooth, shell = between(parts.smooth), between(parts.shell)
        own = np.diag(kernel.noise * noise)
        factor = cholesky(one + two + smooth + shell + own, lower=True, check_finite=False)
        weights = cho_solve((factor, True), values)
        inverse = inverse_of(factor)
        slope = 0.5 * (np.outer(weights, weights) - inverse)
        changes = (
            one,
            two,
            smooth,
            shell,
            two * squares / kernel.width**2,
            between(parts.smooth * (parts.apart / kernel.length) ** 2),
            between(parts.whole * parts.together / kernel.reach),
            own,
        )
        value = -0.5 * float(values @ weights) - float(np.log(np.diag(factor)).sum()) - 0.5 * n * np.log(2 * np.pi)
        return value, np.array([float((slope * change).sum()) for change in changes])

    return goal

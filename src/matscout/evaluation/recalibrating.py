"""What chances are to be changed by, learned from unseen rows, and whether that helps on yet others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import xlogy

from matscout.predict.recalibration import AS_PREDICTED, Recalibration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BELIEF = 2.0
"""The belief that chances are right counts as errors of so many rows: offset and log slope are pulled towards 0."""
LEAST_CHANCE = 1e-6
"""In learning no chance is taken to be nearer to 0 or 1: a single one that came true would rule the rest."""


@dataclass(frozen=True, eq=False)
class Fixed:
    """A recalibration, and the chances [q, n] of each fold changed by what the others say; none if that is no help."""

    recalibration: Recalibration
    changed: Floats | None


def fit_recalibration(chances: Floats, came: Bools, folds: NDArray[np.str_]) -> Fixed:
    """From the chances that q questions were given and what came true [q, n], and the fold of each row [n].

    Chances stay as they are where those of each fold, changed by what the others say, have no smaller Brier score.
    """
    if len(np.unique(folds)) < 2:
        return Fixed(AS_PREDICTED, None)
    changed = np.empty(chances.shape)
    for fold in np.unique(folds):
        test = folds == fold
        changed[:, test] = _fitted(chances[:, ~test], came[:, ~test]).apply(chances[:, test])
    if np.square(changed - came).mean() >= np.square(chances - came).mean():
        return Fixed(AS_PREDICTED, None)
    return Fixed(_fitted(chances, came), changed)


def _fitted(chances: Floats, came: Bools) -> Recalibration:
    """The likeliest recalibration, pulled towards none; a row counts once, however many questions it was asked."""
    clipped = np.clip(chances, LEAST_CHANCE, 1 - LEAST_CHANCE)

    def loss(numbers: Floats) -> float:
        given = Recalibration(float(numbers[0]), float(np.exp(numbers[1]))).apply(clipped)
        given = np.clip(given, LEAST_CHANCE, 1 - LEAST_CHANCE)
        likelihood = (xlogy(came, given) + xlogy(~came, 1 - given)).sum() / len(chances)
        return float(BELIEF * (numbers**2).sum() - likelihood)

    parameters = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return Recalibration(float(parameters[0]), float(np.exp(parameters[1])))

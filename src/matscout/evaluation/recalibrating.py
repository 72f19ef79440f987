"""What chances are to be changed by, learned from unseen rows, and whether that helps on yet others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import xlogy
from scipy.stats import norm

from matscout.predict.recalibration import AS_TOLD, Recalibration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BELIEF = 2.0
"""The belief that chances are right counts as errors of so many rows: offset and log slope are pulled towards 0."""
NEVER = 1e-6
"""In learning no chance is taken to be nearer to 0 or 1: a single one that came true would rule the rest."""
SURE = 0.05
"""Chances are off if so large a difference, or a larger one, comes about by chance in no more than so many cases."""


@dataclass(frozen=True, eq=False)
class Fixed:
    """A recalibration, and the chances [n] of each fold changed by what the others say; none where it does not help."""

    recalibration: Recalibration
    changed: Floats | None


def fit_recalibration(chances: Floats, came: Bools, folds: NDArray[np.str_]) -> Fixed:
    """From chances, what came true and the fold of each of n rows.

    Chances stay as they are if they agree with what came true (:func:`are_off`), or if those of each fold, changed by
    what the others say, have no smaller Brier score.
    """
    if not are_off(chances, came) or len(np.unique(folds)) < 2:
        return Fixed(AS_TOLD, None)
    changed = np.empty(len(chances))
    for fold in np.unique(folds):
        test = folds == fold
        changed[test] = _fitted(chances[~test], came[~test]).apply(chances[test])
    if np.square(changed - came).mean() >= np.square(chances - came).mean():
        return Fixed(AS_TOLD, None)
    return Fixed(_fitted(chances, came), changed)


def are_off(chances: Floats, came: Bools) -> bool:
    """Spiegelhalter's test of chances [n] by their Brier score (1986, doi:10.1002/sim.4780050506), or of their sum."""
    variance = chances * (1 - chances)
    told = ((came - chances) * (1 - 2 * chances)).sum() / np.sqrt(max(((1 - 2 * chances) ** 2 * variance).sum(), 1e-12))
    counted = (came - chances).sum() / np.sqrt(max(variance.sum(), 1e-12))
    # Two looks, so each has half of the allowance.
    return bool(max(abs(told), abs(counted)) > norm.ppf(1 - SURE / 4))


def _fitted(chances: Floats, came: Bools) -> Recalibration:
    """The likeliest recalibration, pulled towards none."""
    told = np.clip(chances, NEVER, 1 - NEVER)

    def loss(numbers: Floats) -> float:
        given = Recalibration(float(numbers[0]), float(np.exp(numbers[1]))).apply(told)
        given = np.clip(given, NEVER, 1 - NEVER)
        return float(-(xlogy(came, given) + xlogy(~came, 1 - given)).sum() + BELIEF * (numbers**2).sum())

    found = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return Recalibration(float(found[0]), float(np.exp(found[1])))

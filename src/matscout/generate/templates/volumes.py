"""Volume per atom from a composition alone, by boosted trees on averages over the elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.oxidation import guess_oxidation_states, ionic_radii
from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.predict.decision_trees import DecisionTrees, join_trees
from matscout.predict.learners.boosting import flatten
from matscout.predict.states import Stored

Floats = NDArray[np.float64]

AVERAGED = ("MendeleevNumber", "Column", "Row", "CovalentRadius", "Electronegativity", "NValence", "NUnfilled")
RIDGE = 1.0
"""Weight of the mean in the volume of each element, as so many compounds."""


@dataclass(frozen=True, eq=False)
class VolumeModel(Stored):
    """Fitted to known crystals.

    Parameters
    ----------
    atomic
        float64 [118], the logarithm of volume per atom (Å3) that each element adds by its share.
    trees
        What the rest of a composition adds to that.
    start
        float64 [1], constant part.
    """

    atomic: Floats
    trees: DecisionTrees
    start: Floats

    @classmethod
    def fit(cls, compositions: Compositions, volumes: Floats, seed: int = 0, iterations: int = 300) -> Self:
        """Learn from compositions and volumes per atom (Å3), [n]."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        logarithms = np.log(volumes)
        atomic = _atomic_volumes(compositions.dense(), logarithms)
        inputs = _inputs(compositions, atomic)
        maker = HistGradientBoostingRegressor(
            max_iter=iterations, learning_rate=0.1, max_leaf_nodes=31, l2_regularization=1.0, random_state=seed,
            early_stopping=False,
        )  # fmt: skip
        fitted = maker.fit(inputs, logarithms - inputs[:, 0])
        return cls(atomic, join_trees(flatten(fitted)), np.ravel(fitted._baseline_prediction))

    def predict(self, compositions: Compositions) -> Floats:
        """Å3 per atom, [m]."""
        inputs = _inputs(compositions, self.atomic)
        rest = self.trees.predict(inputs)[:, :, 0].sum(axis=0) + self.start[0]
        return np.asarray(np.exp(inputs[:, 0] + rest))


def _atomic_volumes(fractions: Floats, logarithms: Floats) -> Floats:
    mean = logarithms.mean()
    square = fractions.T @ fractions + RIDGE * np.eye(N_ELEMENTS)
    return np.asarray(mean + np.linalg.solve(square, fractions.T @ (logarithms - mean)))


def _inputs(compositions: Compositions, atomic: Floats) -> Floats:
    """Sum of atomic logarithms, then mean, spread, least and largest of each property; radii of ions; [n, d]."""
    table = own_table("magpie")
    entries = compositions.elements.astype(np.int64) - 1
    states = guess_oxidation_states(compositions)
    radii = np.nan_to_num(ionic_radii(compositions, states.states), nan=1.5)
    columns = [np.nan_to_num(table.column(name)[entries]) for name in AVERAGED]
    columns += [atomic[entries], states.states, radii, radii**3]
    parts = [_statistics(compositions, values) for values in columns]
    own = np.bincount(compositions.rows, compositions.fractions * atomic[entries], minlength=len(compositions))
    cost = states.cost[:, None]
    return np.column_stack([own, *parts, cost, compositions.lengths]).astype(np.float32).astype(np.float64)


def _statistics(compositions: Compositions, values: Floats) -> Floats:
    n, rows, shares = len(compositions), compositions.rows, compositions.fractions
    mean = np.bincount(rows, shares * values, minlength=n)
    spread = np.bincount(rows, shares * np.abs(values - mean[rows]), minlength=n)
    least, most = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(least, rows, values)
    np.maximum.at(most, rows, values)
    return np.column_stack([mean, spread, least, most])

"""Error model: how wrong a prediction is likely to be, learned from errors on unseen rows."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.base import State
from matscout.predict.learners.extra_trees import ExtraTrees
from matscout.predict.states import join_states, part_state

Floats = NDArray[np.float64]

FLOOR = 0.05
"""No expected error is below this fraction of the mean absolute error."""


class ErrorModel:
    """Expected absolute error from what the members say about a row.

    A bootstrapped forest with large leaves on the signs of trouble (the prediction itself, the members' own spreads,
    the disagreement between them) is averaged with the plain spread: the forest knows how large errors are where, and
    the plain spread goes on rising where the forest has seen no rows.

    Parameters
    ----------
    n_trees
        Trees of the forest.
    seed
        Seed of its choices.
    """

    def __init__(self, *, n_trees: int = 100, seed: int = 0) -> None:
        self.n_trees = n_trees
        self.seed = seed
        self._forest: ExtraTrees
        self._per_spread = 1.0
        self._floor = 0.0

    def fit(self, signs: Floats, errors: Floats, units: NDArray[np.int64]) -> Floats:
        """Learn from signs [n, s], the last of them the plain spread, and absolute errors [n].

        Returns
        -------
        Floats
            The expected error of each training row, [n], by trees that have not seen its unit.
        """
        leaf = int(np.clip(len(errors) // 40, 3, 20))
        self._forest = ExtraTrees(
            n_trees=self.n_trees, max_features=1.0, min_samples_leaf=leaf, bootstrap=True, seed=self.seed
        )
        self._forest.fit(signs, errors, groups=units)
        self._floor = FLOOR * float(errors.mean()) or 1e-12
        self._per_spread = float(errors.mean()) / (float(signs[:, -1].mean()) or 1.0)
        seen_by_all = np.isnan(self._forest.out_of_bag.mean)
        learned = np.where(seen_by_all, errors.mean(), self._forest.out_of_bag.mean)
        return self._blend(learned, signs)

    def predict(self, signs: Floats) -> Floats:
        """Expected absolute error of each row, [m], positive."""
        return self._blend(self._forest.predict(signs).mean, signs)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        spec = {
            "n_trees": self.n_trees,
            "seed": self.seed,
            "per_spread": self._per_spread,
            "floor": self._floor,
        }
        return join_states(spec, {"forest": self._forest.state()})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted error model again."""
        model = cls(n_trees=state.spec["n_trees"], seed=state.spec["seed"])
        model._forest = ExtraTrees.from_state(part_state(state, "forest"))
        model._per_spread = state.spec["per_spread"]
        model._floor = state.spec["floor"]
        return model

    def _blend(self, learned: Floats, signs: Floats) -> Floats:
        return np.asarray(np.maximum(0.5 * (learned + self._per_spread * signs[:, -1]), self._floor), dtype=np.float64)

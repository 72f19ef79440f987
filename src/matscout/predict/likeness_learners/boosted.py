"""Boosted trees that take unlabelled rows for negatives, balanced: few nodes, and as good an order as that of naive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from matscout.predict.decision_trees import DecisionTrees, join_trees
from matscout.predict.learners.boosting import flatten
from matscout.predict.likeness_learner import Floats, LikenessExamples, LikenessLearner
from matscout.predict.recall_curves import area

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

STEPS = (50, 100, 200, 300)
"""Numbers of steps that are tried; a fast fit takes those up to 100."""
N_FAST = 100
LEAVES = (4, 31)
"""Most leaves of a tree that are tried."""
LEARNING_RATE = 0.1
FEWEST_ROWS = 10
"""In a leaf."""
SHARE_OF_COLUMNS = 0.3
"""Tried at each split: trees differ more, and cost less."""
HELD_OUT = 0.25
"""Share of the rows that choose steps and leaves."""
CLEARLY = 0.1
"""Larger models must win so much area, divided by the root of the number of known rows held out: less is chance."""


@dataclass(eq=False)
class Boosted(LikenessLearner):
    """Known rows against unlabelled ones by gradient boosting (Friedman 2001, doi:10.1214/aos/1013203451).

    As of any learner that takes unlabelled rows for negatives, its order is that of the chance to be of the class if
    known rows are a random sample of it (Elkan and Noto 2008, doi:10.1145/1401890.1401920).
    """

    trees: DecisionTrees = field(init=False)
    start: float = field(init=False)

    def fit(self, examples: LikenessExamples) -> Self:
        """Boost on all rows, with as many steps and leaves as are best for rows held out."""
        return self.boost(examples, *_suitable(examples))

    def boost(self, examples: LikenessExamples, steps: int, leaves: int) -> Self:
        """Boost on all rows, with that many steps, and at most so many leaves in a tree."""
        boosted = _boosted(examples, steps, leaves)
        self.trees = join_trees(flatten(boosted))
        self.start = float(boosted._baseline_prediction[0, 0])
        return self

    def score(self, vectors: Floats) -> Floats:
        """The logistic function of the sum of all trees."""
        return np.asarray(expit(self.start + self.trees.summed(vectors)), dtype=np.float64)


def _suitable(examples: LikenessExamples) -> tuple[int, int]:
    """Numbers of steps and leaves by the area on a quarter of the rows; the smallest where there is nothing to try."""
    aside = np.random.default_rng(examples.seed).random(len(examples.known)) < HELD_OUT
    known = examples.known[aside]
    clearly = CLEARLY / np.sqrt(max(known.sum(), 1))
    best, most = (STEPS[0], LEAVES[0]), -np.inf
    if not (known.any() and not known.all() and examples.known[~aside].any() and not examples.known[~aside].all()):
        return best
    steps = [one for one in STEPS if one <= N_FAST or not examples.fast]
    for leaves in LEAVES:
        boosted = _boosted(examples.subset(~aside), steps[-1], leaves)
        sums = np.cumsum(join_trees(flatten(boosted)).predict(examples.vectors[aside])[:, :, 0], axis=0)
        for n in steps:
            reached = area(sums[n - 1][known], sums[n - 1][~known])
            if reached > most + clearly:
                best, most = (n, leaves), reached
    return best


def _boosted(examples: LikenessExamples, steps: int, leaves: int) -> HistGradientBoostingClassifier:
    from sklearn.ensemble import HistGradientBoostingClassifier

    boosted = HistGradientBoostingClassifier(
        max_iter=steps,
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=leaves,
        min_samples_leaf=FEWEST_ROWS,
        l2_regularization=1.0,
        max_features=SHARE_OF_COLUMNS,
        class_weight="balanced",
        early_stopping=False,
        random_state=examples.seed,
    )
    return boosted.fit(_single(examples.vectors), examples.known)


def _single(vectors: Floats) -> NDArray[np.float64]:
    """Rounded to single precision, as trees compare inputs; scikit-learn wants them in double."""
    return vectors.astype(np.float32).astype(np.float64)

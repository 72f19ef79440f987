"""What an evaluation measures, with all its settings."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from matscout.predict.base import Metric

MANY_LABELS = 1000
"""Above so many labelled rows a thrifty plan runs only some of its folds."""

ENOUGH_TESTED = 500
"""Test rows that a thrifty plan wants: the standard error of a mean error over them is some 5 % of it."""


@dataclass(frozen=True)
class EvaluationPlan:
    """What to measure and with which settings.

    Parameters
    ----------
    protocol, folds, time, n_folds, repeats, n_labels
        How rows are divided, as for :func:`matscout.evaluate`.
    level
        Nominal coverage of the intervals.
    model, others
        The model under test, and models that it is compared with.
    metric, fast, seed
        As for :func:`matscout.fit`.
    thrifty
        For runs that measure in passing: of many labels only some are tested, so that measuring takes no more than
        about twice the time of the fit itself.
    max_folds
        Run only the first so many folds; all if None.
    baselines
        Names of the baselines; None for the usual ones.
    both_statistics
        Whether the tree baseline predicts the median and the mean, or only what suits the metric.
    """

    protocol: str = "kfold"
    folds: str | None = None
    time: str | None = None
    n_folds: int = 5
    repeats: int = 1
    n_labels: tuple[int, ...] = ()
    level: float = 0.9
    model: str = "auto"
    others: tuple[str, ...] = ()
    metric: Metric = "mae"
    fast: bool = False
    seed: int = 0
    thrifty: bool = False
    max_folds: int | None = None
    baselines: tuple[str, ...] | None = None
    both_statistics: bool = True

    def folds_to_run(self, n_rows: int) -> int | None:
        """How many of the folds of ``n_rows`` labelled rows are run; None for all."""
        if self.max_folds is not None or not self.thrifty or n_rows <= MANY_LABELS:
            return self.max_folds
        return math.ceil(ENOUGH_TESTED * self.n_folds / n_rows)

    @property
    def ungrouped(self) -> EvaluationPlan:
        """The plan for rows whose groups are set aside: random folds take the place of grouped ones."""
        return replace(self, protocol="kfold") if self.protocol == "group" else self

    @property
    def counterpart(self) -> EvaluationPlan | None:
        """The plan to show beside this one where rows come in groups; None if there is no natural one."""
        other = {"kfold": "group", "repeated": "group", "group": "kfold"}.get(self.protocol)
        return None if other is None or self.folds is not None else replace(self, protocol=other, repeats=1)

"""Coverage in words: how many measured values lay in their intervals, and what chance allows of so many rows."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.evaluation.base import Evaluation
from matscout.evaluation.metrics import coverage_tolerance

FEW_ROWS = 50
"""Of fewer rows a share in percent says more than is known: rows are counted."""

N_GROUPS = 10
"""Equal groups by stated uncertainty, see :func:`matscout.evaluation.metrics.worst_group_coverage`."""

IN_A_GROUP = 10
"""Rows that each of these groups needs, or the worst is a matter of luck."""

CHANCE = 0.05
"""What chance allows is what happens in 95 of 100 cases if intervals hold their level."""


@dataclass(frozen=True)
class Coverage:
    """Of ``n`` values the ``share`` lay in intervals at ``level``; chance allows from ``low`` to ``high`` values."""

    n: int
    share: float
    level: float
    low: int
    high: int

    @classmethod
    def of(cls, share: float, n: int, level: float) -> Coverage:
        """From a share: of few rows the central 95 % of a binomial distribution, of more the usual tolerance."""
        from scipy.stats import binom

        if n < FEW_ROWS:
            low, high = (int(binom.ppf(end, n, level)) for end in (CHANCE / 2, 1 - CHANCE / 2))
        else:
            allowed = coverage_tolerance(n, level)
            low, high = round((level - allowed) * n), min(round((level + allowed) * n), n)
        return cls(n, share, level, low, high)

    @classmethod
    def of_model(cls, evaluation: Evaluation) -> Coverage:
        """That of the model under test, each of its unseen rows counted once."""
        return cls.of(evaluation.scores[evaluation.model]["coverage"], evaluation.n_tested, evaluation.level)

    @property
    def inside(self) -> int:
        """How many lay inside."""
        return round(self.share * self.n)

    @property
    def few(self) -> bool:
        """Whether there are too few rows for percent."""
        return self.n < FEW_ROWS

    @property
    def verdict(self) -> int:
        """-1 where fewer lay inside than chance allows, 1 where more did, 0 between."""
        return int(self.inside > self.high) - int(self.inside < self.low)


def worst_allowed(n: int, level: float) -> float | None:
    """How low the worst of ten equal groups of n rows may be by chance; None where the groups are too small to tell.

    The share that the least of ten binomial shares falls short of in 5 of 100 cases.
    """
    from scipy.stats import binom

    size = n // N_GROUPS
    if size < IN_A_GROUP:
        return None
    return float(binom.ppf(1 - (1 - CHANCE) ** (1 / N_GROUPS), size, level)) / size

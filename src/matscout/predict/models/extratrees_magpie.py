"""Extremely randomised trees on Magpie statistics: the baseline that a new method has to beat."""

from __future__ import annotations

from matscout.predict.base import Metric
from matscout.predict.models.trees import Trees


class ExtraTreesMagpie(Trees):
    """See :class:`matscout.predict.models.trees.Trees`."""

    def __init__(self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed, weights="magpie")

    @property
    def address(self) -> str:
        """The name alone."""
        return self.name

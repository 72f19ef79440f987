"""As auto-with, with the donor of auto-strict: for honest measurements on matscout's benchmarks."""

from __future__ import annotations

from matscout.predict.base import Metric
from matscout.predict.models.auto_strict import AutoStrict
from matscout.predict.models.auto_with import AutoWith


class AutoStrictWith(AutoWith):
    """For measuring; the donor of :class:`~matscout.predict.models.auto_with.AutoWith` has seen more.

    What the representation has seen is up to who chooses it: ``polysrl-strict``, not ``polysrl``.
    """

    beside = AutoStrict.donor
    learns_from = "composition"

    def __init__(
        self, *, metric: Metric = "mae", fast: bool = False, seed: int = 0, weights: str = "polysrl-strict"
    ) -> None:
        super().__init__(metric=metric, fast=fast, seed=seed, weights=weights)

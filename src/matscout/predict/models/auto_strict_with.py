"""As auto-with, with the donor of auto-strict: for honest measurements on matscout's benchmarks."""

from __future__ import annotations

from matscout.predict.models.auto_strict import AutoStrict
from matscout.predict.models.auto_with import AutoWith


class AutoStrictWith(AutoWith):
    """For measuring; the donor of :class:`~matscout.predict.models.auto_with.AutoWith` has seen more."""

    beside = AutoStrict.donor

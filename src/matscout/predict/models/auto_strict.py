"""As auto, with a donor that has seen no formula of matscout's benchmarks: for honest measurements on these."""

from __future__ import annotations

from matscout.predict.models.auto import Auto


class AutoStrict(Auto):
    """For measuring; the donor of :class:`~matscout.predict.models.auto.Auto` has seen more."""

    donor = "composition-donor-strict"

"""As auto, from descriptors alone: nothing learned from other properties."""

from __future__ import annotations

from matscout.predict.models.auto import Auto


class AutoWithoutDonor(Auto):
    """What :class:`~matscout.predict.models.auto.Auto` is where torch is not installed."""

    donor = None

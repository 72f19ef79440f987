"""No explosive: no azide, no nitride of silver, no perchlorate with a fuel."""

from __future__ import annotations

from matscout.discover.hazard_filter import HazardFilter


class NotExplosive(HazardFilter):
    """Removes what a rule of :mod:`matscout.crystal.hazards` calls explosive."""

    step = "not explosive"
    place = 7
    hazards = ("explosive",)

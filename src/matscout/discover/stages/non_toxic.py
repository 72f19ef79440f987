"""No toxic, carcinogenic, restricted or radioactive compound."""

from __future__ import annotations

from matscout.discover.hazard_filter import HazardFilter


class NonToxic(HazardFilter):
    """Removes what a rule of :mod:`matscout.crystal.hazards` calls toxic, restricted or radioactive."""

    step = "no toxic, restricted or radioactive compound"
    place = 3
    hazards = ("toxic", "restricted", "radioactive")

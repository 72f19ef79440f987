"""No radioactive element, thorium and uranium included."""

from __future__ import annotations

from matscout.discover.hazard_filter import HazardFilter


class NotRadioactive(HazardFilter):
    """Removes what holds an element without a stable isotope; bismuth counts as stable."""

    step = "not radioactive"
    place = 7
    hazards = ("radioactive",)

"""Every objective in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.objectives import ObjectiveContract


class TestObjectives(ObjectiveContract):
    package = "matscout"

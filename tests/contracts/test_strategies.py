"""Every strategy in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.strategies import StrategyContract


class TestStrategies(StrategyContract):
    package = "matscout"

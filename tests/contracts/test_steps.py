"""Every kind of step in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.steps import StepContract


class TestSteps(StepContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"read", "fit", "predict", "generate", "rank", "report"} <= set(self.names())

"""Every learner in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.learners import LearnerContract


class TestLearners(LearnerContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        both = {"boosting", "constant", "extra-trees", "gaussian-process", "judged-trees", "networks"}
        assert {name for name, task in self.tasks() if task == "classification"} == both
        assert {name for name, task in self.tasks() if task == "regression"} == both | {"hurdle", "ridge"}

"""Every learner of likeness in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.likeness_learners import LikenessLearnerContract


class TestLikenessLearners(LikenessLearnerContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        rivals = {"element-popularity", "hull-distance", "known-systems"}
        assert set(self.names()) == {"bag", "boosted", "naive", "nnpu", "spies"} | rivals

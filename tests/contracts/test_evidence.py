"""Every provider of evidence in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from matscout.testing.evidence import EvidenceContract


class TestEvidence(EvidenceContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"donor-hints", "extrapolation", "nearest-label", "novelty"} <= set(self.names())

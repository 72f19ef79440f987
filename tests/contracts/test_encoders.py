"""Every encoder in the catalogue, by the suites that outside packages use too."""

from __future__ import annotations

from matscout.testing.composition_encoders import CompositionEncoderContract
from matscout.testing.crystal_encoders import CrystalEncoderContract
from matscout.testing.reaction_encoders import ReactionEncoderContract


class TestCompositionEncoders(CompositionEncoderContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"set-transformer", "set2set", "stoichiometry-gcn", "weighted-attention"} <= set(self.names())


class TestCrystalEncoders(CrystalEncoderContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"cgcnn", "geometry-network", "site-net"} <= set(self.names())


class TestReactionEncoders(ReactionEncoderContract):
    package = "matscout"

    def test_there_are_both_of_the_paper(self) -> None:
        assert {"reaction-graph", "reaction-smiles"} <= set(self.names())

"""Every representation in the catalogue, by the suites that outside packages use too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contracts.rarely_installed import OfWhatIsInstalled

from matscout import registry
from matscout.errors import UsageError
from matscout.represent.embedding import embed
from matscout.testing.reaction_representations import TEXTS, ReactionRepresentationContract, reactions_of
from matscout.testing.representations import RepresentationContract
from matscout.testing.structure_representations import StructureRepresentationContract

TABLES = {"elements=oliynyk", "elements=mat2vec", "elements=skipatom", "elements=one-hot"}
COMMON = {"magpie", "skipspecies", "multi-hot", "element-fraction", *TABLES}


class TestRepresentations(OfWhatIsInstalled, RepresentationContract):
    package = "matscout"

    def test_the_catalogue_has_the_names_that_the_field_knows(self) -> None:
        assert set(self.names()) >= COMMON | {"valence", "ionic"}


class TestStructureRepresentations(OfWhatIsInstalled, StructureRepresentationContract):
    package = "matscout"

    def test_there_are_some(self) -> None:
        assert "structure-basic" in self.names()


class TestReactionRepresentations(OfWhatIsInstalled, ReactionRepresentationContract):
    package = "matscout"

    def test_there_are_those_that_the_field_compares(self) -> None:
        compared = {"drfp", "reaction-one-hot", "reaction-morgan", "reaction-random", "reaction-rdkit"}
        assert compared <= set(self.names())


def test_catalogue_line_says_something() -> None:
    lines = [plug_in.summary for plug_in in registry.plug_ins("representations")]
    assert all(line.endswith(".") and len(line) > 20 for line in lines)
    assert len(set(lines)) == len(lines)


def test_reactions_are_refused_by_what_describes_materials() -> None:
    with pytest.raises(UsageError, match="drfp"):
        embed(reactions_of(TEXTS), "magpie")
    assert embed(replace(reactions_of(TEXTS), reactions=None), "magpie").vectors.shape == (6, 132)

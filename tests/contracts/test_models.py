"""Every model in the catalogue, by the suites that outside packages use too."""

from __future__ import annotations

from tests.contracts.rarely_installed import OfWhatIsInstalled

from matscout.testing.likeness_models import LikenessModelContract, OtherModelContract
from matscout.testing.model_spreads import ModelSpreadContract
from matscout.testing.models import ModelContract


class TestModels(OfWhatIsInstalled, ModelContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"auto", "by-definition", "dummy", "fine-tuned", "gp", "trees", "uam"} <= set(self.names())


class TestModelSpreads(OfWhatIsInstalled, ModelSpreadContract):
    package = "matscout"


class TestLikenessModels(OfWhatIsInstalled, LikenessModelContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert self.names() == ["known-likeness"]


class TestOtherModels(OfWhatIsInstalled, OtherModelContract):
    package = "matscout"

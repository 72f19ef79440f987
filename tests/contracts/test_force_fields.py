"""Every force field in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from tests.contracts.rarely_installed import OfWhatIsInstalled

from matscout.testing.force_fields import ForceFieldContract


class TestForceFields(OfWhatIsInstalled, ForceFieldContract):
    package = "matscout"

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"chgnet", "lennard-jones", "sevennet-0", "sevennet-l3i5"} <= set(self.classes())

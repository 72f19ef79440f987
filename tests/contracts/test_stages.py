"""Every stage in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from typing import Any, ClassVar

from matscout.testing.stages import StageContract


class TestStages(StageContract):
    package = "matscout"
    settings: ClassVar[dict[str, dict[str, Any]]] = {
        "rule": {"exclude": ["Pb"]},
        "similarity": {"like": "PbTe"},
        "model": {"name": "gp"},
    }

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"model", "neutral", "new", "rule", "similarity"} <= set(self.names())

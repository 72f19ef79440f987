"""Every stage in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.discover.noble_solids import write_solids

from matscout.testing.stages import StageContract


class TestStages(StageContract):
    package = "matscout"
    settings: ClassVar[dict[str, dict[str, Any]]] = {
        "rule": {"exclude": ["Pb"]},
        "similarity": {"like": "PbTe"},
        "model": {"name": "gp"},
        "relax": {"with": "lennard-jones", "steps": 20},
        "stability": {"references": "solids.csv", "with": "lennard-jones", "keep_below": 0.02},
    }

    @pytest.fixture(autouse=True)
    def references(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Solids for stability to compare with, where it runs."""
        write_solids(tmp_path)
        monkeypatch.chdir(tmp_path)

    def test_the_suite_finds_what_there_is(self) -> None:
        assert {"model", "neutral", "new", "relax", "rule", "similarity", "stability"} <= set(self.names())

"""Every generator in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import matscout
from matscout import registry
from matscout.generate.base import Generator
from matscout.testing.generators import GeneratorContract, wishes_for


class TestGenerators(GeneratorContract):
    package = "matscout"

    @classmethod
    def settings(cls, name: str, folder: Path) -> dict[str, Any]:
        if name == "doping":
            return {"series": "PbTe:Na,Bi:0:0.1"}
        if name == "file":
            (folder / "shelf.csv").write_text("formula\nNaBr\nKCl\n", encoding="utf-8")
            return {"path": folder / "shelf.csv"}
        if name == "recall":
            matscout.build_index(["NaBr", "KCl", "LiF", "GaP"], folder / "shelf.index", ["magpie"])
            return {"index": folder / "shelf.index", "like": "NaCl", "count": 3}
        return {}


@pytest.mark.parametrize("name", ["substitution", "enumeration", "formulas", "plate"])
def test_what_makes_a_choice_makes_no_more_than_is_wished(name: str) -> None:
    """The others have a list of their own."""
    plug_in: type[Generator] = registry.load_class("generators", name)
    made = plug_in().sample(wishes_for(plug_in), 30, seed=3)
    assert len(made) <= 30
    assert not any("Cd" in formula for formula in made.materials.formulas.tolist())

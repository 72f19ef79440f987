"""Every generator of crystals in the catalogue, by the suite that outside packages use too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matscout.generate.crystal_generators.enumerated import EnumeratedCrystals
from matscout.generate.crystal_generators.random import RandomCrystals
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.testing.crystal_generators import WISHES, CrystalGeneratorContract


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of hundreds of formulas takes seconds."""
    monkeypatch.setattr(EnumeratedCrystals, "batch_size", 16)


class TestCrystalGenerators(CrystalGeneratorContract):
    package = "matscout"

    @classmethod
    def settings(cls, name: str, folder: Path) -> dict[str, Any]:
        if name == "folder":
            drawn = next(RandomCrystals().sample(CrystalWishes(atoms=(2, 10)), 30))
            for row in range(30):
                drawn.structures.to_pymatgen(row).to(folder / f"{row:02}.cif", fmt="cif")
            return {"path": folder}
        return {}

    @classmethod
    def wishes(cls, name: str) -> tuple[CrystalWishes, ...]:
        only = {"substitution": True, "enumerated": False}
        return tuple(wishes for wishes in WISHES if only.get(name) in (None, bool(wishes.formula)))

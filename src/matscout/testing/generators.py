"""What every generator must do, whoever wrote it: candidates are sound, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from matscout import registry
from matscout.data.dataset import Dataset, Target
from matscout.data.kinds import COMPOSITION
from matscout.data.made_up import made_up_dataset
from matscout.data.materials import Materials
from matscout.discover.filters import filters
from matscout.generate.base import Generator, Wishes
from matscout.remarks import codes
from matscout.testing.contract import Contract

FORMULAS = ["GaN", "ZnO", "ZnS", "CdTe", "NaCl", "MgO", "SnS", "GaAs", "AlN", "CuInS2"]
"""What is measured; no candidate shall hold cadmium."""


def wishes_for(plug_in: type[Generator]) -> Wishes:
    """What is asked of candidates: of compounds if it makes some, else of the first kind that it makes."""
    if COMPOSITION not in plug_in.kinds:
        return Wishes(made_up_dataset(plug_in.kinds[0].name, 20))
    values = np.arange(len(FORMULAS), dtype=np.float64)
    return Wishes(Dataset(Materials.from_formulas(FORMULAS), {"gap": Target("gap", values, "eV")}), exclude=("Cd",))


class GeneratorContract(Contract):
    """Override :meth:`settings` for generators whose constructors need some."""

    family = "generators"

    @classmethod
    def settings(cls, name: str, folder: Path) -> dict[str, Any]:
        """Arguments of the constructor; what they name may be written into an empty folder."""
        return {}

    def test_candidates_are_sound_and_the_same_again(self, name: str, tmp_path: Path) -> None:
        plug_in: type[Generator] = registry.load_class("generators", name)
        generator, wishes = plug_in(**self.settings(name, tmp_path)), wishes_for(plug_in)
        generator.check()
        first, again = (generator.sample(wishes, 30, seed=3) for _ in range(2))
        assert first.materials.formulas.tolist() == again.materials.formulas.tolist()
        assert len(first) > 0
        assert first.materials.kind.noun == wishes.labels.materials.kind.noun
        assert all(first.origins.tolist())
        assert first.remarks
        assert len(codes(first.remarks)) == len(first.remarks)
        assert first.words
        keys = first.materials.keys()
        assert generator.repeats or len(np.unique(keys)) == len(keys)

    def test_its_usual_filters_are_there(self, name: str) -> None:
        plug_in: type[Generator] = registry.load_class("generators", name)
        assert set(plug_in.usual_filters) <= set(filters())

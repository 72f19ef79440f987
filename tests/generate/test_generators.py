"""Every generator: what it makes is sound, the same for the same seed, and no more than was wished."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import matscout
from matscout import registry
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.generate.base import Generator, Wishes
from matscout.generate.generators.file import File

NAMES = [plug_in.name for plug_in in registry.plug_ins("generators")]
FORMULAS = ["GaN", "ZnO", "ZnS", "CdTe", "NaCl", "MgO", "SnS", "GaAs", "AlN", "CuInS2"]
OF_CHOICE = {"substitution", "enumeration", "formulas", "plate"}
"""Generators that make as many as are wished; the others have a list of their own."""


@pytest.fixture
def wishes() -> Wishes:
    values = np.arange(len(FORMULAS), dtype=np.float64)
    return Wishes(Dataset(Materials.from_formulas(FORMULAS), {"gap": Target("gap", values, "eV")}), exclude=("Cd",))


def wishes_of_reactions(folder: Path) -> Wishes:
    rows = [f"{halide},{amine},{value}" for value, halide in enumerate(("CBr", "CI", "CCl")) for amine in ("CN", "CCN")]
    (folder / "yields.csv").write_text("\n".join(["halide,amine,yield (%)", *rows]), encoding="utf-8")
    return Wishes(matscout.read(folder / "yields.csv", reaction=["halide", "amine"], target="yield"))


def settings_of(name: str, folder: Path) -> dict[str, object]:
    """What the constructor needs."""
    if name == "doping":
        return {"series": "PbTe:Na,Bi:0:0.1"}
    if name == "file":
        (folder / "shelf.csv").write_text("formula\nNaBr\nKCl\n", encoding="utf-8")
        return {"path": folder / "shelf.csv"}
    if name == "recall":
        matscout.build_index(["NaBr", "KCl", "LiF", "GaP"], folder / "shelf.index", ["magpie"])
        return {"index": folder / "shelf.index", "like": "NaCl", "count": 3}
    return {}


@pytest.mark.parametrize("name", NAMES)
def test_candidates_are_sound_and_the_same_again(name: str, wishes: Wishes, tmp_path: Path) -> None:
    generator: Generator = registry.load_class("generators", name)(**settings_of(name, tmp_path))
    wished = wishes_of_reactions(tmp_path) if name == "plate" else wishes
    generator.check()
    first, again = (generator.sample(wished, 30, seed=3) for _ in range(2))
    assert first.materials.formulas.tolist() == again.materials.formulas.tolist()
    assert len(first) > 0
    assert all(first.origins.tolist())
    assert first.remarks
    keys = first.materials.keys()
    assert len(np.unique(keys)) == len(keys)
    if name in OF_CHOICE:
        assert len(first) <= 30
        assert not any("Cd" in formula for formula in first.materials.formulas.tolist())


def test_candidates_of_another_kind_are_refused(wishes: Wishes, tmp_path: Path) -> None:
    file = File(**settings_of("file", tmp_path))  # type: ignore[arg-type]
    (tmp_path / "smiles.csv").write_text("rxn,yield (%)\nCBr.CN>>CNC,30\nCI.CN>>CNC,50\n", encoding="utf-8")
    labels = matscout.read(tmp_path / "smiles.csv", reaction="rxn", target="yield")
    with pytest.raises(UsageError, match="give candidates of the same kind"):
        file.sample(Wishes(labels), 5)

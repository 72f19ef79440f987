"""Generated crystals as candidates of scout and of a funnel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.workflow.chalcogenides import write_labels

from matscout.app.cli import run
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.generate.base import Wishes
from matscout.generate.generators.generated_crystals import GeneratedCrystals

PLAN = """
labels: {file: labels.csv}
set: {temperature: 600}
goal: power=max
candidates: {generator: random, wish: "chalcogenide with Sn, 2 to 6 atoms", count: 12}
stages:
  - rule: {exclude: [Te]}
rank: {model: gp, fast: true, batch: 2, must: [none]}
"""


def wishes(**more: tuple[str, ...]) -> Wishes:
    materials = Materials.from_formulas(["NaCl", "KBr"])
    return Wishes(Dataset(materials, {"gap": Target("gap", np.array([1.0, 2.0]), "eV")}), **more)


def test_crystals_meet_the_wish_and_the_wishes_for_all_candidates() -> None:
    made = GeneratedCrystals(wish="oxide with 4 atoms", count=8).sample(wishes(must=("Sr",), exclude=("Ti",)), 50)
    assert len(made) == 8
    assert made.materials.has_structure.all()
    assert all("Sr" in one and "O" in one and "Ti" not in one for one in made.materials.formulas.tolist())
    assert "8 crystals of" in str(made.remarks[0])


def test_wishes_that_are_not_understood_are_refused_before_any_work() -> None:
    with pytest.raises(UsageError, match="not understood"):
        GeneratedCrystals(wish="lovely oxide").check()


def test_a_funnel_takes_crystals_of_a_generator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_labels(tmp_path / "labels.csv")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    assert run(["screen", str(tmp_path / "plan.yaml"), "-o", str(tmp_path / "out")]) == 0
    assert "stage 1, rule: 10 ->" in capsys.readouterr().out
    found = pl.read_csv(tmp_path / "out" / "shortlist.csv")
    assert all("Sn" in formula for formula in found["formula"].to_list())

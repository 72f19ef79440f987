"""One setting changed at a time: variances and collapse of networks that are known, verdicts, a study run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars
import pytest
import torch
from tests.represent.corpora.test_crystal_structures import write
from tests.represent.crystals_at_hand import random_structures

from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.settings.checking import check_arguments
from matscout.studies.composition_networks import untrained
from matscout.studies.composition_tasks import CompositionTask, CompositionTasks
from matscout.studies.figures.composition_sensitivity import CompositionSensitivity, _monotone, _spread
from matscout.studies.running import StudyPlan

pytestmark = pytest.mark.usefixtures("few_trees")

SMALL = ["trainer.epochs=1", "encoders.composition.width=8", "encoders.structure.width=8", "objective.spread=0.0"]
SWEEPS = {"beta": {"1e-8": [], "1": ["objective.noise=1.0"]}, "samples": {"1": ["objective.samples=1"], "8": []}}


@pytest.fixture
def study(tmp_path: Path) -> CompositionSensitivity:
    materials = Materials.from_formulas([f"Na{1 + row}Cl" for row in range(20)])
    path = Path(write(tmp_path, random_structures(30)))
    data = CompositionTasks((CompositionTask("gap", materials, np.arange(20.0)),), path, None)
    return CompositionSensitivity(
        data, tmp_path / "work", sweeps=SWEEPS, overrides=SMALL, networks=1, seeds=1, epochs=2
    )


def test_every_value_has_errors_variances_and_equal_settings_share_a_network(study: CompositionSensitivity) -> None:
    runs = study.run()
    assert len(runs) == 4 * 5
    usual = runs.filter((polars.col("value") == "1e-8") | (polars.col("value") == "8"))
    assert usual["variance"].n_unique() == 1
    assert usual["mae"].n_unique() == 5
    assert runs["variance"].is_between(1e-6, 1.0).all()
    assert len([*study._networks.glob("polysrl-*")]) == 3
    assert len(study._parts.entries("cells")) == 4
    assert "| beta | 1e-8 |" in study.tables(runs)
    assert len(study.figure(runs).axes) == 6
    assert len(study.findings(runs)) == 3


def test_variances_are_those_of_all_components_of_all_formulas() -> None:
    (network,) = untrained(8, [0])
    compositions = Materials.from_formulas(["NaCl", "Fe2O3", "KMgF3"]).compositions

    class Told(torch.nn.Module):
        def forward(self, batch: object) -> object:
            logs = torch.log(torch.tensor([1e-6, 1e-2]).expand(len(batch), 2))
            return type("Output", (), {"log_variance": logs})

    network.pretrained().encoders["composition"] = Told()
    network.pretrained().encoders["composition"].needs = "composition"
    variance, collapsed = _spread(network, compositions)
    assert variance == pytest.approx((1e-6 + 1e-2) / 2)
    assert collapsed == pytest.approx(0.5)


def test_verdicts_follow_the_steps() -> None:
    values = ("a", "b", "c")
    assert _monotone("s", values, [1.0, 2.0, 3.0]).verdict == "reproduced"
    assert _monotone("s", values, [1.0, 0.5, 3.0]).verdict == "undecided"
    assert _monotone("s", values, [3.0, 2.0, 1.0]).verdict == "not reproduced"


@pytest.mark.parametrize(("name", "methods"), [("fig8", (13, 13, 13)), ("learning_curve", (2, 4, 4))])
def test_the_plans_can_be_made(name: str, methods: tuple[int, ...], tmp_path: Path) -> None:
    data = CompositionTasks((), Path("crystals.npz"), None)
    data.__dict__["training_digest"] = "0" * 64
    for scale, count in zip(("smoke", "cpu", "full"), methods, strict=True):
        plan = StudyPlan.read(f"polysrl/{name}", [f"scale={scale}"])
        assert len(CompositionSensitivity(data, tmp_path, **plan.settings)._methods) == count


@pytest.mark.parametrize("wrong", [[], {"beta": {}}, {"beta": 3}])
def test_wrong_sweeps_are_refused(wrong: object) -> None:
    settings = StudyPlan.read("polysrl/fig8").settings
    with pytest.raises(UsageError, match="sweeps of composition-sensitivity is "):
        check_arguments(CompositionSensitivity, {**settings, "sweeps": wrong}, "composition-sensitivity", skip=2)

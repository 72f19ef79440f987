"""What the parts of every experiment on crystals must do together."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
import pytest
import torch
from tests.represent.crystals_at_hand import random_structures, store_of

from matscout import registry
from matscout.represent.pretraining.configuration import Experiment, read_experiment
from matscout.represent.tasks import describe_tasks
from matscout.represent.trainable import Encoder, EncoderOutput, Objective

NAMES = [
    path.name.removesuffix(".yaml")
    for path in sorted(files("matscout").joinpath("experiments").iterdir(), key=lambda path: path.name)
    if path.name.endswith(".yaml") and "crystal-structures" in path.read_text(encoding="utf-8")
]
LABELS = np.random.default_rng(0).normal(size=(12, 1)).astype(np.float32)


MADE = {one.name: registry.load_class("encoders", one.name) for one in registry.plug_ins("encoders")}
# What does not see elements cannot find hidden or false ones.
ENCODERS = [name for name, made in MADE.items() if made.needs == "structure" and made.sees_elements]


@pytest.fixture(params=[(name, encoder) for name in NAMES for encoder in ENCODERS], ids="-".join)
def experiment(request: pytest.FixtureRequest) -> Experiment:
    name, encoder = request.param
    overrides = ["data.structures=none", f"encoders.crystal.name={encoder}", "encoders.crystal.width=16"]
    return read_experiment(name, [*overrides, *(["data.labels=none"] if "prop" in name else [])])


def built(experiment: Experiment) -> tuple[Encoder, Objective]:
    torch.manual_seed(0)
    encoder: Encoder = experiment.encoders["crystal"].build()
    maker, settings = experiment.objective.load(), dict(experiment.objective.settings)
    if "balance" in settings:
        tasks = [vars(task) for task in describe_tasks(["energy (eV)"], LABELS, settings["balance"])]
        return encoder, maker(width=16, tasks=tasks)
    return encoder, maker(widths={"crystal": 16}, **settings)


def seen(experiment: Experiment, encoder: Encoder) -> tuple[dict[str, EncoderOutput], Any]:
    batch = store_of(random_structures(12), LABELS, merged=False).batch(np.arange(12))
    batches = experiment.view.build()(batch, torch.Generator().manual_seed(0))
    return {name: encoder(shown) for name, shown in batches.items()}, batches


def loss_of(objective: Objective, outputs: dict[str, EncoderOutput], batches: Any) -> torch.Tensor:
    torch.manual_seed(1)
    return objective(outputs, batches)["loss"]


def test_losses_are_finite_scalars_and_measures_values_of_crystals(experiment: Experiment) -> None:
    encoder, objective = built(experiment)
    outputs, batches = seen(experiment, encoder)
    assert all(value.ndim == 0 and value.isfinite() for value in objective(outputs, batches).values())
    for values in objective.measures(outputs, batches).values():
        assert values.ndim == 1
        assert values.isfinite().all()


def test_every_weight_learns(experiment: Experiment) -> None:
    encoder, objective = built(experiment)
    loss_of(objective, *seen(experiment, encoder)).backward()
    silent = {
        name.partition(".")[0]
        for module in (encoder, objective)
        for name, weight in module.named_parameters()
        if weight.grad is None or not weight.grad.any()
    }
    assert silent <= {"crystal_log_variance", "environment_log_variance"}  # only Deep InfoMax asks for these


def test_settings_and_weights_make_the_same_objective_again(experiment: Experiment) -> None:
    encoder, objective = built(experiment)
    outputs, batches = seen(experiment, encoder)
    again = type(objective)(**objective.settings)
    again.load_state_dict(objective.state_dict())
    assert loss_of(again, outputs, batches).equal(loss_of(objective, outputs, batches))

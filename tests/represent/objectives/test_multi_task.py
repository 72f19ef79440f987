"""The multi-task objective against a transcription in plain loops."""

from __future__ import annotations

import math
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from matscout.errors import UsageError
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.tasks import Task
from matscout.represent.trainable import EncoderOutput

NAN = math.nan
TASKS = (
    Task("gap (eV)", "number", False, 1.0, 2.0, 0.5),
    Task("modulus (GPa)", "number", True, 4.0, 0.5, 0.3),
    Task("metal", "yes-no", False, 0.0, 1.0, 0.2),
)
LABELS = torch.tensor([[0.0, 80.0, 1.0], [NAN, 20.0, NAN], [3.3, NAN, 0.0], [NAN, 0.0, 0.0], [NAN, NAN, NAN]])


def make_objective() -> MultiTask:
    torch.manual_seed(0)
    return MultiTask(width=4, tasks=[asdict(task) for task in TASKS], rounding=0.2)


def show(crystal: torch.Tensor, labels: torch.Tensor = LABELS) -> tuple[dict, dict]:
    return {"as-given": EncoderOutput(crystal)}, {"as-given": SimpleNamespace(labels=labels)}


def loop_loss(raw: list[list[float]]) -> float:
    total = 0.0
    for row, labels in zip(raw, LABELS.tolist(), strict=True):
        for value, label, task in zip(row, labels, TASKS, strict=True):
            if math.isnan(label) or (task.logarithmic and label <= 0):
                continue
            if task.kind == "yes-no":
                loss = math.log1p(math.exp(-value if label == 1 else value))
            else:
                target = ((math.log(label) if task.logarithmic else label) - task.center) / task.scale
                error = abs(value - target)
                loss = error**2 / 0.4 if error < 0.2 else error - 0.1
            total += task.weight * loss
    return total / len(raw)


def test_the_loss_is_the_formula():
    objective, crystal = make_objective(), torch.randn(5, 4, generator=torch.Generator().manual_seed(1))
    parts = objective(*show(crystal))
    assert parts["loss"].item() == pytest.approx(loop_loss(objective.heads(crystal).tolist()), rel=1e-5)
    assert parts["loss"].item() == pytest.approx((parts["numbers"] + parts["yes-no"]).item())


def test_several_views_count_the_same():
    objective, crystals = make_objective(), torch.randn(2, 5, 4, generator=torch.Generator().manual_seed(1))
    alone = [objective(*show(crystal))["loss"].item() for crystal in crystals]
    outputs = {name: EncoderOutput(crystal) for name, crystal in zip("ab", crystals, strict=True)}
    batches = {name: SimpleNamespace(labels=LABELS) for name in "ab"}
    assert objective(outputs, batches)["loss"].item() == pytest.approx(np.mean(alone), rel=1e-5)


def test_blanks_pull_nowhere():
    objective, crystal = make_objective(), torch.randn(5, 4, requires_grad=True)
    objective(*show(crystal))["loss"].backward()
    assert crystal.grad is not None
    assert crystal.grad.isfinite().all()
    assert (crystal.grad[4] == 0).all()


def test_predictions_come_in_units_and_measures_are_their_errors():
    objective, crystal = make_objective(), torch.randn(5, 4, generator=torch.Generator().manual_seed(2))
    raw, predicted = objective.heads(crystal), objective.predict(crystal)
    torch.testing.assert_close(predicted[:, 0], raw[:, 0] * 2.0 + 1.0)
    torch.testing.assert_close(predicted[:, 1], torch.exp(raw[:, 1] * 0.5 + 4.0))
    torch.testing.assert_close(predicted[:, 2], 1 / (1 + torch.exp(-raw[:, 2])))
    measures = objective.measures(*show(crystal))
    assert set(measures) == {"MAE gap (eV)", "MAE modulus (GPa)", "accuracy metal"}
    torch.testing.assert_close(measures["MAE gap (eV)"], (predicted[[0, 2], 0] - LABELS[[0, 2], 0]).abs())
    right = (predicted[[0, 2, 3], 2] > 0.5) == (LABELS[[0, 2, 3], 2] > 0.5)
    assert measures["accuracy metal"].tolist() == right.float().tolist()


def test_settings_make_the_same_objective_again():
    objective = make_objective()
    again = MultiTask(**objective.settings)
    again.load_state_dict(objective.state_dict())
    crystal = torch.randn(5, 4)
    assert again(*show(crystal))["loss"] == objective(*show(crystal))["loss"]


def test_what_it_cannot_learn_from_is_refused():
    corpus = SimpleNamespace(labels=None, label_names=())
    with pytest.raises(UsageError, match="this corpus has none"):
        MultiTask.for_corpus(corpus, np.arange(3), {"one": 4})
    corpus = SimpleNamespace(labels=np.ones((3, 1)), label_names=("gap",))
    with pytest.raises(UsageError, match="encoders of one width"):
        MultiTask.for_corpus(corpus, np.arange(3), {"one": 4, "two": 8})

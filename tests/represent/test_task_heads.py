"""Properties predicted on arrays against the objective of torch: numbers, logarithms and yes or no."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import torch

from matscout.represent.array_layers import ModuleWeights
from matscout.represent.objectives.multi_task import MultiTask
from matscout.represent.task_heads import TaskHeads
from matscout.represent.tasks import Task

TASKS = (
    Task("band gap (eV)", "number", False, 1.2, 0.8, 1.0),
    Task("bulk modulus (GPa)", "number", True, 4.0, 0.5, 1.0),
    Task("wide (1)", "number", True, 0.0, 900.0, 1.0),
    Task("metal (1)", "yes-no", False, 0.0, 1.0, 1.0),
)


def test_they_predict_what_the_objective_predicts() -> None:
    torch.manual_seed(1)
    objective = MultiTask(16, [asdict(task) for task in TASKS])
    arrays = {f"objective.{name}": weight.numpy() for name, weight in objective.state_dict().items()}
    heads = TaskHeads(objective.settings, ModuleWeights(arrays, "objective."))
    assert heads.tasks == TASKS
    vectors = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32) * 3
    with torch.inference_mode():
        expected = objective.predict(torch.from_numpy(vectors)).numpy()
    given = heads.predict(vectors)
    assert np.isfinite(given).all()
    np.testing.assert_allclose(given[:, [0, 1, 3]], expected[:, [0, 1, 3]], rtol=1e-5, atol=1e-6)
    # An exponential of hundreds makes rounding large.
    np.testing.assert_allclose(given[:, 2], expected[:, 2], rtol=1e-2)

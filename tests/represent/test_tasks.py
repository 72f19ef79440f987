"""Tasks: what the labels themselves tell."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.errors import InputError
from matscout.represent.tasks import describe_tasks


def make_labels() -> np.ndarray:
    rng = np.random.default_rng(0)
    labels = np.stack(
        [rng.normal(2, 3, 400), np.exp(rng.normal(0, 2, 400)), rng.uniform(1, 2, 400), (rng.random(400) < 0.3)], axis=1
    )
    labels[100:, 0] = np.nan
    return labels.astype(np.float32)


NAMES = ("gap (eV)", "modulus (GPa)", "volume (Å3/atom)", "metal")


def test_kinds_and_logarithms():
    tasks = describe_tasks(NAMES, make_labels(), balance=0.5)
    assert [task.name for task in tasks] == list(NAMES)
    assert [task.kind for task in tasks] == ["number", "number", "number", "yes-no"]
    assert [task.logarithmic for task in tasks] == [False, True, False, False]


def test_the_best_constant_has_an_absolute_error_of_one():
    labels = make_labels().astype(np.float64)
    for task, column in zip(describe_tasks(NAMES, make_labels(), 0.5)[:3], labels.T[:3], strict=True):
        known = column[np.isfinite(column)]
        learnt = ((np.log(known) if task.logarithmic else known) - task.center) / task.scale
        assert np.abs(learnt).mean() == pytest.approx(1.0, rel=1e-5)
        assert min(np.abs(learnt - shift).mean() for shift in np.linspace(-1, 1, 41)) > 0.999


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_balance(balance):
    weights = np.array([task.weight for task in describe_tasks(NAMES, make_labels(), balance)])
    counts = np.array([100, 400, 400, 400])
    assert weights @ counts / 400 == pytest.approx(1.0)
    assert weights[0] / weights[1] == pytest.approx(4.0**balance)


def test_a_task_without_two_different_labels_is_refused():
    labels = np.array([[1.0], [np.nan], [1.0]], dtype=np.float32)
    with pytest.raises(InputError, match=r"'gap \(eV\)' has 2 labels .* all of them equal"):
        describe_tasks(("gap (eV)",), labels, 0.5)

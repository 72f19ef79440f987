"""What every learner must do: learn, heed weights, repeat itself, say what it is, and be the same again when loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.data.dataset import Task
from matscout.predict.column_sets import CHEMISTRY, DONATED_ONLY, REACTIONS, SIMULATED
from matscout.predict.learner import Estimate, Learner, Regressor, learner_class, of_task
from matscout.testing.contract import Contract

if TYPE_CHECKING:
    import pytest

Floats = NDArray[np.float64]
TASKS: tuple[Task, ...] = ("regression", "classification")
N_CLASSES = 4
"""One more than the rows have: the class 1 never occurs."""
STATISTICS = ("mean", "median", "std")

RESTORE = """
import json, sys
from pathlib import Path
import numpy as np
from matscout.predict.learner import Learner
from matscout.predict.states import State
from matscout.testing.learners import outputs

folder = Path(sys.argv[1])
for place in folder.glob("*.json"):
    with np.load(place.with_suffix(".npz"), allow_pickle=False) as arrays:
        learner = Learner.from_state(State(json.loads(place.read_text(encoding="utf-8")), dict(arrays)))
    np.save(place.with_suffix(".npy"), outputs(learner, np.load(folder / "new.npy")))
"""


def rows(n: int, seed: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Vectors [n, 8], numbers that follow three of their columns, and classes that follow the first."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 8))
    values = 3.0 * vectors[:, 0] - 2.0 * vectors[:, 1] + np.sin(vectors[:, 2]) + 20.0
    return vectors, values, np.array([0, 2, 3])[np.digitize(vectors[:, 0], [-0.5, 0.5])]


def learned(name: str, task: str, n: int = 50) -> Any:
    """The learner, with the options that it has by default, fitted to made-up rows."""
    vectors, values, classes = rows(n, seed=0)
    made = learner_class(name, "regression" if task == "regression" else "classification")()
    return made.fit(vectors, values) if task == "regression" else made.fit(vectors, classes, N_CLASSES)


fitted = cache(learned)


def outputs(learner: Any, vectors: Floats) -> Floats:
    """All that a learner says, one row for each of the vectors."""
    estimates = learner.predict(vectors)
    return (
        np.stack([getattr(estimates, one) for one in STATISTICS], axis=1)
        if isinstance(estimates, Estimate)
        else estimates
    )


class LearnerContract(Contract):
    """A test that takes ``task`` is called with each task that the learner learns."""

    family = "learners"

    @classmethod
    def arguments(cls, metafunc: pytest.Metafunc) -> tuple[str, ...]:
        """The name of a learner, and what it learns."""
        return tuple(name for name in ("name", "task") if name in metafunc.fixturenames)

    @classmethod
    def cases(cls, metafunc: pytest.Metafunc) -> list[tuple[str, ...]]:
        """Each learner with each of its tasks."""
        return cls.tasks() if "task" in cls.arguments(metafunc) else super().cases(metafunc)

    @classmethod
    def tasks(cls) -> list[tuple[str, ...]]:
        """Name and task of all that learns."""
        return [(name, task) for task in TASKS for name in cls.names() if of_task(_plug_in(name), task)]

    def test_the_catalogue_tells_what_it_is(self, name: str) -> None:
        """In a line; and it learns something."""
        assert 20 < len(registry.find("learners", name).summary) < 120
        assert any(of_task(_plug_in(name), task) for task in TASKS)

    def test_what_it_says_of_itself_can_be(self, name: str) -> None:
        """Its statistics are those of an estimate, and the column sets that it asks for are there."""
        plug_in = _plug_in(name)
        if issubclass(plug_in, Regressor):
            assert plug_in.statistics[0] == "mean"
            assert set(plug_in.statistics) <= {"mean", "median"}
        there = {one.name for one in (*CHEMISTRY, *SIMULATED, *REACTIONS, *DONATED_ONLY)}
        assert {*plug_in.column_sets, *plug_in.plain_column_sets} <= there

    def test_it_learns(self, name: str, task: str) -> None:
        """Unless it says that it looks at no vectors."""
        vectors, values, classes = rows(50, seed=0)
        learned_outputs = outputs(fitted(name, task), vectors)
        if task == "regression":
            better = np.abs(learned_outputs[:, 0] - values).mean() < 0.25 * np.abs(values - values.mean()).mean()
        else:
            better = (learned_outputs.argmax(axis=1) == classes).mean() >= 0.9
        assert better != _plug_in(name).blind

    def test_it_repeats_itself(self, name: str, task: str) -> None:
        """Whatever chance is in it."""
        new = rows(30, seed=1)[0]
        np.testing.assert_array_equal(outputs(learned(name, task), new), outputs(fitted(name, task), new))

    def test_rows_do_not_depend_on_each_other(self, name: str, task: str) -> None:
        """What it says of a row does not depend on the others of its batch."""
        new = rows(30, seed=1)[0]
        single = np.concatenate([outputs(fitted(name, task), new[[row]]) for row in range(5)])
        np.testing.assert_allclose(single, outputs(fitted(name, task), new)[:5], rtol=1e-9, atol=1e-12)

    def test_what_it_says_are_estimates_or_probabilities(self, name: str, task: str) -> None:
        """Finite numbers with a spread; or shares of all classes, next to none of one that it has never seen."""
        predicted = outputs(fitted(name, task), rows(30, seed=1)[0])
        assert np.isfinite(predicted).all()
        if task == "regression":
            assert (predicted[:, 2] >= 0).all()
        else:
            assert predicted.shape == (30, N_CLASSES)
            assert (predicted >= 0).all()
            np.testing.assert_allclose(predicted.sum(axis=1), 1.0, atol=1e-12)
            assert predicted[:, 1].max() < 0.01

    def test_weights_are_heeded(self, name: str, task: str) -> None:
        """Of two contradicting halves the heavy one is believed."""
        vectors, values, classes = rows(40, seed=0)
        twice, weights = np.concatenate([vectors, vectors]), np.repeat([1.0, 1e-3], 40)
        if task == "regression":
            made = learner_class(name, "regression")().fit(twice, np.concatenate([values, values + 10.0]), weights)
            predicted = outputs(made, vectors)[:, 0]
            assert np.abs(predicted - values).mean() < np.abs(predicted - values - 10.0).mean()
            return
        others = np.array([2, 1, 3, 0])[classes]
        made = learner_class(name, "classification")().fit(twice, np.concatenate([classes, others]), N_CLASSES, weights)
        shares, every = outputs(made, vectors), np.arange(40)
        assert shares[every, classes].mean() > shares[every, others].mean()

    def test_what_does_not_extrapolate_stays_within_the_labels(self, name: str, task: str) -> None:
        """However far away a row is."""
        if task == "classification" or _plug_in(name).extrapolates:
            return
        _, values, _ = rows(50, seed=0)
        estimates = outputs(fitted(name, task), 100.0 * rows(30, seed=1)[0])[:, :2]
        assert estimates.min() >= values.min() - 1e-9
        assert estimates.max() <= values.max() + 1e-9

    def test_states_give_equal_estimates_in_a_fresh_process(self, tmp_path: Path) -> None:
        """All in one process, as it takes long to start."""
        new = rows(30, seed=1)[0]
        np.save(tmp_path / "new.npy", new)
        for name, task in self.tasks():
            state = fitted(name, task).state()
            (tmp_path / f"{name} {task}.json").write_text(json.dumps(state.spec, allow_nan=False), encoding="utf-8")
            np.savez(tmp_path / f"{name} {task}.npz", allow_pickle=False, **dict(state.arrays))
        subprocess.run([sys.executable, "-c", RESTORE, str(tmp_path)], check=True, timeout=120)
        for name, task in self.tasks():
            loaded = np.load(tmp_path / f"{name} {task}.npy")
            expected = outputs(fitted(name, task), new)
            np.testing.assert_allclose(loaded, expected, rtol=1e-9, atol=1e-12, err_msg=f"{name} {task}")


def _plug_in(name: str) -> type[Learner]:
    plug_in: type[Learner] = registry.load_class("learners", name)
    return plug_in

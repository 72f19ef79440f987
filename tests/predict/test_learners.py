"""Every learner: learns, repeats itself, and is the same again in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from matscout.predict.learner import Classifier, Regressor
from matscout.predict.learners.boosting import Boosting, BoostingClassifier
from matscout.predict.learners.constant import Constant, ConstantClassifier
from matscout.predict.learners.extra_trees import ExtraTrees, ExtraTreesClassifier
from matscout.predict.learners.gaussian_process import GaussianProcess, GaussianProcessClassifier
from matscout.predict.learners.networks import Networks, NetworksClassifier
from matscout.predict.learners.ridge import Ridge

REGRESSORS = {
    "constant": Constant,
    "extra_trees": lambda: ExtraTrees(n_trees=60, seed=1),
    "gaussian_process": lambda: GaussianProcess(seed=1),
    "ridge": Ridge,
    "hist_gradient_boosting": lambda: Boosting(n_members=2, n_iterations=60, seed=1),
    "neural_ensemble": lambda: Networks(n_members=2, n_epochs=150, penalty=1e-4, seed=1),
}
CLASSIFIERS = {
    "constant": ConstantClassifier,
    "extra_trees": lambda: ExtraTreesClassifier(n_trees=60, seed=1),
    "gaussian_process": lambda: GaussianProcessClassifier(seed=1),
    "hist_gradient_boosting": lambda: BoostingClassifier(n_members=2, n_iterations=30, seed=1),
    "neural_ensemble": lambda: NetworksClassifier(n_members=2, n_epochs=250, seed=1),
}
N_CLASSES = 4
"""One more than the rows have: the class 1 never occurs."""


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 8))
    values = 3.0 * vectors[:, 0] - 2.0 * vectors[:, 1] + np.sin(vectors[:, 2]) + 20.0
    classes = np.array([0, 2, 3])[np.digitize(vectors[:, 0], [-0.5, 0.5])]
    return vectors, values, classes


@cache
def fitted_regressor(name: str) -> Regressor:
    vectors, values, _ = rows(50, seed=0)
    return REGRESSORS[name]().fit(vectors, values)


@cache
def fitted_classifier(name: str) -> Classifier:
    vectors, _, classes = rows(50, seed=0)
    return CLASSIFIERS[name]().fit(vectors, classes, N_CLASSES)


@pytest.mark.parametrize("name", [name for name in REGRESSORS if name != "constant"])
def test_a_regressor_fits_50_rows_closely(name: str) -> None:
    vectors, values, _ = rows(50, seed=0)
    error = np.abs(fitted_regressor(name).predict(vectors).mean - values).mean()
    assert error < 0.2 * np.abs(values - values.mean()).mean()


@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if name != "constant"])
def test_a_classifier_fits_50_rows_closely(name: str) -> None:
    vectors, _, classes = rows(50, seed=0)
    assert (fitted_classifier(name).predict(vectors).argmax(axis=1) == classes).mean() >= 0.92


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_repeats_itself(name: str) -> None:
    vectors, values, _ = rows(50, seed=0)
    new = rows(30, seed=1)[0]
    again = REGRESSORS[name]().fit(vectors, values).predict(new)
    first = fitted_regressor(name).predict(new)
    for statistic in ("mean", "median", "std"):
        np.testing.assert_array_equal(getattr(again, statistic), getattr(first, statistic))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_repeats_itself_and_gives_probabilities(name: str) -> None:
    vectors, _, classes = rows(50, seed=0)
    new = rows(30, seed=1)[0]
    probabilities = fitted_classifier(name).predict(new)
    np.testing.assert_array_equal(CLASSIFIERS[name]().fit(vectors, classes, N_CLASSES).predict(new), probabilities)
    assert probabilities.shape == (30, N_CLASSES)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    assert probabilities[:, 1].max() < 0.01


@pytest.mark.parametrize("name", REGRESSORS)
def test_weights_are_heeded(name: str) -> None:
    vectors, values, _ = rows(40, seed=0)
    twice = np.concatenate([vectors, vectors]), np.concatenate([values, values + 10.0])
    weights = np.repeat([1.0, 1e-3], 40)
    predicted = REGRESSORS[name]().fit(*twice, weights).predict(vectors).mean
    assert np.abs(predicted - values).mean() < np.abs(predicted - values - 10.0).mean()


RESTORE = """
import importlib, json, sys
from pathlib import Path
import numpy as np
from matscout.predict.states import State

folder = Path(sys.argv[1])
new = np.load(folder / "new.npy")
for place in folder.glob("*.json"):
    stored = json.loads(place.read_text(encoding="utf-8"))
    maker = getattr(importlib.import_module(stored["module"]), stored["class"])
    with np.load(place.with_suffix(".npz"), allow_pickle=False) as arrays:
        predicted = maker.from_state(State(stored["spec"], dict(arrays))).predict(new)
    if not isinstance(predicted, np.ndarray):
        predicted = np.stack([predicted.mean, predicted.median, predicted.std])
    np.save(place.with_suffix(".npy"), predicted)
"""


def test_states_give_equal_predictions_in_a_fresh_process(tmp_path: Path) -> None:
    new = rows(30, seed=1)[0]
    np.save(tmp_path / "new.npy", new)
    expected = {}
    for name in REGRESSORS:
        estimate = fitted_regressor(name).predict(new)
        expected[name] = np.stack([estimate.mean, estimate.median, estimate.std])
        write_state(tmp_path / f"{name}.json", fitted_regressor(name))
    for name in CLASSIFIERS:
        expected[f"{name}_classes"] = fitted_classifier(name).predict(new)
        write_state(tmp_path / f"{name}_classes.json", fitted_classifier(name))
    subprocess.run([sys.executable, "-c", RESTORE, str(tmp_path)], check=True, timeout=120)
    assert len(expected) == len(REGRESSORS) + len(CLASSIFIERS)
    for name, columns in expected.items():
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), columns, rtol=1e-9, atol=1e-12, err_msg=name)


def write_state(path: Path, learner: Regressor | Classifier) -> None:
    state = learner.state()
    kind = type(learner)
    stored = {"module": kind.__module__, "class": kind.__name__, "spec": state.spec}
    path.write_text(json.dumps(stored), encoding="utf-8")
    np.savez(path.with_suffix(".npz"), allow_pickle=False, **state.arrays)

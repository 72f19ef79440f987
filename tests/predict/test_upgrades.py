"""Artefacts of older versions mean what they meant."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from tests.golden import make_golden

from matscout.predict.conformal import Scores
from matscout.predict.learner import learner_class
from matscout.predict.model import Model
from matscout.predict.profiles import MOST_KNOTS
from matscout.predict.states import State, join_states, part_state
from matscout.predict.upgrades import learner_of_version_3, with_predictors, with_stepwise_scores


def upgraded(scores: Scores) -> Scores:
    """The scores of an artefact of version 2, read today."""
    stored = join_states({"bounded_at_zero": True}, {"scores": scores.state()})
    state = with_stepwise_scores(State(json.loads(json.dumps(stored.spec)), stored.arrays))
    return Scores.from_state(part_state(state, "scores"))


def old_quantile(scores: Scores, level: float) -> float:
    """The smallest score such that no smaller one holds the level: the rule of version 2."""
    position = np.searchsorted(np.cumsum(scores.shares), level - 1e-9)
    return float(scores.values[min(int(position), len(scores.values) - 1)])


@st.composite
def scores_and_level(draw: st.DrawFn) -> tuple[Scores, float]:
    """Scores of rows or of units of several rows, and a level that is not just where one gives way to the next."""
    n = draw(st.integers(2, MOST_KNOTS // 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.lognormal(size=n).round(draw(st.sampled_from([1, 9])))
    units = draw(st.sampled_from([None, rng.integers(0, max(n // 2, 1), n)]))
    scores = Scores.collect(values, units)
    level = draw(st.floats(0.01, scores.n_units / (scores.n_units + 1)).filter(lambda one: far(scores, one)))
    return scores, level


def far(scores: Scores, level: float) -> bool:
    return bool(np.abs(np.cumsum(scores.shares) - level).min() > 1e-5)


@given(scores_and_level())
def test_intervals_of_version_2_are_as_wide_as_they_were(case: tuple[Scores, float]) -> None:
    scores, level = case
    expected = old_quantile(scores, level)
    read = upgraded(scores)
    assert float(read.shape.size(ndtri(0.5 + level / 2))) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert read.quantile(level) == expected == scores.quantile(level)


def test_of_very_many_scores_intervals_are_nearly_as_wide_as_they_were() -> None:
    """Shapes of more scores than MOST_KNOTS are thinned."""
    scores = Scores.collect(np.random.default_rng(0).lognormal(size=2000))
    read = upgraded(scores)
    for level in (0.3, 0.5, 0.683, 0.8, 0.9, 0.95, 0.99):
        assert float(read.shape.size(ndtri(0.5 + level / 2))) == pytest.approx(old_quantile(scores, level), rel=0.03)


def test_what_was_bounded_at_zero_has_a_limit_there_and_nothing_else_changes() -> None:
    spec = {"parts": {"one": {"bounded_at_zero": True, "n": 3}, "two": {"bounded_at_zero": False}}, "other": [None]}
    arrays = {"a/shares": np.ones(3), "b/values": np.ones(2)}
    state = with_stepwise_scores(State(spec, arrays))
    parts = state.spec["parts"]
    assert parts == {"one": {"n": 3, "limits": [0.0, None]}, "two": {"limits": [None, None]}}
    assert state.spec["other"] == [None]
    # Shares without values, and values without shares, are no scores.
    assert state.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(state.arrays[name], array)


def test_yields_keep_their_limits_in_a_model_of_version_2() -> None:
    """There they were told of the target only."""
    folder = make_golden.GOLDEN / "artefact-3" / "uam" / "target-1"
    stored = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    assert stored["state"]["target"]["limits"] == [0.0, 100.0]
    del stored["state"]["limits"]
    with np.load(folder / "arrays.npz") as arrays:
        held = {f"model/{name}": arrays[name] for name in arrays.files}
    model = Model.from_state(part_state(with_predictors(with_stepwise_scores(State(stored, held))), "model"))
    assert model.calibration.limits == (0.0, 100.0)
    predictions = model.predict(make_golden.couplings().materials, 0.8)
    assert predictions.lower.min() == 0.0
    assert predictions.upper.max() <= 100.0


LEARNERS = {
    "boosting": lambda task: learner_class("boosting", task)(n_members=2, n_iterations=5),
    "extra-trees": lambda task: learner_class("extra-trees", task)(n_trees=5, n_jobs=1),
    "networks": lambda task: learner_class("networks", task)(n_members=2, n_epochs=3, hidden=(4, 3)),
}


def of_version_3(state: State) -> State:
    """What the learners of :data:`LEARNERS` wrote in version 3."""
    spec = {name: value for name, value in state.spec.items() if name not in {"learner", "task", "trees", "scaling"}}
    arrays = {name.removeprefix("trees/"): array for name, array in state.arrays.items()}
    fitted = {name: spec.pop(name) for name in ("n_classes", "centre", "scale") if name in spec}
    if "members" in spec:
        del spec["members"]
        for old, new in (("input_mean", "scaling/mean"), ("input_std", "scaling/std")):
            arrays[old] = arrays.pop(new)
        for name in [name for name in arrays if name.startswith("members/")]:
            _, member, layer, place = name.split("/")
            arrays[f"{('weights', 'biases')[int(place)]}_{member}_{layer}"] = arrays.pop(name)
    return State({"options": spec, **fitted} if fitted else spec, arrays)


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("name", LEARNERS)
def test_learners_of_version_3_that_no_golden_artefact_holds_predict_what_they_did(name: str, task: str) -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 3))
    made = LEARNERS[name](task)
    values = vectors[:, 0] if task == "regression" else (vectors[:, 0] > 0).astype(np.int64)
    fitted = made.fit(vectors, values) if task == "regression" else made.fit(vectors, values, 2)
    again = type(made).from_state(learner_of_version_3(name, task, of_version_3(fitted.state())))
    expected, found = fitted.predict(vectors), again.predict(vectors)
    if task == "regression":
        expected, found = expected.mean, found.mean
    np.testing.assert_array_equal(found, expected)

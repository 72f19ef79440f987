import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import PowerTransformer

from matscout.predict.states import State
from matscout.predict.transforms import TargetTransform, offered_transforms

SKEWED = np.random.default_rng(0).lognormal(1.0, 1.2, 200)


@pytest.mark.parametrize("kind", ["none", "log", "yeo-johnson"])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_there_and_back(kind: str, sign: float) -> None:
    values = SKEWED if kind == "log" else sign * SKEWED
    transform = TargetTransform.fit(kind, values)
    changed = transform.forward(values)
    assert (np.diff(changed[np.argsort(values)]) >= 0).all()
    assert transform.inverse(changed) == pytest.approx(values, rel=1e-9, abs=1e-9)
    again = TargetTransform.from_state(State(json.loads(json.dumps(transform.state().spec))))
    assert (again.inverse(changed) == transform.inverse(changed)).all()


def test_yeo_johnson_is_scikit_learns() -> None:
    transform = TargetTransform.fit("yeo-johnson", SKEWED)
    scaled = ((SKEWED - transform.centre) / transform.scale)[:, None]
    reference = PowerTransformer("yeo-johnson", standardize=False).fit(scaled)
    assert transform.power == pytest.approx(reference.lambdas_[0], abs=1e-4)
    assert transform.forward(SKEWED) == pytest.approx(reference.transform(scaled)[:, 0], abs=1e-3)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=30),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5),
)
def test_whatever_a_learner_says_comes_back_finite_and_near_the_labels(raw: list[float], said: list[float]) -> None:
    values = np.array(raw)
    back = TargetTransform.fit("yeo-johnson", values).inverse(np.array(said))
    reach = 0.5 * (values.max() - values.min())
    slack = 1e-6 * (1.0 + np.abs(values).max())
    assert np.isfinite(back).all()
    assert (back >= values.min() - reach - slack).all()
    assert (back <= values.max() + reach + slack).all()


def test_which_transforms_are_offered() -> None:
    rng = np.random.default_rng(1)
    assert offered_transforms(rng.normal(size=300)) == ("none",)
    assert offered_transforms(SKEWED) == ("none", "log")
    assert offered_transforms(np.where(rng.random(200) < 0.4, 0.0, SKEWED)) == ("none", "yeo-johnson")
    assert offered_transforms(np.full(20, 3.0)) == ("none",)

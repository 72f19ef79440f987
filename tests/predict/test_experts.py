"""Mixtures of experts: the layers in plain loops, gaps in the labels, many networks at once against one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from matscout.predict.experts import Experts, ExpertsLesson, ExpertsShape, TrainedExperts, _Tensors


def softmax(row: list[float]) -> np.ndarray:
    raised = np.exp(np.array(row) - max(row))
    return raised / raised.sum()


def test_the_forward_pass_is_that_of_the_paper() -> None:
    """y_t = h_t(sum_e g_t(x)_e f_e(x)), g_t(x) = softmax(W_t x): eqs. 4 to 6 of doi:10.1145/3219819.3220007."""
    shape = ExpertsShape(networks=2, inputs=3, tasks=2, experts=3, width=4)
    module = Experts(shape, seed=1)
    with torch.no_grad():
        for one in module.parameters():
            one.copy_(torch.randn(one.shape, generator=torch.Generator().manual_seed(one.numel())) * 0.5)
    weights = {name: one.detach().double().numpy() for name, one in module.named_parameters()}
    inputs = np.random.default_rng(0).normal(size=(5, 3))
    found = module(torch.from_numpy(inputs).float()).detach().numpy()
    for k in range(2):
        for n, x in enumerate(inputs):
            told = []
            for e in range(3):
                own = slice(4 * e, 4 * e + 4)
                hidden = np.maximum(x @ weights["first"][k][:, own] + weights["first_bias"][k, 0, own], 0)
                told.append(np.maximum(hidden @ weights["second"][k, e] + weights["second_bias"][k, e, 0], 0))
            for t in range(2):
                raw = x @ weights["gates"][k][:, 3 * t : 3 * t + 3] + weights["gate_bias"][k, 0, 3 * t : 3 * t + 3]
                mixed = sum(share * one for share, one in zip(softmax(raw.tolist()), told, strict=True))
                tower = np.maximum(mixed @ weights["tower"][k, t] + weights["tower_bias"][k, t, 0], 0)
                value = float((tower @ weights["last"][k, t] + weights["last_bias"][k, t, 0])[0])
                assert found[k, n, t] == pytest.approx(value, abs=1e-5)


def lesson(networks: int = 1, *, seed: int = 0, rounds: int = 60) -> ExpertsLesson:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(50, 4))
    values = np.column_stack([np.tanh(inputs[:, 0]) + 0.5 * inputs[:, 1], inputs[:, 1] ** 2])
    values[::3, 1] = np.nan
    everything = np.ones((networks, 50), dtype=np.bool_)
    return ExpertsLesson(inputs, values, np.ones(50), everything, everything, rounds=rounds, seed=seed)


def test_50_rows_are_learned_by_heart() -> None:
    given = lesson(rounds=400)
    said = TrainedExperts.learn(given, experts=4, width=32).predict(given.inputs)
    assert np.abs(said[0] - given.values[:, 0]).mean() < 0.05


def test_rows_that_a_network_may_not_see_leave_it_as_it_is() -> None:
    """Networks that learn side by side are as if alone: what one may not see changes another one only."""
    given = lesson(2)
    learn, judge = given.learn.copy(), given.judge.copy()
    learn[0, :10], judge[0, :10] = False, False
    values = given.values.copy()
    values[:10, 0] += 100.0
    one, other = (
        TrainedExperts.learn(
            ExpertsLesson(given.inputs, told, given.weights, learn, judge, rounds=20), experts=2, width=8
        ).predict(given.inputs)
        for told in (given.values, values)
    )
    np.testing.assert_allclose(one[0], other[0], atol=1e-6)
    assert np.abs(one[1] - other[1]).max() > 0.1


def test_a_value_that_is_not_known_teaches_nothing() -> None:
    """Where the property is not known it is told from the other rows, far from the 0 that a gap could be taken for."""
    given = lesson()
    truth = 3.0 + np.tanh(given.inputs[:, 0])
    gaps = np.arange(50) % 3 == 0
    values = np.column_stack([np.where(gaps, np.nan, truth), given.values[:, 1]])
    learned = TrainedExperts.learn(
        ExpertsLesson(given.inputs, values, given.weights, given.learn, given.judge), experts=2, width=16
    )
    said = learned.predict(given.inputs)[0]
    assert np.abs(said - truth)[gaps].max() < 1.5
    assert np.abs(said - truth)[~gaps].mean() < 0.1


def test_each_network_is_judged_by_its_own_rows() -> None:
    """Against the error over all rows, weighted by who may judge, as it is written."""
    given = lesson(3)
    rng = np.random.default_rng(5)
    judge, values = rng.random((3, 50)) < np.array([[0.1], [0.4], [0.9]]), given.values.copy()
    values[:7, 0] = np.nan
    weights = rng.uniform(0.5, 2.0, 50)
    module = Experts(ExpertsShape(networks=3, inputs=4, tasks=2, experts=2, width=8), seed=2)
    with torch.no_grad():
        told = module(torch.from_numpy(given.inputs).float())[:, :, 0].numpy()
        found = _Tensors.of(ExpertsLesson(given.inputs, values, weights, given.learn, judge)).judged(
            module, squared=True
        )
    for network in range(3):
        rows = judge[network] & np.isfinite(values[:, 0])
        expected = np.average((told[network] - values[:, 0])[rows] ** 2, weights=weights[rows])
        assert float(found[network]) == pytest.approx(expected, rel=1e-5)

"""The soft contrastive loss against equations 4-6 of PolySRL in plain loops."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from matscout.errors import UsageError
from matscout.represent.objectives.soft_contrastive import SoftContrastive, distances
from matscout.represent.trainable import EncoderOutput

OWN = torch.tensor([0, 1, 0, 2])  # two structures of the first composition
WIDTHS = {"composition": 5, "structure": 5}


def shown() -> tuple[dict[str, EncoderOutput], dict[str, object]]:
    torch.manual_seed(1)
    told = EncoderOutput(torch.randn(3, 5).double(), torch.randn(3, 5).double() - 4)
    outputs = {"composition": told, "structure": EncoderOutput(torch.randn(4, 5).double())}
    return outputs, {"composition": None, "structure": SimpleNamespace(compositions=OWN)}


@pytest.mark.parametrize("normalised", [True, False])
def test_the_loss_is_the_sum_over_all_pairs_in_loops(normalised: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs, batches = shown()
    objective = SoftContrastive(
        WIDTHS, samples=3, noise=0.01, steepness=2.0, threshold=1.5, logit_scale=2.0, normalised=normalised
    )
    chance = torch.randn(3, 4, 5)
    monkeypatch.setattr(torch, "randn", lambda *shape, device: chance)
    found = objective(outputs, batches)
    mean, log_variance = outputs["composition"].crystal, outputs["composition"].log_variance
    structures = outputs["structure"].crystal
    if normalised:
        mean, structures = (one / one.norm(dim=1, keepdim=True) for one in (mean, structures))
    loss, matching, others = 0.0, [], []
    for a in range(4):
        m, v = mean[OWN[a]], log_variance[OWN[a]]
        for b in range(4):
            p = 0.0
            for j in range(3):
                apart = (m + torch.exp(v / 2) * chance[j, a] - structures[b]).norm()
                p += torch.sigmoid(2.0 * (-2.0 * apart + 1.5)).item() / 3
            (matching if OWN[a] == OWN[b] else others).append(-math.log(p if OWN[a] == OWN[b] else 1 - p))
        loss += 0.01 * sum(0.5 * (x**2 + math.exp(y) - y - 1) for x, y in zip(m.tolist(), v.tolist(), strict=True))
    loss += sum(matching) + sum(others)
    assert found["loss"].item() == pytest.approx(loss, rel=1e-5)
    assert found["matching"].item() == pytest.approx(sum(matching) / len(matching), rel=1e-5)
    assert found["others"].item() == pytest.approx(sum(others) / len(others), rel=1e-5)
    assert len(matching) == 6


def test_without_samples_the_mean_is_compared() -> None:
    outputs, batches = shown()
    objective = SoftContrastive(WIDTHS, samples=0)
    found = objective(outputs, batches)
    assert set(found) == {"loss", "matching", "others"}
    surer = EncoderOutput(outputs["composition"].crystal, torch.full((3, 5), -80.0).double())
    sampled = SoftContrastive(WIDTHS, samples=2, noise=0.0)({**outputs, "composition": surer}, batches)
    torch.testing.assert_close(sampled["loss"], found["loss"], rtol=1e-4, atol=1e-4)


def test_the_spread_is_the_likelihood_of_structures_in_loops() -> None:
    outputs, batches = shown()
    objective = SoftContrastive(WIDTHS, samples=2, spread=0.7)
    torch.manual_seed(3)
    found = objective(outputs, batches)
    torch.manual_seed(3)
    without = SoftContrastive(WIDTHS, samples=2)(outputs, batches)
    told = outputs["composition"]
    expected = objective.expected(torch.nn.functional.normalize(told.crystal.float(), dim=1)).tolist()
    structures = torch.nn.functional.normalize(outputs["structure"].crystal, dim=1).tolist()
    unlikely = 0.0
    for a, structure in zip(OWN.tolist(), structures, strict=True):
        for x, m, v in zip(structure, expected[a], told.log_variance[a].tolist(), strict=True):
            density = math.exp(-((x - m) ** 2) / (2 * math.exp(v))) / math.sqrt(2 * math.pi * math.exp(v))
            unlikely -= (math.log(density) + 0.5 * math.log(2 * math.pi)) / 5
    assert found["spread"].item() == pytest.approx(unlikely / 4, rel=1e-4)
    assert (found["loss"] - without["loss"]).item() == pytest.approx(0.7 * unlikely, rel=1e-3)


def test_variances_learn_from_the_spread_alone_and_vectors_from_the_pairs_alone() -> None:
    outputs, batches = shown()
    mean, log_variance = (
        one.float().requires_grad_() for one in vars(outputs["composition"]).values() if one is not None
    )
    structures = outputs["structure"].crystal.float().requires_grad_()
    given = {"composition": EncoderOutput(mean, log_variance), "structure": EncoderOutput(structures)}
    slopes = {}
    for spread in (1e-6, 1e6):
        torch.manual_seed(0)
        objective = SoftContrastive(WIDTHS, samples=2, noise=0.0, spread=spread)
        slopes[spread] = torch.autograd.grad(objective(given, batches)["loss"], [mean, structures, log_variance])
    for few, many in zip(slopes[1e-6][:2], slopes[1e6][:2], strict=True):
        torch.testing.assert_close(few, many)
    torch.testing.assert_close(1e12 * slopes[1e-6][2], slopes[1e6][2], rtol=1e-3, atol=1.0)
    assert slopes[1e6][2].abs().max() > 1e3


def test_polymorphs_of_one_formula_only_lose_by_not_matching() -> None:
    outputs, _ = shown()
    one = {"structure": SimpleNamespace(compositions=torch.zeros(4, dtype=torch.int64))}
    found = SoftContrastive(WIDTHS)(outputs, one)
    assert found["others"] == 0
    assert found["loss"].isfinite()


def test_steepness_and_threshold_learn_and_gradients_are_finite_where_vectors_are_equal() -> None:
    objective = SoftContrastive(WIDTHS, samples=0)
    same = torch.nn.functional.normalize(torch.ones(4, 5), dim=1).requires_grad_()
    outputs = {"composition": EncoderOutput(same[:3]), "structure": EncoderOutput(same)}
    objective(outputs, shown()[1])["loss"].backward()
    assert objective.steepness.grad.isfinite()
    assert objective.threshold.grad != 0
    assert same.grad.isfinite().all()


def test_distances_are_those_of_torch() -> None:
    one, other = torch.randn(2, 6, 4), torch.randn(5, 4)
    torch.testing.assert_close(distances(one, other), torch.cdist(one, other.expand(2, 5, 4)), rtol=1e-4, atol=1e-4)


def test_what_does_not_fit_is_refused() -> None:
    outputs, batches = shown()
    unsure = {**outputs, "composition": EncoderOutput(outputs["composition"].crystal)}
    with pytest.raises(UsageError, match=r"gives no variance: use encoders.composition.name=set2set"):
        SoftContrastive(WIDTHS)(unsure, batches)
    with pytest.raises(UsageError, match="compares the encoders composition and structure, of one width"):
        SoftContrastive({"composition": 5, "structure": 6})
    assert SoftContrastive(WIDTHS, steepness=20, threshold=10).threshold.item() == 10.0
    with pytest.raises(UsageError, match="are not below 0"):
        SoftContrastive(WIDTHS, noise=float("nan"))
    with pytest.raises(UsageError, match="are not below 0"):
        SoftContrastive(WIDTHS, noise=-1.0)
    with pytest.raises(UsageError, match="are not below 0"):
        SoftContrastive(WIDTHS, spread=-1.0)


@pytest.mark.parametrize("settings", [{}, {"spread": 0.5}, {"samples": 0}])
def test_an_empty_batch_costs_nothing(settings: dict[str, float]) -> None:
    nothing = torch.zeros(0, 5, requires_grad=True)
    outputs = {"composition": EncoderOutput(nothing, nothing), "structure": EncoderOutput(nothing)}
    batches = {"composition": None, "structure": SimpleNamespace(compositions=torch.zeros(0, dtype=torch.int64))}
    found = SoftContrastive(WIDTHS, **settings)(outputs, batches)
    assert {name: float(value.detach()) for name, value in found.items()} == dict.fromkeys(found, 0.0)
    found["loss"].backward()

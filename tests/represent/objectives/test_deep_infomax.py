"""Deep InfoMax against equations 2 to 6 in loops, its isolated gradients, and that it learns to tell."""

from __future__ import annotations

import math
from unittest import mock

import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import batch_of, random_structures
from torch.nn.functional import softplus

from matscout.errors import UsageError
from matscout.represent.crystal_batches import AT_ONCE
from matscout.represent.encoders.site_net import SiteNet
from matscout.represent.objectives import deep_infomax
from matscout.represent.objectives.deep_infomax import DeepInfomax
from matscout.represent.views.false_crystals import FalseCrystals

KINDS = {"other": 1.0, "polymorph": 2.0, "composition": 0.5, "permutation": 1.0}


def prepared(count: int = 6, **settings):
    torch.manual_seed(0)
    encoder = SiteNet(width=16, site_width=8, pooled=12, isolated=True)
    objective = DeepInfomax({"crystal": 16}, site_width=8, false_weights=KINDS, **settings)
    batches = FalseCrystals()(batch_of(random_structures(count)), torch.Generator().manual_seed(0))
    return encoder, objective, batches, {name: encoder(batch) for name, batch in batches.items()}


@pytest.mark.parametrize("at_once", [AT_ONCE, 60])
def test_the_loss_is_that_of_the_equations_in_loops(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.represent.crystal_batches.AT_ONCE", at_once)
    _, objective, batches, outputs = prepared()
    true, output = batches["true"], outputs["true"]
    features = objective.features(true)

    def pair(species: int, distance: float) -> torch.Tensor:
        return objective.of_pair(torch.cat([features[species], torch.tensor([distance])]))

    def js(z: torch.Tensor, c: torch.Tensor, wrong: torch.Tensor) -> torch.Tensor:
        return softplus(-(z @ c)) + softplus(z @ wrong)

    def kl(z: torch.Tensor, lv: torch.Tensor) -> torch.Tensor:
        return (z**2 + lv.exp() - lv).mean()

    loss = torch.zeros(())
    crystals = len(true)
    noise_weight = 0.1
    for crystal in range(crystals):
        rows = [row for row in range(len(true.row_species)) if true.row_crystals[row] == crystal]
        for row in rows:
            share = true.row_shares[row] / crystals
            z = objective.of_site(output.sites[row])
            loss = loss + noise_weight * share * kl(output.sites[row], output.site_log_variance[row])
            for at in range(true.pairs.offsets[row], true.pairs.offsets[row + 1]):
                far = int(true.others.pairs[at])
                mine, its = int(true.pairs.kinds[at]), int(true.pairs.kinds[far])
                near, away = true.pairs.distances[at].item(), true.pairs.distances[far].item()
                wrong = {"other": pair(its, away), "polymorph": pair(mine, away), "composition": pair(its, near)}
                for kind, false in wrong.items():
                    weight = KINDS[kind] / 3.5
                    loss = loss + weight * share * true.pairs.shares[at] * js(z, pair(mine, near), false)
        loss = loss + noise_weight * kl(output.crystal[crystal], output.log_variance[crystal]) / crystals
    for kind, weight in KINDS.items():
        means = []
        for crystal in range(crystals):
            z, total, parts = objective.of_crystal(output.crystal[crystal]), 0.0, torch.zeros(())
            for row in (row for row in range(len(true.row_species)) if true.row_crystals[row] == crystal):
                if kind == "other":
                    false = output.sites[true.others.rows[row]]
                elif batches[kind].counted[row]:
                    compared = batches[kind].compared
                    false = outputs[kind].sites[row if compared is None else compared[row]]
                else:
                    continue
                own = objective.of_constituent(output.sites[row])
                parts = parts + true.row_shares[row] * js(z, own, objective.of_constituent(false))
                total += true.row_shares[row].item()
            if total:
                means.append(parts / total)
        loss = loss + weight / 4.5 * torch.stack(means).mean()
    with mock.patch.object(deep_infomax.torch, "randn_like", torch.zeros_like):
        found = objective(outputs, batches)["loss"]
    torch.testing.assert_close(found, loss, rtol=1e-5, atol=1e-6)


def test_noise_has_the_variance_that_is_told() -> None:
    torch.manual_seed(0)
    disturbed = deep_infomax._noisy(torch.full((20000, 1), 3.0), torch.full((20000, 1), math.log(0.25)))
    assert disturbed.mean().item() == pytest.approx(3.0, abs=0.02)
    assert disturbed.std().item() == pytest.approx(0.5, abs=0.02)


def test_a_classifier_that_says_nothing_scores_two_logarithms_of_two() -> None:
    _, objective, batches, outputs = prepared()
    torch.nn.init.zeros_(objective.of_site[-1].weight)
    torch.nn.init.zeros_(objective.of_site[-1].bias)
    parts = objective(outputs, batches)
    assert [parts[f"local {kind}"].item() for kind in ("other", "polymorph", "composition")] == pytest.approx(
        [2 * math.log(2)] * 3
    )


def test_the_global_loss_does_not_reach_the_sites_nor_the_false_samples_the_encoder() -> None:
    encoder, objective, batches, outputs = prepared()
    parts = objective(outputs, batches)
    sum(value for name, value in parts.items() if name.startswith("global")).backward()
    reached = {name.partition(".")[0] for name, weight in encoder.named_parameters() if weight.grad is not None}
    assert reached == {"before_mean", "crystal", "crystal_log_variance"}
    assert not outputs["permutation"].sites.requires_grad


def test_near_pairs_can_count_more() -> None:
    values = []
    for near in (False, True):
        _, objective, batches, outputs = prepared(near=near)
        torch.manual_seed(1)
        values.append(objective(outputs, batches)["local other"].item())
    assert values[0] != values[1]


def test_it_learns_to_tell_true_from_false() -> None:
    torch.manual_seed(0)
    encoder = SiteNet(width=16, site_width=16, pooled=16, isolated=True)
    objective = DeepInfomax({"crystal": 16}, site_width=16)
    batches = FalseCrystals()(batch_of(random_structures(16)), torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam([*encoder.parameters(), *objective.parameters()], lr=3e-3)
    for _ in range(250):
        optimiser.zero_grad()
        parts = objective({name: encoder(batch) for name, batch in batches.items()}, batches)
        parts["loss"].backward()
        optimiser.step()
    assert parts["global other"].item() < 1.2  # 1.39 by chance
    assert parts["local composition"].item() < 1.3


def test_settings_make_the_same_objective_again() -> None:
    _, objective, batches, outputs = prepared()
    again = DeepInfomax(**objective.settings)
    again.load_state_dict(objective.state_dict())
    values = []
    for made in (objective, again):
        torch.manual_seed(5)
        values.append(made(outputs, batches)["loss"].item())
    assert values[0] == values[1]


def test_a_batch_of_elements_has_no_permutations_and_no_loss_of_them() -> None:
    encoder, objective, _, _ = prepared()
    iron = Structure(Lattice.cubic(2.8), ["Fe", "Fe"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    batches = FalseCrystals()(batch_of([iron, iron]), torch.Generator().manual_seed(0))
    parts = objective({name: encoder(batch) for name, batch in batches.items()}, batches)
    assert "global permutation" not in parts
    assert parts["loss"].isfinite()


def test_kinds_that_the_view_does_not_make_are_named() -> None:
    _, objective, batches, outputs = prepared()
    with pytest.raises(UsageError, match="names permutation, but the view makes true, polymorph, composition only"):
        objective({k: v for k, v in outputs.items() if k != "permutation"}, batches)
    with pytest.raises(UsageError, match="needs other"):
        DeepInfomax({"crystal": 16}, false_weights={"polymorph": 1.0})

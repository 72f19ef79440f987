"""Site-Net against its equation in loops, and what it must not learn from."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tests.represent.crystals_at_hand import batch_of, random_structures

from matscout.represent.crystal_batches import AT_ONCE
from matscout.represent.encoders.site_net import SiteNet
from matscout.represent.views.false_crystals import FALSE_KINDS, FalseCrystals


@pytest.fixture
def encoder() -> SiteNet:
    torch.manual_seed(3)
    return SiteNet(width=16, site_width=8, pooled=12).eval()


def normed(hidden: torch.Tensor) -> torch.Tensor:
    active = hidden * torch.sigmoid(hidden)
    return (active - active.mean()) / torch.sqrt(active.var(unbiased=False) + 1e-5)


@pytest.mark.parametrize("at_once", [AT_ONCE, 50])
def test_a_site_is_the_attention_to_all_neighbours(
    encoder: SiteNet, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matscout.represent.crystal_batches.AT_ONCE", at_once)
    structures = random_structures(3)
    batch = batch_of(structures)
    output = encoder(batch)
    species = encoder.site(encoder.features(batch))
    weights = torch.cat([encoder.receiver.weight, encoder.sender.weight, encoder.between.weight], dim=1)
    means = []
    for row in range(len(batch.row_species)):
        values, scores = [], []
        for pair in range(batch.pairs.offsets[row], batch.pairs.offsets[row + 1]):
            apart = encoder.distance(batch.pairs.distances[pair][None])
            bond = torch.cat([species[batch.row_species[row]], species[batch.pairs.kinds[pair]], apart])
            hidden = weights @ bond + encoder.receiver.bias
            for _ in range(round(batch.pairs.shares[pair].item() * 12)):
                scores.append(10 * torch.tanh(encoder.score(normed(hidden[:8])) / 10))
                values.append(normed(hidden[8:]))
        attention = torch.cat(scores).softmax(dim=0)
        means.append(encoder.environment(sum(a * v for a, v in zip(attention, values, strict=True))))
    torch.testing.assert_close(output.sites, torch.stack(means), rtol=1e-5, atol=1e-6)
    for crystal, structure in enumerate(structures):
        rows = [row for row in range(len(means)) if batch.row_crystals[row] == crystal]
        mean = sum(batch.row_shares[row] * encoder.before_mean(means[row]) for row in rows)
        torch.testing.assert_close(output.crystal[crystal], encoder.crystal(mean), rtol=1e-5, atol=1e-6)
        assert sum(batch.row_shares[row] for row in rows).item() == pytest.approx(1.0), structure


def test_what_is_asked_of_an_isolated_crystal_does_not_reach_the_sites() -> None:
    encoder = SiteNet(width=16, site_width=8, pooled=12, isolated=True)
    encoder(batch_of(random_structures(4))).crystal.square().sum().backward()
    reached = {name.partition(".")[0] for name, weight in encoder.named_parameters() if weight.grad is not None}
    assert reached == {"before_mean", "crystal"}


def test_false_crystals_made_together_are_encoded_as_each_alone(
    encoder: SiteNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matscout.represent.crystal_batches.AT_ONCE", 50)
    batches = FalseCrystals()(batch_of(random_structures(6)), torch.Generator().manual_seed(0))
    for kind in FALSE_KINDS:
        together, alone = encoder(batches[kind]), encoder(replace(batches[kind], common=None))
        torch.testing.assert_close(together.sites, alone.sites)
    shared = batches["polymorph"].common
    assert all(batches[kind].common is shared for kind in FALSE_KINDS)
    assert len(shared) > 3
    assert sum(map(len, shared.values())) == len(batches["polymorph"].pairs.distances)

"""Site-Net against its equation in loops, what it must not see, and that it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pymatgen.core import Structure
from tests.represent.crystals_at_hand import batch_of, random_structures, store_of

from matscout.represent.encoders.site_net import SiteNet


@pytest.fixture
def encoder() -> SiteNet:
    torch.manual_seed(3)
    return SiteNet(width=16, site_width=8, pooled=12).eval()


def vectors(encoder: SiteNet, structures: list[Structure]) -> np.ndarray:
    with torch.inference_mode():
        return encoder(batch_of(structures)).crystal.numpy()


def test_a_site_is_the_attention_to_all_neighbours(encoder: SiteNet) -> None:
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
                scores.append(10 * torch.tanh(encoder.score(hidden[:8]) / 10))
                values.append(encoder.value(hidden[8:]))
        attention = torch.cat(scores).softmax(dim=0)
        means.append(encoder.environment(sum(a * v for a, v in zip(attention, values, strict=True))))
    torch.testing.assert_close(output.sites, torch.stack(means), rtol=1e-5, atol=1e-6)
    for crystal, structure in enumerate(structures):
        rows = [row for row in range(len(means)) if batch.row_crystals[row] == crystal]
        mean = sum(batch.row_shares[row] * encoder.before_mean(means[row]) for row in rows)
        torch.testing.assert_close(output.crystal[crystal], encoder.crystal(mean), rtol=1e-5, atol=1e-6)
        assert sum(batch.row_shares[row] for row in rows).item() == pytest.approx(1.0), structure


def test_turning_moving_renumbering_and_doubling_change_nothing(encoder: SiteNet) -> None:
    rng = np.random.default_rng(0)
    given = random_structures(6)
    changed = []
    for structure in given:
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        order = rng.permutation(len(structure))
        moved = structure.frac_coords[order] + rng.random(3)
        changed.append(Structure(structure.lattice.matrix @ turn, [structure.species[i] for i in order], moved))
    np.testing.assert_allclose(vectors(encoder, changed), vectors(encoder, given), atol=1e-5)
    doubled = [structure * (2, 1, 1) for structure in given]
    np.testing.assert_allclose(vectors(encoder, doubled), vectors(encoder, given), atol=1e-5)


def test_the_rest_of_the_batch_and_its_order_do_not_matter(encoder: SiteNet) -> None:
    given = random_structures(8)
    whole = vectors(encoder, given)
    for row in (0, 5):
        np.testing.assert_allclose(vectors(encoder, [given[row]])[0], whole[row], atol=1e-5)
    with torch.inference_mode():
        turned = encoder(store_of(given).batch(np.arange(8)[::-1].copy())).crystal.numpy()
    np.testing.assert_allclose(turned[::-1], whole, atol=1e-5)


def test_settings_and_weights_make_the_same_encoder_again(encoder: SiteNet) -> None:
    again = SiteNet(**encoder.settings)
    again.load_state_dict(encoder.state_dict())
    np.testing.assert_array_equal(vectors(again.eval(), random_structures(4)), vectors(encoder, random_structures(4)))


def test_what_is_asked_of_an_isolated_crystal_does_not_reach_the_sites() -> None:
    encoder = SiteNet(width=16, site_width=8, pooled=12, isolated=True)
    encoder(batch_of(random_structures(4))).crystal.square().sum().backward()
    reached = {name.partition(".")[0] for name, weight in encoder.named_parameters() if weight.grad is not None}
    assert reached == {"before_mean", "crystal"}


def test_32_random_labels_are_learnt_by_heart() -> None:
    torch.manual_seed(0)
    encoder, head = SiteNet(width=32, site_width=32, pooled=32), torch.nn.Linear(32, 1)
    batch, labels = batch_of(random_structures(32)), torch.randn(32, 1)
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=5e-3)
    for _ in range(200):
        optimiser.zero_grad()
        loss = (head(encoder(batch).crystal) - labels).square().mean()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.05

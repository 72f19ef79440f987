"""Denoising against its definition, and that what was hidden can be learned."""

from __future__ import annotations

import pytest
import torch
from tests.represent.crystals_at_hand import batch_of, random_structures

from matscout.errors import UsageError
from matscout.represent.encoders.site_net import SiteNet
from matscout.represent.objectives.denoising import Denoising
from matscout.represent.views.disturbed_crystals import DisturbedCrystals

VIEW = DisturbedCrystals(hidden=0.3)


def prepared() -> tuple[SiteNet, Denoising]:
    torch.manual_seed(0)
    return SiteNet(width=16, site_width=8, pooled=12), Denoising({"crystal": 16}, site_width=8, strain_weight=0.5)


def test_the_loss_is_cross_entropy_and_squared_error_in_loops() -> None:
    encoder, objective = prepared()
    batches = VIEW(batch_of(random_structures(6)), torch.Generator().manual_seed(0))
    (batch,) = batches.values()
    output = encoder(batch)
    entropies = []
    for row, element in enumerate(batch.answers.elements.tolist()):
        if element >= 0:
            crystal = output.crystal[batch.row_crystals[row]]
            scores = objective.of_element(torch.cat([output.sites[row], crystal]))
            entropies.append(-scores.log_softmax(dim=0)[element])
    errors = [(objective.of_strain(c)[0] - s) ** 2 for c, s in zip(output.crystal, batch.answers.strain, strict=True)]
    parts = objective({"copy 1": output}, batches)
    torch.testing.assert_close(parts["elements"], torch.stack(entropies).mean())
    torch.testing.assert_close(parts["strain"], torch.stack(errors).mean())
    torch.testing.assert_close(parts["loss"], parts["elements"] + 0.5 * parts["strain"])


def test_what_was_done_to_32_crystals_is_learned_by_heart() -> None:
    torch.manual_seed(0)
    encoder, objective = SiteNet(width=32, site_width=32, pooled=32), Denoising({"crystal": 32}, site_width=32)
    batches = VIEW(batch_of(random_structures(32)), torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam([*encoder.parameters(), *objective.parameters()], lr=2e-3)
    for _ in range(400):
        outputs = {name: encoder(shown) for name, shown in batches.items()}
        optimiser.zero_grad()
        objective(outputs, batches)["loss"].backward()
        optimiser.step()
    measures = objective.measures(outputs, batches)
    assert measures["accuracy of hidden elements"].mean() > 0.95
    assert measures["MAE of the strain / its spread"].mean() < 0.2


def test_where_nothing_is_hidden_the_elements_are_left_out() -> None:
    encoder, objective = prepared()
    batches = DisturbedCrystals(hidden=0.0)(batch_of(random_structures(3)), torch.Generator().manual_seed(0))
    parts = objective({"copy 1": encoder(batches["copy 1"])}, batches)
    assert parts.keys() == {"loss", "strain"}
    torch.testing.assert_close(parts["loss"], 0.5 * parts["strain"])


def test_another_view_or_other_sites_are_refused() -> None:
    encoder, objective = prepared()
    batch = batch_of(random_structures(3))
    with pytest.raises(UsageError, match="needs the view disturbed-crystals"):
        objective({"as-given": encoder(batch)}, {"as-given": batch})
    with pytest.raises(UsageError, match=r"objective.site_width is 64, but the encoder gives sites with 8 numbers"):
        batches = VIEW(batch, torch.Generator().manual_seed(0))
        Denoising({"crystal": 16})({"copy 1": encoder(batches["copy 1"])}, batches)

"""A composition as a distribution: set2set against PyTorch's own LSTM cell in loops, any encoder within, its start."""

from __future__ import annotations

import pytest
import torch

from matscout.data.compositions import Compositions
from matscout.errors import UsageError
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.encoders.set2set import Set2set

ROWS = [{"Fe": 1}, {"Fe": 2, "O": 3}, {"Ba": 0.999, "La": 0.001, "O": 3}]


def batch() -> CompositionBatch:
    return CompositionBatch.from_compositions(Compositions.from_dicts(ROWS))


def test_mean_and_variance_are_two_poolings_of_weighted_elements() -> None:
    torch.manual_seed(0)
    encoder = Set2set(width=8, normalised=False)
    shown = batch()
    output, told = encoder(shown), encoder.encoder(shown)
    tokens = (told.sites * shown.fractions[:, None]).split([1, 2, 3])
    for pooling, found in ((encoder.mean, output.crystal), (encoder.log_variance, output.log_variance)):
        for row, elements in enumerate(tokens):
            asked, hidden, cell = torch.zeros(1, 16), torch.zeros(1, 8), torch.zeros(1, 8)
            for _ in range(2):
                hidden, cell = pooling.memory(asked, (hidden, cell))
                fit = torch.softmax(torch.stack([hidden[0] @ element for element in elements]), dim=0)
                answer = sum(share * element for share, element in zip(fit, elements, strict=True))
                asked = torch.cat([hidden, answer[None]], dim=1)
            expected = pooling.join(asked)[0] + told.crystal[row]
            torch.testing.assert_close(found[row], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("of", ["stoichiometry-gcn", "set-transformer", "weighted-attention"])
def test_any_encoder_of_compositions_may_stand_within(of: str) -> None:
    torch.manual_seed(0)
    output = Set2set(width=16, of=of, settings={"layers": 1})(batch())
    torch.testing.assert_close(output.crystal.norm(dim=1), torch.ones(3))
    assert output.log_variance.shape == (3, 16)
    assert -9 < output.log_variance.mean() < -3


def test_encoders_of_structures_are_refused() -> None:
    with pytest.raises(UsageError, match="site-net is one of a structure"):
        Set2set(of="site-net", settings={"layers": 3})
    with pytest.raises(
        UsageError, match=r"stoichiometry-gcn, below set2set, does not take the settings \{'depth': 3\}"
    ):
        Set2set(settings={"depth": 3})


def test_no_compositions_give_no_vectors() -> None:
    empty = CompositionBatch.from_compositions(Compositions.from_dicts([]))
    told = Set2set(16)(empty)
    assert told.crystal.shape == told.log_variance.shape == (0, 16)

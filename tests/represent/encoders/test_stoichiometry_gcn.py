"""The stoichiometry encoder against a GCN on the complete graph, equation for equation."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.composition_batches import CompositionBatch
from matscout.represent.encoders.stoichiometry_gcn import StoichiometryGcn

ROWS = [{"Fe": 1}, {"Fe": 2, "O": 3}, {"Ba": 0.999, "La": 0.001, "O": 3}]


def test_it_is_a_gcn_with_self_loops_on_the_complete_graph() -> None:
    torch.manual_seed(0)
    encoder = StoichiometryGcn(layers=2)
    output = encoder(CompositionBatch.from_compositions(Compositions.from_dicts(ROWS)))
    start = 0
    for row, given in enumerate(ROWS):
        k = len(given)
        numbers = sorted((ATOMIC_NUMBERS[symbol], amount) for symbol, amount in given.items())
        hidden = encoder.values[[number - 1 for number, _ in numbers]]
        adjacency = torch.ones(k, k)
        degree = torch.diag(adjacency.sum(dim=1) ** -0.5)
        normalised = degree @ adjacency @ degree
        steps = [hidden]
        for layer in encoder.rounds:
            steps.append(steps[-1] + functional.elu(normalised @ steps[-1] @ layer.weight.T + layer.bias))
        tokens = encoder.join(torch.cat(steps, dim=1))
        amounts = torch.tensor([amount for _, amount in numbers], dtype=torch.float32)
        torch.testing.assert_close(output.sites[start : start + k], tokens, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(output.crystal[row], (amounts / amounts.sum()) @ tokens, rtol=1e-5, atol=1e-6)
        start += k


def test_a_hidden_element_has_no_properties_and_still_counts() -> None:
    torch.manual_seed(0)
    encoder = StoichiometryGcn(width=16)
    batch = CompositionBatch(torch.tensor([25, N_ELEMENTS]), torch.tensor([0.4, 0.6]), ((1, 2),))
    output = encoder(batch)
    assert output.crystal.isfinite().all()
    assert not output.crystal.equal(encoder(CompositionBatch(torch.tensor([25]), torch.ones(1), ((1, 1),))).crystal)


def test_settings_of_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="width and layers of at least 1; got width=0, layers=3"):
        StoichiometryGcn(width=0)

"""What every view of compositions must do, whoever wrote it."""

from __future__ import annotations

import pytest
import torch

from matscout import registry
from matscout.data.compositions import Compositions
from matscout.represent.composition_batches import CompositionBatch

NAMES = [
    plug_in.name
    for plug_in in registry.plug_ins("views")
    if registry.load_class("views", plug_in.name).needs in {None, "composition"}
]


@pytest.mark.parametrize("name", NAMES)
def test_all_chance_comes_from_the_generator(name):
    compositions = Compositions.from_dicts([{"Fe": 1}, {"Na": 1, "Cl": 1}, {"Ba": 1, "Ti": 1, "O": 3}])
    batch = CompositionBatch.from_compositions(compositions)
    view = registry.load_class("views", name)()
    shown = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        shown.append(view(batch, torch.Generator().manual_seed(0)))
    assert shown[0].keys() == shown[1].keys()
    assert shown[0]
    for one, other in zip(shown[0].values(), shown[1].values(), strict=True):
        assert len(one) == len(other)
        assert one.elements.equal(other.elements)
        assert one.fractions.equal(other.fractions)

"""What every view must do, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from matscout import registry
from matscout.data.compositions import Compositions
from matscout.testing.composition_encoders import batch_of as composition_batch
from matscout.testing.crystals_at_hand import random_structures, store_of
from matscout.testing.reaction_encoders import TEXTS
from matscout.testing.reaction_encoders import batch_of as reaction_batch
from matscout.testing.trainable import TrainableContract


def polymorph_batch() -> Any:
    """Five crystals of two compositions."""
    import torch

    from matscout.represent.polymorph_batches import PolymorphBatch

    crystals = replace(crystal_batch(), compositions=torch.tensor([0, 1, 0, 0, 1]))
    return PolymorphBatch(composition_batch(Compositions.from_dicts([{"Fe": 1}, {"Na": 1, "Cl": 1}])), crystals)


def crystal_batch() -> Any:
    """Five crystals, each site for itself."""
    return store_of(random_structures(5), merged=False).batch(np.arange(5))


def batch_for(needs: str | None) -> Any:
    """Some rows of what a view is of; those of any kind are shown compositions."""
    if needs == "structure":
        return crystal_batch()
    if needs == "polymorphs":
        return polymorph_batch()
    if needs == "reaction":
        return reaction_batch(TEXTS[:6])
    return composition_batch(Compositions.from_dicts([{"Fe": 1}, {"Na": 1, "Cl": 1}, {"Ba": 1, "Ti": 1, "O": 3}]))


def alike(one: Any, other: Any) -> bool:
    """Whether two batches, or parts of them, hold the same."""
    import torch

    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.shape == other.shape and bool(torch.allclose(one, other, rtol=0.0, atol=0.0, equal_nan=True))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(alike(*pair) for pair in zip(one, other, strict=True))
    if is_dataclass(one):
        return all(alike(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return bool(one == other)


class ViewContract(TrainableContract):
    """A view shows something, and draws from the generator that it is given."""

    family = "views"

    def test_all_chance_comes_from_the_generator(self, name: str) -> None:
        import torch

        view = registry.load_class("views", name)()
        shown = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            shown.append(view(batch_for(view.needs), torch.Generator().manual_seed(0)))
        assert shown[0]
        assert alike(dict(shown[0]), dict(shown[1]))

    def test_what_it_says_that_it_shows_is_shown(self, name: str) -> None:
        import torch

        view = registry.load_class("views", name)()
        shown = view(batch_for(view.needs), torch.Generator().manual_seed(0))
        assert set(view.shows) <= set(shown)
        assert all(len(batch) > 0 for batch in shown.values())

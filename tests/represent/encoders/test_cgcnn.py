"""CGCNN against its equation in loops, and false crystals with every site apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import batch_of, random_structures, store_of
from torch.nn import functional

from matscout.errors import UsageError
from matscout.represent.encoders.cgcnn import Cgcnn
from matscout.represent.views.false_crystals import FalseCrystals

FLUORITE = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.5), ["Ca", "F"], [[0, 0, 0], [0.25, 0.25, 0.25]])


def test_a_round_is_the_equation_of_the_paper() -> None:
    torch.manual_seed(0)
    encoder = Cgcnn(width=8, site_width=4, pooled=6, layers=2)
    structures = [*random_structures(3), FLUORITE]
    batch = store_of(structures, merged=False).batch(np.arange(4))
    species = encoder.from_properties(encoder.features(batch)) + encoder.from_element(batch.elements)
    sites = [species[kind] for kind in batch.site_species]
    for messages in encoder.rounds:
        weights = torch.cat([messages.receiver.weight, messages.sender.weight, messages.bond.weight], dim=1)
        following = []
        for row, own in enumerate(sites):
            total = torch.zeros(4)
            for place in range(batch.places.offsets[row], batch.places.offsets[row + 1]):
                other, apart = sites[batch.places.kinds[place]], batch.places.distances[place]
                bond = torch.exp(-(((apart - torch.linspace(0, 8, 41)) / 0.2) ** 2))
                hidden = messages.before(weights @ torch.cat([own, other, bond]) + messages.receiver.bias)
                message = torch.sigmoid(hidden[:4]) * functional.softplus(hidden[4:])
                total = total + batch.places.shares[place] * message
            following.append(functional.softplus(own + messages.after(total)))
        sites = following
    torch.testing.assert_close(encoder.seen(batch), torch.stack(sites), rtol=1e-4, atol=1e-5)


def test_false_crystals_need_every_site_apart() -> None:
    encoder = Cgcnn(width=8, site_width=4)
    chance = torch.Generator().manual_seed(0)
    given = [*random_structures(4), FLUORITE]
    with pytest.raises(UsageError, match=r"only if every site has its own row: data.merged=false"):
        encoder(FalseCrystals()(batch_of(given), chance)["permutation"])
    each = FalseCrystals()(store_of(given, merged=False).batch(np.arange(5)), chance)
    assert all(encoder(shown).sites.isfinite().all() for shown in each.values())

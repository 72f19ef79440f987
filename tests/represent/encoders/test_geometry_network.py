"""The geometry network against equations 7 and 8 of PolySRL in loops, and what it does not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import batch_of, random_structures, store_of

from matscout.errors import UsageError
from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.encoders.geometry_network import GeometryNetwork
from matscout.represent.views.false_crystals import FalseCrystals

FLUORITE = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.5), ["Ca", "F"], [[0, 0, 0], [0.25, 0.25, 0.25]])


def joined(one: torch.nn.Module) -> torch.nn.Module:
    """f as one network on [v_i, v_j, e_ij]."""
    first = torch.nn.Linear(3 * one.between.in_features, one.between.out_features)
    first.weight.data = torch.cat([one.receiver.weight, one.sender.weight, one.between.weight], dim=1)
    first.bias.data = one.receiver.bias.data
    return torch.nn.Sequential(first, *one.to_bond)


def test_the_rounds_are_the_equations_of_the_paper() -> None:
    torch.manual_seed(0)
    encoder = GeometryNetwork(width=6, layers=3).double()
    wide = Structure(Lattice.cubic(9.0), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])  # some neighbours beyond 8 Å
    given = [*random_structures(3), FLUORITE, wide]
    batch = store_of(given, merged=False).batch(np.arange(5))
    assert (batch.places.distances > 8).any()
    owners = batch.places.rows.tolist()
    sites = [encoder.site for _ in batch.site_species]
    bonds = []
    for apart in batch.places.distances.double():
        bonds.append(encoder.bond(torch.exp(-(((apart - encoder.centres) / 0.2) ** 2))))
    for one in [encoder.first, *encoder.others]:
        network = joined(one)
        kinds = batch.places.kinds.tolist()
        bonds = [
            bond + network(torch.cat([sites[row], sites[kind], bond]))
            for row, kind, bond in zip(owners, kinds, bonds, strict=True)
        ]
        sums = [torch.zeros(6).double() for _ in sites]
        for row, bond, share, apart in zip(owners, bonds, batch.places.shares, batch.places.distances, strict=True):
            sums[row] = sums[row] + (12 * share.double() * bond if apart <= 8 else 0)
        sites = [v + one.to_site(torch.cat([v, total])) for v, total in zip(sites, sums, strict=True)]
    expected = [
        torch.stack(sites[batch.site_offsets[i] : batch.site_offsets[i + 1]]).mean(dim=0) for i in range(len(given))
    ]
    found = encoder(in_double(batch))
    torch.testing.assert_close(found.sites, torch.stack(sites), rtol=2e-5, atol=2e-5)
    torch.testing.assert_close(found.crystal, torch.stack(expected), rtol=2e-5, atol=2e-5)


def in_double(batch: CrystalBatch) -> CrystalBatch:
    """The batch in double precision."""
    places = replace(batch.places, distances=batch.places.distances.double(), shares=batch.places.shares.double())
    return replace(batch, places=places, row_shares=batch.row_shares.double())


def test_elements_are_not_seen() -> None:
    torch.manual_seed(0)
    encoder = GeometryNetwork(width=8)
    other = FLUORITE.copy()
    other.replace_species({"Ca": "Zr", "F": "O"})
    found = encoder(batch_of([FLUORITE, other])).crystal
    torch.testing.assert_close(found[0], found[1], rtol=1e-6, atol=1e-6)


def test_false_crystals_and_settings_of_nothing_are_refused() -> None:
    batch = FalseCrystals()(batch_of([*random_structures(4), FLUORITE]), torch.Generator().manual_seed(0))
    with pytest.raises(UsageError, match="does not see elements"):
        GeometryNetwork(width=4)(batch["permutation"])
    with pytest.raises(UsageError, match="widths and layers of at least 1"):
        GeometryNetwork(layers=0)

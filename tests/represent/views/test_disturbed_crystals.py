"""What disturbed copies hide, stretch and cut, and that the answers tell it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import batch_of, random_structures

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.crystal_store import CrystalStore
from matscout.represent.views.disturbed_crystals import DisturbedCrystals

GIVEN = random_structures(40)
HIDDEN = 118
IRON = Structure(Lattice.cubic(2.8), ["Fe", "Fe"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def disturbed(view: DisturbedCrystals, structures: list[Structure] = GIVEN, seed: int = 0) -> CrystalBatch:
    return next(iter(view(batch_of(structures), torch.Generator().manual_seed(seed)).values()))


def test_hidden_elements_are_hidden_from_their_neighbours_too_and_told() -> None:
    true = batch_of(GIVEN)
    found = disturbed(DisturbedCrystals(hidden=0.3, strain=0.0))
    assert found.answers is not None
    hidden = found.answers.elements >= 0
    assert 0.2 < hidden.float().mean() < 0.4
    assert found.answers.elements[hidden].equal(true.elements[true.row_species][hidden])
    assert found.elements[found.row_species[hidden]].unique().tolist() == [HIDDEN]
    assert found.elements[found.row_species[~hidden]].equal(true.elements[true.row_species[~hidden]])
    seen_at, on_sites = found.elements[found.pairs.kinds], found.elements[found.site_species]
    assert seen_at.equal(on_sites[found.places.kinds])
    assert found.pairs.distances.equal(true.places.distances)
    assert (found.answers.strain == 0).all()


def test_of_no_crystal_everything_is_hidden() -> None:
    found = disturbed(DisturbedCrystals(hidden=0.95), [IRON, *GIVEN])
    hidden = (found.answers.elements >= 0).float()
    assert found.over_rows(hidden).max() < 1
    assert hidden[0] == 0  # both sites of iron are alike


def test_a_strain_is_a_factor_to_all_lengths_of_a_crystal() -> None:
    true, found = batch_of(GIVEN), disturbed(DisturbedCrystals(hidden=0.0, strain=0.03))
    factors = (0.03 * found.answers.strain).exp()[true.row_crystals][true.places.rows]
    torch.testing.assert_close(found.pairs.distances, true.places.distances * factors)
    assert found.answers.strain.std().item() == pytest.approx(1.0, abs=0.3)


def test_cut_neighbours_have_no_share_and_the_others_more() -> None:
    found = disturbed(DisturbedCrystals(hidden=0.0, strain=0.0, cut=0.5))
    assert (found.pairs.shares == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    torch.testing.assert_close(found.over_pairs(found.pairs.shares), torch.ones(len(found.row_species)))


def test_blurred_distances_differ_by_so_much() -> None:
    true, found = batch_of(GIVEN), disturbed(DisturbedCrystals(hidden=0.0, strain=0.0, blur=0.05))
    assert (found.pairs.distances - true.places.distances).std().item() == pytest.approx(0.05, rel=0.05)


def test_copies_differ_and_all_chance_comes_from_the_generator() -> None:
    view = DisturbedCrystals(copies=2, cut=0.1, blur=0.02)
    torch.manual_seed(1)
    one = view(batch_of(GIVEN), torch.Generator().manual_seed(0))
    torch.manual_seed(2)
    two = view(batch_of(GIVEN), torch.Generator().manual_seed(0))
    assert list(one) == ["copy 1", "copy 2"]
    assert not one["copy 1"].pairs.distances.equal(one["copy 2"].pairs.distances)
    for name, batch in one.items():
        assert batch.pairs.distances.equal(two[name].pairs.distances)
        assert batch.row_species.equal(two[name].row_species)


def test_in_a_supercell_a_site_stays_where_it_is() -> None:
    crystals = Crystals.from_structures(Structures.from_pymatgen(GIVEN[:5]))
    batch = CrystalStore.from_crystals(crystals, "supercell", 20).batch(np.arange(5))
    own = batch.places.distances == 0
    (found,) = DisturbedCrystals(hidden=0.0, strain=0.02, blur=0.1)(batch, torch.Generator().manual_seed(0)).values()
    assert own.any()
    assert (found.places.distances[own] == 0).all()
    assert (found.places.distances[~own] >= 0.1).all()


@pytest.mark.parametrize("settings", [{"copies": 0}, {"hidden": 1.0}, {"cut": -0.1}, {"strain": -0.1}, {"blur": -1.0}])
def test_what_cannot_be_is_refused(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"at least one copy, with view.hidden and view.cut from 0 to below 1"):
        DisturbedCrystals(**settings)

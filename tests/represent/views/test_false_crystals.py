"""False crystals: what they are made of, that they are false, and that chance comes from the generator."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import batch_of, random_structures

from matscout.represent.crystal_batches import CrystalBatch
from matscout.represent.views.false_crystals import FalseCrystals

GIVEN = random_structures(9)
ROCK_SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
IRON = Structure(Lattice.cubic(2.8), ["Fe", "Fe"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def shown(structures: list[Structure], seed: int = 0) -> dict[str, CrystalBatch]:
    return dict(FalseCrystals()(batch_of(structures), torch.Generator().manual_seed(seed)))


def elements_of(batch: CrystalBatch, row: int) -> set[int]:
    its = slice(batch.pairs.offsets[row], batch.pairs.offsets[row + 1])
    return {*batch.elements[batch.pairs.kinds[its]].tolist(), int(batch.elements[batch.row_species[row]])}


def distances_of(batch: CrystalBatch, row: int) -> object:
    its = slice(batch.pairs.offsets[row], batch.pairs.offsets[row + 1])
    counts = (batch.pairs.shares[its] * 12).round().int().tolist()
    apart = batch.pairs.distances[its].tolist()
    found = sorted(d for d, count in zip(apart, counts, strict=True) for _ in range(count))
    return pytest.approx(found, abs=2e-3)  # neighbours of one kind that differ by less are one


def test_each_kind_has_the_species_of_one_crystal_and_the_geometry_of_another() -> None:
    batches = shown(GIVEN)
    true = batches["true"]
    own = [{site.specie.Z - 1 for site in structure} for structure in GIVEN]
    for row, crystal in enumerate(true.row_crystals.tolist()):
        other = int(true.others.crystals[crystal])
        assert other != crystal
        assert int(true.row_crystals[true.others.rows[row]]) == other
        compared = int(batches["polymorph"].compared[row])
        assert compared == int(true.others.rows[row])
        assert elements_of(batches["polymorph"], compared) <= own[crystal]
        assert elements_of(batches["composition"], row) <= own[other]
        assert elements_of(batches["permutation"], row) <= own[crystal]
        assert distances_of(batches["polymorph"], compared) == distances_of(true, compared).expected
        assert distances_of(batches["composition"], row) == distances_of(true, row).expected
        assert distances_of(batches["permutation"], row) == distances_of(true, row).expected
    assert (true.pairs.rows[true.others.pairs] == true.others.rows[true.pairs.rows]).all()
    assert not true.made_up
    assert all(batches[kind].made_up for kind in ("polymorph", "composition", "permutation"))


def test_a_permutation_that_gives_the_crystal_again_does_not_count() -> None:
    batches = [shown([ROCK_SALT.get_primitive_structure(), IRON, *GIVEN], seed) for seed in range(5)]
    for batch in batches:
        counted, crystals = batch["permutation"].counted, batch["true"].row_crystals
        assert not counted[crystals < 2].any()  # two sites change places, or equal ones do
    assert torch.cat([b["permutation"].counted[b["true"].row_crystals >= 2] for b in batches]).float().mean() > 0.5


def test_a_permutation_that_gives_the_crystal_again_but_for_noise_does_not_count() -> None:
    lattice, rng = Lattice.cubic(4.57), np.random.default_rng(0)
    caesium = Structure(lattice, ["Cs", "I"], np.array([[0, 0, 0], [0.5, 0.5, 0.5]]) + rng.normal(0, 3e-5, (2, 3)))
    for seed in range(5):
        batch = shown([caesium, *GIVEN], seed)
        assert not batch["permutation"].counted[batch["true"].row_crystals == 0].any()


def test_rows_of_another_crystal_are_drawn_as_often_as_they_occur() -> None:
    perovskite = Structure.from_spacegroup(
        "Pm-3m", Lattice.cubic(3.9), ["Sr", "Ti", "O"], [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0]]
    )
    drawn = []
    for seed in range(100):
        true = shown([perovskite, GIVEN[0]], seed)["true"]
        rows = true.others.rows[true.row_crystals == 1]
        drawn += true.elements[true.row_species[rows]].tolist()
    assert np.mean(np.array(drawn) == 7) == pytest.approx(0.6, abs=0.06)


def test_all_chance_comes_from_the_generator() -> None:
    torch.manual_seed(1)
    first = shown(GIVEN)
    torch.manual_seed(2)
    second = shown(GIVEN)
    for name, batch in first.items():
        assert batch.row_species.equal(second[name].row_species)
        assert batch.pairs.kinds.equal(second[name].pairs.kinds)
    assert first["true"].others.pairs.equal(second["true"].others.pairs)

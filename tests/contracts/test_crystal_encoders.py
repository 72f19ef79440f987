"""What every encoder of crystals must do, whoever wrote it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.crystals_at_hand import batch_of, random_structures, store_of

from matscout import registry
from matscout.represent.trainable import Encoder

NAMES = [
    plug_in.name
    for plug_in in registry.plug_ins("encoders")
    if registry.load_class("encoders", plug_in.name).needs == "structure"
]
WIDTH = 16
FLUORITE = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.5), ["Ca", "F"], [[0, 0, 0], [0.25, 0.25, 0.25]])


@pytest.fixture(params=NAMES)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    torch.manual_seed(3)
    made: Encoder = registry.load_class("encoders", request.param)(width=WIDTH)
    return made.eval()


def vectors(encoder: Encoder, structures: list[Structure]) -> np.ndarray:
    with torch.inference_mode():
        return encoder(batch_of(structures)).crystal.numpy()


def test_one_vector_for_each_crystal_and_each_distinct_site(encoder: Encoder) -> None:
    batch = batch_of([FLUORITE, *random_structures(5)])
    output = encoder(batch)
    assert output.crystal.shape == (6, WIDTH)
    assert output.crystal.dtype == torch.float32
    assert output.crystal.isfinite().all()
    if output.sites is not None:
        assert len(output.sites) == len(batch.row_species)


def test_turning_moving_and_renumbering_change_nothing(encoder: Encoder) -> None:
    rng = np.random.default_rng(0)
    given = random_structures(6)
    changed = []
    for structure in given:
        turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        order = rng.permutation(len(structure))
        moved = structure.frac_coords[order] + rng.random(3)
        changed.append(Structure(structure.lattice.matrix @ turn, [structure.species[i] for i in order], moved))
    np.testing.assert_allclose(vectors(encoder, changed), vectors(encoder, given), atol=1e-5)


def test_a_supercell_is_the_crystal(encoder: Encoder) -> None:
    given = [*random_structures(6), FLUORITE.get_primitive_structure()]
    larger = [*(structure * (2, 1, 1) for structure in given[:-1]), FLUORITE]
    np.testing.assert_allclose(vectors(encoder, larger), vectors(encoder, given), atol=1e-5)


def test_sites_that_are_alike_may_be_computed_once_or_each(encoder: Encoder) -> None:
    given = [*random_structures(4), FLUORITE, FLUORITE * (1, 1, 2)]
    with torch.inference_mode():
        each = encoder(store_of(given, merged=False).batch(np.arange(6)))
    np.testing.assert_allclose(each.crystal.numpy(), vectors(encoder, given), atol=1e-5)


def test_the_rest_of_the_batch_and_its_order_do_not_matter(encoder: Encoder) -> None:
    given = random_structures(8)
    whole = vectors(encoder, given)
    for row in (0, 5):
        np.testing.assert_allclose(vectors(encoder, [given[row]])[0], whole[row], atol=1e-5)
    with torch.inference_mode():
        turned = encoder(store_of(given).batch(np.arange(8)[::-1].copy())).crystal.numpy()
    np.testing.assert_allclose(turned[::-1], whole, atol=1e-5)


def test_elements_and_distances_are_seen(encoder: Encoder) -> None:
    magnesium = FLUORITE.copy()
    magnesium.replace_species({"Ca": "Mg"})
    stretched = Structure(Lattice.cubic(5.7), FLUORITE.species, FLUORITE.frac_coords)
    found = vectors(encoder, [FLUORITE, magnesium, stretched])
    other_elements, other_distances = np.abs(found[1:] - found[0]).max(axis=1)
    assert other_distances > 1e-3
    assert other_elements > 1e-3 if encoder.sees_elements else other_elements < 1e-6


def test_settings_and_weights_make_the_same_encoder_again(encoder: Encoder) -> None:
    again = type(encoder)(**encoder.settings)
    again.load_state_dict(encoder.state_dict())
    np.testing.assert_array_equal(vectors(again.eval(), random_structures(4)), vectors(encoder, random_structures(4)))
    assert again.listed.tolist() == encoder.listed.tolist()


def test_32_random_labels_are_learnt_by_heart(encoder: Encoder) -> None:
    torch.manual_seed(0)
    head, batch, labels = torch.nn.Linear(WIDTH, 1), batch_of(random_structures(32)), torch.randn(32, 1)
    optimiser = torch.optim.Adam([*encoder.train().parameters(), *head.parameters()], lr=1e-3)
    for _ in range(400):
        optimiser.zero_grad()
        loss = (head(encoder(batch).crystal) - labels).square().mean()
        if loss.item() < 0.05:
            break
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.05
